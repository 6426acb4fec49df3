"""Text as words that can be compared: without case and diacritics, "Žółć, đak" → "zolc", "dak"."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

# Letters that carry their stroke inside, so that Unicode decomposition does not take it off.
STROKES = str.maketrans({"ł": "l", "đ": "d", "ø": "o", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ŧ": "t", "ð": "d"})
WORD = re.compile(r"[^\W_]+")
MOST_LETTERS = 40  # longer ones are keys and codes, known by how they begin
MOST_WORDS = 5000  # of one text; what comes after is not looked at


@dataclass(frozen=True)
class Word:
    """A word of a text: where it stands in the text, and how it is compared."""

    start: int
    end: int
    folded: str


def compose(text: str) -> str:
    """The text with each letter and its accents as one character, as `split` counts them."""
    return unicodedata.normalize("NFC", text)


def fold_word(word: str) -> str:
    """One word without case and diacritics, cut to MOST_LETTERS; may be empty."""
    decomposed = unicodedata.normalize("NFKD", word.casefold().translate(STROKES))
    return "".join(letter for letter in decomposed if letter.isalnum())[:MOST_LETTERS]


def split(text: str) -> Iterator[Word]:
    """The words of a composed text, in order."""
    for found in WORD.finditer(text):
        if folded := fold_word(found.group()):
            yield Word(found.start(), found.end(), folded)


def fold(text: str) -> str:
    """The words of any text, folded, with one space between them."""
    words = (word.folded for word in split(compose(text)))
    return " ".join(word for word, _ in zip(words, range(MOST_WORDS), strict=False))


def is_near(one: str, other: str, most: int) -> bool:
    """Whether one word becomes the other with at most `most` errors: a letter more, less, another, or two swapped."""
    if abs(len(one) - len(other)) > most:
        return False
    one, other = _without_common_ends(one, other)
    if len(one) <= 1 and len(other) <= 1:
        return bool(one or other) <= most
    if len(one) == 2 and one == other[::-1]:
        return most >= 1
    # Each error leaves at most one letter of either word that the other one lacks.
    return most > 1 and len(set(one) ^ set(other)) <= 2 * most and _count_errors(one, other) <= most


def _without_common_ends(one: str, other: str) -> tuple[str, str]:
    while one and other and one[0] == other[0]:
        one, other = one[1:], other[1:]
    while one and other and one[-1] == other[-1]:
        one, other = one[:-1], other[:-1]
    return one, other


def _count_errors(one: str, other: str) -> int:
    """The optimal string alignment distance."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        row = [i]
        for j, there in enumerate(other, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter != there))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == there:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, last = last, row
    return last[-1]
