"""Says the desk's sentences in the language of whoever is reading.

The message is the English sentence itself, with its values named: `_("Saved: %(name)s.", name=name)`. A sentence that
is said later than its line is read (a table of words, a form's field) is marked by `N_`, and said by `_` when it is.
Outside of a page of the desk (interface for programs, workers, commands) English is spoken.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar, Token
from typing import Any, TypeVar

from babel.numbers import format_decimal

from odziv.settings import LOCALES, REFERENCE
from odziv.texts.desk import catalogues

Key = TypeVar("Key")
_SPOKEN: ContextVar[str] = ContextVar("desk_language", default=REFERENCE)


def _(message: str, /, **values: Any) -> str:
    """The sentence in the language spoken, with its values put in; a percent sign is written twice."""
    return catalogues.read(spoken()).gettext(message) % values


def ngettext(singular: str, plural: str, num: int, /, **values: Any) -> str:
    """The form that the language has for a number; the number itself is `%(num)s`, as the language writes it."""
    return catalogues.read(spoken()).ngettext(singular, plural, num) % {"num": number(num), **values}


def pgettext(context: str, message: str, /, **values: Any) -> str:
    """As `_`, for a word that means several things: `context` says which."""
    return catalogues.read(spoken()).pgettext(context, message) % values


def N_(message: str) -> str:
    """The message itself, to be said later: so the catalogues hear of it."""
    return message


def said(words: Mapping[Key, str]) -> dict[Key, str]:
    """A table of messages that `N_` marks, each in the language spoken."""
    return {key: _(message) for key, message in words.items()}


def number(value: float) -> str:
    """A number as the language spoken writes it: "10,000", "10.000", "10 000"."""
    return str(format_decimal(value, locale=LOCALES[spoken()]))


def spoken() -> str:
    """The code of the language that is spoken now."""
    return _SPOKEN.get()


def speak(language: str) -> Token[str]:
    """Speaks that language from now on, in this thread; English for one that isn't offered."""
    return _SPOKEN.set(language if language in catalogues.offered_languages() else REFERENCE)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Speaks a language for as long as the block takes."""
    token = speak(language)
    try:
        yield
    finally:
        _SPOKEN.reset(token)
