"""Catalogues of the desk's texts for tests: such as hold what a test says, and none else."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from babel import Locale
from babel.messages.plurals import get_plural

from odziv.texts.desk import catalogues, rewording


def write_catalogue(monkeypatch: pytest.MonkeyPatch, folder: Path, language: str, messages: str) -> None:
    """Puts a catalogue of these messages in place of the product's, for as long as the test takes."""
    forms = get_plural(Locale.parse(language)).plural_forms
    head = f'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n"Plural-Forms: {forms};\\n"\n\n'
    (folder / f"{language}.po").write_text(head + messages, "utf-8")
    monkeypatch.setattr(catalogues, "FOLDER", folder)
    for name in ("is_complete", "read", "texts_of_scripts"):
        monkeypatch.setattr(catalogues, name, cache(getattr(catalogues, name).__wrapped__))
    monkeypatch.setattr(rewording, "patterns_of", cache(rewording.patterns_of.__wrapped__))
