"""The letters' side of the topics: words, pieces of words and pairs of words, each as a short row that was learnt.

What is misspelt, shortened or said in dialect still has pieces of what it stands for: "kej me pride poštnina",
"pošilka", "rabm račun". The encoder makes nothing of many such words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np

from kb.language.text import fold, words

SIZES = (3, 4, 5)  # letters of a piece, the edges of its word counted
LONGEST, MOST_WORDS = 30, 60  # letters of a word, words of a text that are looked at


@dataclass(frozen=True)
class Pieces:
    """The pieces that were learnt, by name, with a row for each.

    `known` are their names, ascending; `rows` (pieces × directions) are whole numbers of `scale`.
    """

    known: np.ndarray
    rows: np.ndarray
    scale: float

    @classmethod
    def none(cls) -> Pieces:
        """Return that no piece is known: texts have no directions."""
        return cls(np.zeros(0, dtype=np.uint32), np.zeros((0, 0), dtype=np.int8), 1.0)

    def directions(self, texts: Sequence[str]) -> np.ndarray:
        """Return texts × directions: the sum of a text's rows, less the more it has; zeros where none is known."""
        result = np.zeros((len(texts), self.rows.shape[1]), dtype=np.float32)
        for row, text in zip(result, texts, strict=True):
            if len(found := places(text, self.known)):
                row[:] = self.rows[found].sum(axis=0, dtype=np.float32) * (self.scale / len(found) ** 0.5)
        return result


def places(text: str, known: np.ndarray) -> np.ndarray:
    """Return where in `known` (names, ascending) the pieces of a text stand; those not there are left out."""
    names = piece_names(text)
    if not len(known):
        return np.zeros(0, dtype=np.intp)
    found = np.minimum(np.searchsorted(known, names), len(known) - 1)
    return found[known[found] == names]


def piece_names(text: str) -> np.ndarray:
    """Return the names of a text's pieces, each once, ascending: whole numbers below 2^32."""
    return np.array(sorted({crc32(piece.encode()) for piece in pieces(text)}), dtype=np.uint32)


def pieces(text: str) -> Iterator[str]:
    """Yield each word (as "=word"), the sequences of letters in it, its edges being "<" and ">", and pairs of words."""
    said = [word[:LONGEST] for word in words(fold(text))[:MOST_WORDS]]
    for word in said:
        yield f"={word}"
        edged = f"<{word}>"
        for size in SIZES:
            yield from (edged[start : start + size] for start in range(len(edged) - size + 1))
    yield from (f"{one} {two}" for one, two in zip(said, said[1:], strict=False))
