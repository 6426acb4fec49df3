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
    """As of the present edition of the knowledge base and of the settings; sites with the same tags share one."""
    kept: dict[tuple[int, tuple[str, ...]], ArticleCatalogue] = current_app.extensions.setdefault("help_catalogues", {})
    edition, settings = services().settings_follower.edition, services().settings
    found = kept.get((edition, tags))
    if found is None or found.is_stale():
        for old in [key for key in kept if key[0] != edition]:
            kept.pop(old, None)
        found = kept[edition, tags] = ArticleCatalogue(services().kb, settings.languages, tags, settings.categories)
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
