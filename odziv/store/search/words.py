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


def begins_near(word: str, other: str, most: int) -> bool:
    """Whether the other begins with this word, but for `most` errors: a letter more, less or other, or two swapped."""
    same = next((at for at, (one, two) in enumerate(zip(word, other, strict=False)) if one != two), None)
    if same is None:
        return len(word) - len(other) <= most
    if most == 0:
        return False
    rest, there = word[same:], other[same:]
    is_swapped = len(there) > 1 and rest[:2] == there[1] + there[0]
    return (
        begins_near(rest[1:], there[1:], most - 1)
        or begins_near(rest[1:], there, most - 1)
        or begins_near(rest, there[1:], most - 1)
        or (is_swapped and begins_near(rest[2:], there[2:], most - 1))
    )
