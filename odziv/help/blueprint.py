"""The blueprint of the help centre's pages, and what they all need: texts, catalogue, the site they belong to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, current_app

from odziv.help.catalogue import ArticleCatalogue
from odziv.texts import CATALOGUE
from odziv.web.services import services

blueprint = Blueprint(
    "help", __name__, static_folder="static", static_url_path="/static/help", template_folder="templates"
)


def catalogue(site: str | None = None) -> ArticleCatalogue:
    """What a site has to read; the help pages' own where none is named."""
    return _catalogue(services().settings.tags_of(site or site_key()))


def whole_catalogue() -> ArticleCatalogue:
    """What all sites together have to read."""
    return _catalogue(())


def _catalogue(tags: tuple[str, ...]) -> ArticleCatalogue:
    """As of the knowledge base's present edition; sites with the same tags share one."""
    kept: dict[tuple[str, ...], ArticleCatalogue] = current_app.extensions.setdefault("help_catalogues", {})
    found = kept.get(tags)
    if found is None or found.is_stale():
        found = kept[tags] = ArticleCatalogue(services().kb, services().settings.languages, tags)
    return found


def site_languages(site: str | None = None) -> tuple[str, ...]:
    """The languages a site offers; the help pages' own where none is named."""
    settings = services().settings
    return settings.languages_of(settings.sites[site or site_key()])


def texts(language: str) -> Mapping[str, Any]:
    """The help centre's own words in a language."""
    return CATALOGUE.of("help", language)


def site_key() -> str:
    """The site whose name and widget the pages carry: the one listed first."""
    return next(iter(services().settings.sites))
