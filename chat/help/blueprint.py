"""The blueprint of the help centre's pages, and what they all need: texts, catalogue, the site they belong to."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml
from flask import Blueprint, current_app

from chat.help.catalogue import Catalogue

HERE = Path(__file__).parent
blueprint = Blueprint(
    "help", __name__, static_folder="static", static_url_path="/static/help", template_folder="templates"
)


def services() -> Any:
    """What create_app wired together."""
    return current_app.extensions["odziv"]


def catalogue() -> Catalogue:
    """What there is to read, as of the knowledge base's present edition."""
    kept: Catalogue | None = current_app.extensions.get("help_catalogue")
    if kept is None or kept.is_stale():
        kept = current_app.extensions["help_catalogue"] = Catalogue(services().kb, services().settings.languages)
    return kept


@cache
def _texts() -> dict[str, dict[str, Any]]:
    return yaml.safe_load((HERE / "texts.yml").read_text(encoding="utf-8"))


def texts(language: str) -> dict[str, Any]:
    """The help centre's own words in a language."""
    return _texts()[language]


def site_key() -> str:
    """The site whose name and widget the pages carry: the one listed first."""
    return next(iter(services().settings.sites))
