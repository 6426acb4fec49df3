"""The texts the system itself says to a customer, in the customer's language."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml


@cache
def _texts() -> dict[str, dict[str, str]]:
    return yaml.safe_load((Path(__file__).parent / "notices.yml").read_text(encoding="utf-8"))


def notice(key: str, language: str, **values: str) -> str:
    """The text under `key`, in English where a language is missing. Raises KeyError for an unknown key."""
    texts = _texts()[key]
    return texts.get(language, texts["en"]).format(**values)
