"""What Rasa says without looking anything up, as responses of its domain."""

from __future__ import annotations

from typing import Any

from odziv.settings import REFERENCE
from odziv.texts.catalogue import CATALOGUE

Responses = dict[str, list[dict[str, Any]]]


def write_responses() -> Responses:
    """Each response's variations: those of a language have it as their condition, English serves every other one."""
    said: Responses = {}
    for language, texts in CATALOGUE.by_language("small_talk").items():
        condition = {"condition": [{"type": "slot", "name": "language", "value": language}]}
        for name, variations in texts.items():
            own = {} if language == REFERENCE else condition
            said.setdefault(name, []).extend({"text": text, **own} for text in variations)
    return said
