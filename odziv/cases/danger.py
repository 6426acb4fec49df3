"""Whether a customer writes of harming themselves, or of danger to life. Looked at first, before the bot is asked.

Careful and plain: patterns over folded words (danger.yml), so that it works without Rasa and the knowledge base, and
whatever they would make of such a message.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import ascii_lowercase
from typing import Any

import yaml

from kb.language.text import fold

KINDS = ("self", "acute")
SIGNS = Path(__file__).with_name("danger.yml")
MOST_READ = 20_000  # characters; a message is never longer
_APOSTROPHES = re.compile(r"(?<=\w)['’‘`´](?=\w)")
_STRETCHED = re.compile(r"([^\W\d_])\1{2,}")  # "dieeee"
_WORD_OR_END = re.compile(r"[^\W_]+|[.!?;…\n](?:[^\w]|_)*")
_GAPS = {"... ": r"(?:\S+ ){0,12}", ".. ": r"(?:\w+ ){0,3}"}
# Words that may be repeated, six times at most: without an end, "da da da …" would take the square of its length.
_REPEATED = {" )*": " ){0,6}", " )+": " ){1,6}"}


@dataclass(frozen=True)
class Danger:
    """What somebody's words say: `kind` is "self" (they may harm themselves) or "acute" (danger at this moment)."""

    kind: str
    languages: tuple[str, ...]

    def language(self, known: str, served: Sequence[str]) -> str:
        """Which language to speak: the known one when the words may be in it, else theirs when it is served."""
        return next((each for each in (known, *self.languages) if each in self.languages and each in served), known)


def find_danger(text: str) -> Danger | None:
    """What the words of a customer say of danger, and in which languages; None when they say nothing of it.

    They are read as every language there is: people in distress don't mind which one a page is in.
    """
    plain = _plain(text[:MOST_READ])
    found = {language: kind for language in read_signs() if (kind := _kind(plain, read_signs()[language]))}
    if not found:
        return None
    kind = next(kind for kind in KINDS if kind in found.values())
    return Danger(kind, tuple(language for language, its in found.items() if its == kind))


@dataclass(frozen=True)
class Signs:
    """The signs of one language: how its words may be misspelt, and the patterns of danger.yml."""

    spelling: dict[str, str]
    self: re.Pattern[str]
    acute: re.Pattern[str]

    def correct(self, plain: str) -> str:
        """The text with the misspelt words put right."""
        return " ".join(self.spelling.get(word, word) for word in plain.split(" "))


def _kind(plain: str, signs: Signs) -> str | None:
    read = read_idioms().sub("…", signs.correct(plain))
    return next((kind for kind in KINDS if getattr(signs, kind).search(read)), None)


def _plain(text: str) -> str:
    """Folded words with one space between, and a full stop where a sentence ends."""
    folded = _STRETCHED.sub(r"\1", _APOSTROPHES.sub("", fold(text)))
    return " ".join(part if part.isalnum() else "." for part in _WORD_OR_END.findall(folded))


@cache
def read_signs() -> dict[str, Signs]:
    """The signs of each language."""
    return {
        language: Signs(_spelling(lists), *(_pattern(lists[kind], lists["words"]) for kind in KINDS))
        for language, lists in _lists().items()
    }


def _spelling(lists: dict[str, Any]) -> dict[str, str]:
    """What stands for what: misspelt words, but for those that the patterns themselves know, and informal ones."""
    known = set(re.findall(r"\w+", " ".join([*lists["self"], *lists["acute"], *lists["words"].values()])))
    typos = {typo: word for word in lists["spelling"].split() for typo in _misspelt(word) if typo not in known}
    return {**typos, **lists["informal"]}


@cache
def read_idioms() -> re.Pattern[str]:
    """What only sounds like danger, of all languages."""
    return _pattern([each for lists in _lists().values() for each in lists["idioms"]], {})


@cache
def _lists() -> dict[str, dict[str, Any]]:
    lists: dict[str, dict[str, Any]] = yaml.safe_load(SIGNS.read_text(encoding="utf-8"))
    return lists


def _pattern(patterns: list[str], named: dict[str, str]) -> re.Pattern[str]:
    """One pattern that finds any of them, from a word's beginning to a word's end."""
    text = "|".join(f"(?:{each})" for each in patterns)
    for short, long in (_GAPS | _REPEATED | {f"{{{name}}}": f"(?:{words})" for name, words in named.items()}).items():
        text = text.replace(short, long)
    return re.compile(rf"(?<!\w)(?:{text})(?!\w)")


def _misspelt(word: str) -> Iterator[str]:
    """The word with one letter missing, wrong, added, or two swapped; the first letter is right."""
    for place in range(1, len(word) + 1):
        head, tail = word[:place], word[place:]
        yield head + tail[1:]
        yield head + tail[1:2] + tail[:1] + tail[2:]
        for letter in ascii_lowercase:
            yield head + letter + tail
            yield head + letter + tail[1:]
