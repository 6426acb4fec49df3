"""What was found, in its sentence, with the words marked."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from odziv.store.search.words import Word, compose, split

MOST_LETTERS = 220  # characters around the first word that was found
BEFORE = 80  # of these, before it
END_OF_SENTENCE = ".!?…\n"


@dataclass(frozen=True)
class Piece:
    """A part of a text, and whether it is one of the words that were looked for."""

    text: str
    is_marked: bool


def mark(text: str, words: Collection[str], beginnings: Collection[str] = ()) -> list[Piece]:
    """The sentence with the first of these folded words, or with one of these beginnings; without one, how it begins.

    Line breaks are spaces; "…" stands where something was left out.
    """
    text = compose(text)
    found = [word for word in split(text) if word.folded in words or word.folded.startswith(tuple(beginnings))]
    start, end = _cut(text, found[0] if found else None)
    pieces = [Piece("…", False)] if start else []
    at = start
    for word in found:
        if word.start < at or word.end > end:
            continue
        pieces += _plain(text[at : word.start]) + [Piece(text[word.start : word.end], True)]
        at = word.end
    return [*pieces, *_plain(text[at:end]), *([Piece("…", False)] if end < len(text.rstrip()) else [])]


def _plain(text: str) -> list[Piece]:
    line = "".join(" " if letter.isspace() else letter for letter in text)
    return [Piece(line, False)] if line else []


def _cut(text: str, word: Word | None) -> tuple[int, int]:
    """From where to where: the sentence around the word, and no more than MOST_LETTERS."""
    if word is None:
        return 0, min(len(text), MOST_LETTERS)
    start = max(text.rfind(sign, 0, word.start) for sign in END_OF_SENTENCE) + 1
    if word.start - start > BEFORE:
        start = text.find(" ", word.start - BEFORE, word.start) + 1 or word.start
    while start < word.start and text[start].isspace():
        start += 1
    end = min(len(text), max(start + MOST_LETTERS, word.end))
    if end < len(text):
        end = max(text.rfind(" ", word.end, end), word.end)
    return start, end
