"""Whether a customer declares something with legal effect, or announces legal steps; looked at before the bot is asked.

Phrases of a list that operators may change (legal.yml). A question about withdrawing is none: the bot answers it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from kb.language.text import fold
from odziv.settings import BadSetting
from odziv.settings.languages import Language
from odziv.texts.moments import say_date, say_time
from odziv.texts.notices import notice

Kind = Literal["withdrawal", "authority"]
MOST_READ = 20_000  # characters; a message is never longer
BEFORE = 6  # words before a withdrawal, among which one of `unless` makes it none
_APOSTROPHES = re.compile(r"(?<=\w)['’‘`´](?=\w)")
_WORD_OR_END = re.compile(r"[^\W_]+|[.!?;…\n]+(?:[^\w]|_)*")
_END = "."
_BETWEEN = r"(?:\w+ ){0,5}"
_PHRASE = re.compile(r"[^\W_]+\*?(?:/[^\W_]+\*?)*|\.\.")

Phrase = Annotated[str, Field(min_length=1, max_length=1000)]


class _Lists(BaseModel):
    """The lists of one language in the file."""

    model_config = ConfigDict(extra="forbid")
    withdrawal: list[Phrase] = []
    authority: list[Phrase] = []
    unless: str = ""
    unless_beside: str = ""


@dataclass(frozen=True)
class _Patterns:
    withdrawal: re.Pattern[str] | None
    authority: re.Pattern[str] | None
    unless: frozenset[str]
    unless_beside: frozenset[str]


class Declarations:
    """The phrases of a file, by language. Raises BadSetting for one that can't be read."""

    def __init__(self, file: Path) -> None:
        try:
            written = yaml.safe_load(file.read_text(encoding="utf-8"))
            lists = TypeAdapter(dict[Language, _Lists]).validate_python(written or {})
            self._languages = {language: _compile(own) for language, own in lists.items()}
        except (OSError, ValueError, yaml.YAMLError, ValidationError) as error:
            raise BadSetting(f"odziv.legal: {file} can't be used: {error}. See odziv/cases/legal/legal.yml.") from error

    def find(self, text: str, language: str) -> Kind | None:
        """What a customer's words declare; None for all others. They are read in their language alone."""
        patterns = self._languages.get(language)
        if patterns is None:
            return None
        sentences = _sentences(text[:MOST_READ])
        if any(_declares(patterns, sentence) for sentence in sentences):
            return "withdrawal"
        called = patterns.authority and any(patterns.authority.search(sentence) for sentence in sentences)
        return "authority" if called else None


def say_receipt(kind: Kind, moment: int, time_zone: str, language: str) -> str:
    """What a customer reads: when it arrived (`moment`, in milliseconds), and that a person has it."""
    then = datetime.fromtimestamp(moment / 1000, ZoneInfo(time_zone))
    return notice(f"legal_{kind}", language, date=say_date(then.date(), language), time=say_time(then, language))


def _declares(patterns: _Patterns, sentence: str) -> bool:
    """Whether one of the phrases is in a sentence, and neither asked, nor supposed, nor denied in it."""
    for found in patterns.withdrawal.finditer(sentence) if patterns.withdrawal else ():
        before, within = sentence[: found.start()].split(), found.group().split()
        if patterns.unless.isdisjoint(before[-BEFORE:]) and patterns.unless_beside.isdisjoint(before[-1:] + within):
            return True
    return False


def _sentences(text: str) -> Sequence[str]:
    """The folded words of each sentence, with one space after each."""
    folded = _APOSTROPHES.sub("", fold(text))
    plain = " ".join(part if part.isalnum() else _END for part in _WORD_OR_END.findall(folded))
    return [f"{sentence.strip()} " for sentence in plain.split(_END) if sentence.strip()]


def _compile(lists: _Lists) -> _Patterns:
    unless, beside = (frozenset(fold(words).split()) for words in (lists.unless, lists.unless_beside))
    return _Patterns(_pattern(lists.withdrawal), _pattern(lists.authority), unless, beside)


def _pattern(phrases: Sequence[str]) -> re.Pattern[str] | None:
    """One pattern that finds any of the phrases; None for none. Raises ValueError for what is no phrase."""
    return re.compile("|".join(rf"\b(?:{_read(phrase)})" for phrase in phrases)) if phrases else None


def _read(phrase: str) -> str:
    parts = phrase.split()
    unknown = next((part for part in parts if not _PHRASE.fullmatch(part)), None)
    if unknown is not None or ".." in (parts[0], parts[-1]):
        raise ValueError(f"{phrase!r} is no phrase; write words, word*, this/that and .. between them")
    return "".join(_BETWEEN if part == ".." else f"(?:{_words(part)}) " for part in parts)


def _words(part: str) -> str:
    return "|".join(re.escape(fold(word)).replace(r"\*", r"\w*") for word in part.split("/"))
