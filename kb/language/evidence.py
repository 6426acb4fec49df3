"""What the words of a text say about its language: learnt beforehand from texts in each (learn.py), read from a file.

A word is its letters, one to five at a time, and itself. Each of these has a learnt weight for each language; their
sum is the logarithm of how likely the language is. Names say little; numbers, addresses and links nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import islice
from pathlib import Path
from zlib import crc32

import numpy as np
import yaml

from kb.language.text import fold

LEARNT = Path(__file__).with_name("learnt.npz")
COMMON = Path(__file__).with_name("common.yml")
ROWS = 2**15  # of weights; two parts of words that fall on the same row share it
LONGEST_PART = 5  # letters
MOST_WORDS = 100  # that are looked at; the language of a long text is plain by then
# How much one word may tell one language from another: a common one, any other, and what looks like a name.
MOST_COMMON, MOST_OTHER, MOST_NAME = 8.0, 4.0, 1.0
WHOLE = 2.0  # what speaks for a language besides when all words but names are common ones of it
# Between spaces: what has one of these tells nothing as a whole; what else tells nothing within it.
NO_LANGUAGE = re.compile(r"@|[\w}]/|\w\.(?:com|net|org|eu|info|example)\b|\d")
NO_WORDS = re.compile(r"www\.\S+|{\w*}")
BETWEEN_SPACES = re.compile(r"\S+")
WORD = re.compile(r"[^\W\d_]+")
GOES_ON = re.compile(r"[^.!?…:;\n\"„»“(\[–]*")  # between two words of a sentence


class Evidence:
    """The learnt weights. Safe to share between threads."""

    def __init__(self, languages: Sequence[str], weights: np.ndarray):
        """Take `weights` of ROWS × languages, in natural logarithms."""
        self.languages, self._weights = tuple(languages), weights

    @classmethod
    def load(cls, path: Path = LEARNT) -> Evidence:
        """Return what learn.py has kept."""
        with np.load(path) as kept:
            weights = kept["weights"].astype(np.float32) * np.float32(kept["unit"])
            return cls([str(language) for language in kept["languages"]], weights)

    def save(self, path: Path) -> None:
        """Keep it, a byte for a weight."""
        unit = np.abs(self._weights).max() / 127
        weights = np.round(self._weights / unit).astype(np.int8)
        np.savez_compressed(path, weights=weights, unit=np.float32(unit), languages=np.array(self.languages))

    def weigh(self, text: str) -> dict[str, float]:
        """Return how much speaks for each learnt language, as logarithms: the likeliest has the most."""
        found = telling_words(text)
        if not found:
            return dict.fromkeys(self.languages, 0.0)
        parts = [parts_of(word) for word, _ in found]
        starts = np.cumsum([0, *map(len, parts[:-1])])
        each = np.add.reduceat(self._weights[np.concatenate(parts)], starts, axis=0)
        least = -np.array([most for _, most in found], dtype=np.float32)
        bounded = np.maximum(each - each.max(axis=1, keepdims=True), least[:, None])
        weights = dict(zip(self.languages, map(float, bounded.sum(axis=0)), strict=True))
        return {code: weight + WHOLE * has_all(found, code) for code, weight in weights.items()}


@lru_cache(maxsize=1)
def load_evidence() -> Evidence:
    """Return the evidence that comes with the product."""
    return Evidence.load()


@lru_cache(maxsize=1)
def read_common() -> Mapping[str, frozenset[str]]:
    """Return the common words of each language (common.yml), folded."""
    entries = yaml.safe_load(COMMON.read_text(encoding="utf-8"))
    return {language: frozenset(WORD.findall(fold(text))) for language, text in entries.items()}


def has_all(found: Sequence[tuple[str, float]], language: str) -> bool:
    """Return whether all these words but names, with how much they may tell, are common ones of a language."""
    plain = [fold(word) for word, most in found if most > MOST_NAME]
    return bool(plain) and read_common()[language].issuperset(plain)


def is_common(word: str) -> bool:
    """Return whether any language has it among its common words."""
    return any(fold(word) in own for own in read_common().values())


def telling_words(text: str) -> list[tuple[str, float]]:
    """Return the words that may tell the language, in lower case, each with how much it may tell; no numbers or links.

    A word with a capital within a sentence is taken for a name, unless the whole text is in capitals.
    """
    plain = BETWEEN_SPACES.sub(_as_language, text)
    found, is_loud = [], text.isupper()
    end = 0
    for match in islice(WORD.finditer(plain), MOST_WORDS):
        word, is_within = match.group(), end and GOES_ON.fullmatch(plain, end, match.start()) is not None
        is_name = is_within and word[0].isupper() and not is_loud
        found.append((word.lower(), MOST_COMMON if is_common(word) else MOST_NAME if is_name else MOST_OTHER))
        end = match.end()
    return found


def _as_language(found: re.Match[str]) -> str:
    """Return what stands between two spaces without the addresses, links, numbers and names of fields in it."""
    said = found.group()
    return " 0 " if NO_LANGUAGE.search(said) else NO_WORDS.sub(" 0 ", said)


def parts_of(word: str) -> list[int]:
    """Return the rows of the weights that `word` has."""
    bounded = f" {word} "
    parts = [
        bounded[start : start + length]
        for length in range(1, LONGEST_PART + 1)
        for start in range(len(bounded) - length + 1)
    ]
    return [crc32(part.encode()) % ROWS for part in (*parts, f"={word}")]
