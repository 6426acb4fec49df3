"""What there is to read: articles by language and category, as one edition of the knowledge base has them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any

import structlog

from kb.article_search import ArticleSearch, FoundArticle, shorten
from kb.language.text import words
from kb.scope import within
from kb.sources.articles import Article
from kb.sources.categories import FILE, name_of, read_categories
from odziv.cases.elsewhere.workers import WorkersAway

log = structlog.get_logger()
LEAD = 155  # characters of an article that search engines and link previews show
MOST_ASKED = "most-asked"  # the tag of articles to begin with where nobody has asked yet
MOST_HITS = 8
FEW = 3  # with fewer hits by words alone, vectors are asked too
LEAST_CONFIDENCE = 0.15  # of a hit by vectors


@dataclass(frozen=True)
class Category:
    """A folder of articles, as customers see it."""

    key: str
    name: str
    articles: tuple[Article, ...]


class ArticleCatalogue:
    """Published articles as shown in each language; where one is missing there, another language's stands in.

    With `tags`, only those that kb/scope.py counts. `names` of categories go before those of categories.yml.
    """

    def __init__(
        self,
        kb: Any,
        languages: Sequence[str],
        tags: Sequence[str] = (),
        names: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
    ):
        self._kb, self.languages, self.tags, self.edition = kb, tuple(languages), tuple(tags), kb.edition
        self._names_stamp = self._stamp()
        self.names: Mapping[str, Mapping[str, str]] = _over(read_categories(kb.folder), names)
        with within(self.tags):
            self.ids = sorted({article.id for article in kb.articles()})
            self._shown = {
                language: {id: article for id in self.ids if (article := kb.article(id, language))}
                for language in self.languages
            }
        self._search: dict[str, ArticleSearch] = {}
        self.pages: dict[tuple, str] = {}  # ready to be sent; they live as long as this edition

    def is_stale(self) -> bool:
        """Whether something was saved since."""
        stamp = self._stamp()  # none: the folder is away, and the names are what they were
        return self._kb.edition != self.edition or (stamp != 0 and stamp != self._names_stamp)

    def _stamp(self) -> int:
        try:
            return (self._kb.folder / FILE).stat().st_mtime_ns
        except OSError:
            return 0

    def article(self, identity: str, language: str) -> Article | None:
        """A published article, in another language when there is none in this one; None when unknown."""
        return self._shown[language].get(identity)

    def versions(self, identity: str) -> list[str]:
        """The languages an article is published in, in the order of the settings."""
        return [
            language
            for language, shown in self._shown.items()
            if identity in shown and shown[identity].language == language
        ]

    @cached_property
    def _categories(self) -> dict[str, list[Category]]:
        return {language: self._sorted_out(language) for language in self.languages}

    def categories(self, language: str) -> list[Category]:
        """Every category with its articles: in the order of categories.yml, then by name."""
        return self._categories[language]

    def category(self, key: str, language: str) -> Category | None:
        """One of them."""
        return next((category for category in self.categories(language) if category.key == key), None)

    def _sorted_out(self, language: str) -> list[Category]:
        found: dict[str, list[Article]] = {}
        for identity in self.usual_order:
            article = self._shown[language].get(identity)
            if article:
                found.setdefault(category_of(identity), []).append(article)
        order = {key: number for number, key in enumerate(self.names)}
        keys = sorted(found, key=lambda key: (order.get(key, len(order)), key))
        return [Category(key, self.category_name(key, language), tuple(found[key])) for key in keys]

    def category_name(self, key: str, language: str) -> str:
        """What a category is called."""
        return name_of(self.names, key, language)

    @cached_property
    def usual_order(self) -> list[str]:
        """Articles as they come where nobody has asked yet: tagged ones first, then those that others lead to."""
        led_to = Counter(name for shown in self._shown.values() for a in shown.values() for name in set(a.follow_ups))
        tagged = {a.id for shown in self._shown.values() for a in shown.values() if MOST_ASKED in a.tags}
        return sorted(self.ids, key=lambda identity: (identity not in tagged, -led_to[identity], identity))

    def related(self, article: Article, language: str, most: int = 4) -> list[Article]:
        """What to read next: the article's follow-ups, then others of its category."""
        others = [a.id for c in self.categories(language) if c.key == category_of(article.id) for a in c.articles]
        wanted = [name for name in dict.fromkeys((*article.follow_ups, *others)) if name != article.id]
        return [found for name in wanted if (found := self.article(name, language))][:most]

    def search(self, text: str, language: str, limit: int = MOST_HITS) -> list[FoundArticle]:
        """The articles that fit what was typed; by words first, and by meaning too where words find little."""
        index = self._search.get(language)
        if index is None:
            index = self._search[language] = ArticleSearch(list(self._shown[language].values()))
        found = index.find(text, limit)
        if len(found) < FEW and len(words(text)) > 1:
            found += self._by_meaning(text, language, {hit.article.id for hit in found})
        return found[:limit]

    def _by_meaning(self, text: str, language: str, known: set[str]) -> list[FoundArticle]:
        try:
            with within(self.tags):
                found = self._kb.search(text, language, MOST_HITS)
        except WorkersAway as away:  # what the words alone find is better than nothing
            log.warning("search_by_meaning_away", why=str(away))
            return []
        hits = [hit for hit in found if hit.confidence >= LEAST_CONFIDENCE]
        return [
            FoundArticle(article, hit.confidence, hit.confidence, lead_of(article))
            for hit in hits
            if hit.article not in known and (article := self.article(hit.article, language))
        ]


def category_of(identity: str) -> str:
    """The folder an article lies in."""
    return identity.split("/", 1)[0]


def lead_of(article: Article) -> str:
    """How the article begins, on one line."""
    return shorten(article.passages[0].plain, LEAD)


def changed_at(article: Article) -> float:
    """When the article's file was last changed, in seconds since 1970; 0 when it is gone."""
    try:
        return article.path.stat().st_mtime
    except OSError:
        return 0.0


def path_of(language: str, identity: str = "") -> str:
    """The path of an article's page, or of the help centre's front page in that language."""
    return f"/help/{language}/{identity}"


def _over(usual: Mapping[str, Mapping[str, str]], own: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """Names by category and language, the own ones first; the order stays that of the usual ones."""
    return {key: {**usual.get(key, {}), **own.get(key, {})} for key in (*usual, *own)}
