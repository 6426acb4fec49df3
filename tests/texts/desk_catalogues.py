"""Catalogues of the desk's texts for tests: such as hold what a test says, and none else."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from babel import Locale
from babel.messages import Message
from babel.messages.plurals import get_plural

from odziv.texts.desk import catalogues, extraction, rewording

OPEN, CLOSE = "⟦", "⟧"


def write_catalogue(monkeypatch: pytest.MonkeyPatch, folder: Path, language: str, messages: str) -> None:
    """Puts a catalogue of these messages in place of the product's, for as long as the test takes."""
    forms = get_plural(Locale.parse(language)).plural_forms
    head = f'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n"Plural-Forms: {forms};\\n"\n\n'
    (folder / f"{language}.po").write_text(head + messages, "utf-8")
    monkeypatch.setattr(catalogues, "FOLDER", folder)
    for name in ("is_complete", "read", "texts_of_scripts"):
        monkeypatch.setattr(catalogues, name, cache(getattr(catalogues, name).__wrapped__))
    monkeypatch.setattr(rewording, "patterns_of", cache(rewording.patterns_of.__wrapped__))


def offer(monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    """Offers a language beside English, whatever is said of its catalogue."""
    monkeypatch.setattr(catalogues, "is_complete", lambda asked: asked == language)


def in_brackets() -> str:
    """The messages of a catalogue that says each of the code's messages as it is, in brackets."""
    return "\n".join(_entry(message) for message in catalogues.messages_of(extraction.gather()))


def _entry(message: Message) -> str:
    one, *more = message.id if isinstance(message.id, tuple) else (message.id,)
    lines = [f"#: {place}" for place, _line in message.locations]
    lines += [f"msgctxt {_quote(message.context)}"] if message.context else []
    lines += [f"msgid {_quote(one)}"]
    if not more:
        return "\n".join([*lines, f"msgstr {_quote(OPEN + one + CLOSE)}\n"])
    forms = [f"msgstr[{form}] {_quote(OPEN + more[0] + CLOSE)}" for form in range(4)]
    return "\n".join([*lines, f"msgid_plural {_quote(more[0])}", *forms]) + "\n"


def _quote(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
