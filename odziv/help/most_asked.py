"""The most asked: what the assistant answered from most often in the last days, else the usual order."""

from __future__ import annotations

import time

from flask import current_app

from kb.sources.articles import Article
from odziv.help.blueprint import catalogue
from odziv.store.knowledge.article_answers import count_answers
from odziv.web.services import services

SHOWN = 10
COUNT_EVERY = 300.0  # seconds


def most_asked(language: str, site: str) -> list[Article]:
    """The site's most asked articles as shown in `language`, most asked first."""
    shelf = catalogue(site)
    wanted = dict.fromkeys((*_counted(language, site), *shelf.usual_order))
    return [found for identity in wanted if (found := shelf.article(identity, language))][:SHOWN]


def _counted(language: str, site: str) -> list[str]:
    kept = current_app.extensions.setdefault("help_most_asked", {})
    counted, at = kept.get((language, site), ([], -COUNT_EVERY))
    if time.monotonic() - at >= COUNT_EVERY:
        counted = [article for article, _ in count_answers(services().store, site, language)]
        kept[language, site] = counted, time.monotonic()
    return counted
