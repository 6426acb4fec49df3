"""The texts the system itself says to a customer, in the customer's language."""

from __future__ import annotations

from functools import cache

import yaml

from odziv.texts import FOLDER


@cache
def _texts() -> dict[str, dict[str, str]]:
    texts: dict[str, dict[str, str]] = yaml.safe_load((FOLDER / "notices.yml").read_text(encoding="utf-8"))
    return texts


def notice(key: str, language: str, **values: str) -> str:
    """The text under `key`, in English where a language is missing. Raises KeyError for an unknown key."""
    texts = _texts()[key]
    return texts.get(language, texts["en"]).format(**values)
