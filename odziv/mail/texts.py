"""What stands around mails, in the customer's language: texts.yml."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml


@cache
def _texts() -> dict[str, dict[str, str]]:
    return yaml.safe_load(Path(__file__).with_name("texts.yml").read_text(encoding="utf-8"))


def say(key: str, language: str, **values: str) -> str:
    """A text of texts.yml, in English where a language is missing."""
    return _texts()[key].get(language, _texts()[key]["en"]).format(**values)
