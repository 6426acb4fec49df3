"""Languages nobody is answered in here: which one is a text plainly in, and which of ours is nearest to it?

Told by words and letters that only that language has. A detector would have to choose among a dozen languages, most of
whose short texts it confuses; whom it would find besides are customers who are answered in the page's language anyway.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from kb.language.text import fold, words

MIN_VOTES = 2  # words of a language before it is believed


@dataclass(frozen=True)
class Neighbour:
    """A language: its telling words (folded), its letters, ours from the nearest on, how it names each of ours.

    `is_sister`: it shares most words with the nearest of ours, whose words in a text then say nothing against it.
    """

    code: str
    words: frozenset[str]
    letters: frozenset[str]
    nearest: tuple[str, ...]
    is_sister: bool
    note: str
    names: Mapping[str, str]


@lru_cache(maxsize=1)
def read_neighbours() -> tuple[Neighbour, ...]:
    """The languages of neighbours.yml."""
    entries = yaml.safe_load(Path(__file__).with_name("neighbours.yml").read_text(encoding="utf-8"))
    return tuple(
        Neighbour(
            code=code,
            words=frozenset(entry["words"].split()),
            letters=frozenset(entry.get("letters", "")),
            nearest=tuple(entry["names"]),
            is_sister=entry.get("is_sister", False),
            note=entry["note"],
            names=entry["names"],
        )
        for code, entry in entries.items()
    )


def find_neighbour(text: str, votes: Mapping[str, int]) -> Neighbour | None:
    """Return the language that is none of ours and that `text` is plainly in; None when there is none.

    `votes` counts the words that tell for each of our languages.
    """
    told = {(fold(word), frozenset(word.lower())) for word in words(text)}
    found = max(read_neighbours(), key=lambda neighbour: count_votes(told, neighbour))
    count = count_votes(told, found)
    against = [number for code, number in votes.items() if not (found.is_sister and code == found.nearest[0])]
    return found if count >= MIN_VOTES and count > max(against, default=0) else None


def count_votes(told: Set[tuple[str, frozenset[str]]], neighbour: Neighbour) -> int:
    """Return how many different words are that language's own; each comes folded and with its letters."""
    return sum(plain in neighbour.words or not neighbour.letters.isdisjoint(letters) for plain, letters in told)


def nearest_served(neighbour: Neighbour, languages: Sequence[str]) -> str | None:
    """Return the nearest of `languages` that its speakers may be expected to read; None when there is none."""
    return next((code for code in neighbour.nearest if code in languages), None)


def note_for(neighbour: Neighbour, language: str) -> str | None:
    """Return what to tell them, in their own language: that `language` is what we answer in. None: no words for it."""
    name = neighbour.names.get(language)
    return neighbour.note.format(language=name) if name else None
