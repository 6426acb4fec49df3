"""Of which kind each setting is, so that one form can have any of them."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

from odziv.settings import LANGUAGES

TEXT, WORDS, CHOICES, TICK, NUMBER, SHARE = "text", "words", "choices", "tick", "number", "share"
LINES, ORIGINS = "lines", "origins"
# By pattern of the key; what is not here is TEXT.
KINDS = {
    "languages": CHOICES,
    "sites/*/languages": CHOICES,
    "sites/*/origins": ORIGINS,
    "sites/*/tags": LINES,
    "sites/*/launcher/*": WORDS,
    "sites/*/greeting/*": WORDS,
    "sites/*/person": TICK,
}


def kind_of(key: str) -> str:
    """The kind of a setting."""
    return next((kind for pattern, kind in KINDS.items() if fnmatchcase(key, pattern)), TEXT)


def read_value(key: str, sent: Mapping[str, str]) -> Any:
    """What a form sent for a setting, as JSON; None where there is to be no value.

    What should be a number and is none stays a text, which the settings refuse in their own words.
    """
    text = sent.get(key, "").replace("\r\n", "\n").strip()
    match kind_of(key):
        case "words":
            return text or None
        case "lines":
            return [line.strip() for line in text.split("\n") if line.strip()]
        case "origins":  # as an address bar has them
            return [line.strip().lower().removesuffix("/") for line in text.split("\n") if line.strip()]
        case "choices":
            return [code for code in LANGUAGES if sent.get(f"{key}/{code}") == "1"]
        case "tick":
            return text == "1"
        case "number":
            return (int(text) if text.isascii() and text.isdigit() and len(text) < 10 else text) if text else None
        case "share":
            return _read_share(text)
        case _:
            return text


def _read_share(text: str) -> Any:
    try:
        return round(float(text.replace(",", ".")) / 100, 6) if text else None
    except ValueError:
        return text
