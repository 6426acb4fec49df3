"""The lexical side: weighted character n-grams, blind to case and diacritics, forgiving of typos and endings."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from scipy.sparse import csr_matrix

from kb.language.text import fold, one_line

SIZES = (2, 3, 4)
# n-grams are named by a polynomial hash over their characters, kept below 2^40: two in a vocabulary of a million
# share a name about once. Hashing with numpy takes a tenth of the time of a dictionary, and runs at every save.
FACTOR, SPACE = 1_000_003, 2**40 - 87


class CharGrams:
    """TF-IDF (sublinear, smoothed) over the 2- to 4-character sequences of folded text; rows have unit length."""

    def __init__(self, texts: Sequence[str]):
        """Learn the sequences and their weights from `texts`."""
        counted = [_remembered(text) for text in texts]
        lengths = [len(grams) for grams, _ in counted]
        grams = np.concatenate([grams for grams, _ in counted]) if counted else np.zeros(0, dtype=np.int64)
        self._vocabulary, columns = np.unique(grams, return_inverse=True)
        found_in = np.bincount(columns, minlength=len(self._vocabulary))
        self._idf = (np.log((1 + len(texts)) / (1 + found_in)) + 1).astype(np.float32)
        self.rows = self._weighted(columns, [counts for _, counts in counted], lengths)
        self._across = self.rows.T.tocsr()  # turned once: turning it for every message takes longer than the rest

    def alike(self) -> np.ndarray:
        """Return how alike the learnt texts are to each other, 0 to 1."""
        return self.compare(self.rows)

    def similarity(self, texts: Sequence[str], *, remember: bool = False) -> np.ndarray:
        """Return texts × learnt texts, 0 to 1; for `remember` see `transform`."""
        return self.compare(self.transform(texts, remember=remember))

    def compare(self, rows: csr_matrix) -> np.ndarray:
        """Return the same for `rows` that `transform` made, or for some of the learnt ones."""
        return (rows @ self._across).toarray()

    def transform(self, texts: Sequence[str], *, remember: bool = False) -> csr_matrix:
        """Return one unit row for each text (all zeros when it shares no sequence with what was learnt).

        `remember` is for texts of our own that come again at every save; never for what customers write.
        """
        all_columns, all_counts, lengths = [], [], []
        for grams, counts in map(_remembered if remember else count_grams, texts):
            columns = np.searchsorted(self._vocabulary, grams)
            known = columns < len(self._vocabulary)
            known[known] = self._vocabulary[columns[known]] == grams[known]
            all_columns.append(columns[known])
            all_counts.append(counts[known])
            lengths.append(int(known.sum()))
        return self._weighted(np.concatenate(all_columns) if all_columns else np.zeros(0, int), all_counts, lengths)

    def _weighted(self, columns: np.ndarray, counts: list[np.ndarray], lengths: list[int]) -> csr_matrix:
        width = max(len(self._vocabulary), 1)
        if not len(columns):
            return csr_matrix((len(lengths), width), dtype=np.float32)
        row = np.repeat(np.arange(len(lengths)), lengths)
        values = (1 + np.log(np.concatenate(counts))).astype(np.float32) * self._idf[columns]
        norm = np.sqrt(np.bincount(row, values**2, minlength=len(lengths))).astype(np.float32)
        starts = np.concatenate(([0], np.cumsum(lengths)))
        return csr_matrix((values / norm[row], columns, starts), shape=(len(lengths), width))


def count_grams(text: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the names of the n-grams of `text`, ascending, and how often each is in it."""
    # A space at both ends makes the start and end of the text count as the edge of a word.
    letters = np.array([ord(c) for c in f" {one_line(fold(text))} "], dtype=np.int64)
    names = []
    for size in SIZES:
        name = np.full(max(len(letters) - size + 1, 0), size, dtype=np.int64)
        for offset in range(size):
            name = (name * FACTOR + letters[offset : offset + len(name)]) % SPACE
        names.append(name)
    return np.unique(np.concatenate(names), return_counts=True)


_remembered = lru_cache(maxsize=50_000)(count_grams)
