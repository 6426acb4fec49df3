"""The articles that are served: read from their folder, looked at again when it changes, and added to.

Nothing here needs an encoder or a model, so a process that only shows articles stays small. The knowledge base
(knowledge.py) builds on this.
"""

from __future__ import annotations

import logging
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path

from kb.article_topics import ArticleTopics
from kb.hits import MAX_HITS, Hit
from kb.model.confidence import Calibration
from kb.scope import is_within, scope
from kb.sources.articles import Article, Problem, content_hash
from kb.sources.drafting import NewArticle, write_article
from kb.sources.editing import NotWritten, add_phrasing
from kb.sources.shelf import Contents, Shelf

SERVED = ("published", "internal")
ANSWER_PRECISION, SUGGEST_RECALL = 0.9, 0.95  # where an operator names nothing else
Versions = Mapping[tuple[str, str], Article]  # by identity and language
log = logging.getLogger(__name__)


class ServedArticles(ABC):
    """One state of the articles; `refresh` puts the next one in place. How they are searched, subclasses know."""

    def __init__(
        self, articles: Path, index: Path, *, languages: Sequence[str], default_language: str = "en",
        answer_precision: float | Mapping[str, float] = ANSWER_PRECISION,
        suggest_recall: float | Mapping[str, float] = SUGGEST_RECALL, clock: Callable[[], float] = time.time,
    ):  # fmt: skip
        """`index` is the folder below which the last good version of each file is kept; the two shares (0 to 1, for all
        languages or by language) are what an operator asks for; `clock` gives seconds since 1970 UTC."""
        self.folder, self._last_good, self._clock = Path(articles), Path(index) / "last_good", clock
        self._take_wishes(languages, default_language, answer_precision, suggest_recall)
        self._shelf = Shelf(self.folder, self._last_good, self.languages)
        self._hashes: dict[str, str] | None = None
        self._refreshing = threading.Lock()
        self._articles: Versions = {}
        self.problems: list[Problem] = []
        self.away = ""  # what of the folder is away, as a sentence for an operator; empty while all is there
        self.every_article: list[Article] = []  # by file name, drafts among them
        self.edition = ""  # differs whenever other articles are served; the same again after a restart, and elsewhere
        self.refreshed_at = 0.0  # seconds since 1970 UTC: when what is served was put in place

    def adopt(
        self, *, languages: Sequence[str], default_language: str, answer_precision: float | Mapping[str, float],
        suggest_recall: float | Mapping[str, float],
    ) -> bool:  # fmt: skip
        """Serve as wished from now on, the articles read anew; returns whether anything is other than before."""
        wishes = (tuple(languages), default_language, answer_precision, suggest_recall)
        with self._refreshing:
            if wishes == self._wishes:
                return False
            spoken = self.languages
            self._take_wishes(*wishes)
            if self.languages != spoken:  # else what was parsed stays
                self._shelf = Shelf(self.folder, self._last_good, self.languages)
            self._hashes = None
        self.refresh()
        return True

    def _take_wishes(
        self, languages: Sequence[str], default_language: str, answer_precision: float | Mapping[str, float],
        suggest_recall: float | Mapping[str, float],
    ) -> None:  # fmt: skip
        self._wishes = (tuple(languages), default_language, answer_precision, suggest_recall)
        self.languages, self.default_language = tuple(languages), default_language
        self.answer_precision = by_language(answer_precision, self.languages, ANSWER_PRECISION)
        self.suggest_recall = by_language(suggest_recall, self.languages, SUGGEST_RECALL)

    def refresh(self) -> bool:
        """Read the folder again; returns whether anything changed. Questions are answered meanwhile as before."""
        with self._refreshing:
            contents = self._shelf.read()
            self._note_away(contents.away)
            self.every_article = list(contents.articles.values())
            self.problems = [*contents.problems, *self._check(self.every_article)]
            if contents.hashes == self._hashes:
                return False
            self._serve(self.every_article)
            self._hashes = contents.hashes
            self.edition = content_hash(repr(sorted(contents.hashes.items())).encode())[:16]
            self.refreshed_at = self._clock()
            self._keep(contents)
            return True

    def _check(self, articles: Sequence[Article]) -> Iterable[Problem]:
        """Return what is wrong with articles beside what the shelf finds."""
        return ()

    def _serve(self, articles: list[Article]) -> None:
        """Put a new state in place."""
        self._articles = served_versions(articles)

    def _keep(self, contents: Contents) -> None:
        """Note what is served now, once it is in place."""
        log.info("%d articles are served", len(contents.articles))

    def _note_away(self, away: str) -> None:
        if away != self.away:
            (log.error if away else log.warning)(away or "the articles' folder is back, all of it")
        self.away = away

    def _versions(self) -> Versions:
        """Return the articles that are served at this moment."""
        return self._articles

    @abstractmethod
    def search(self, text: str, language: str, limit: int = MAX_HITS, *, include_internal: bool = False) -> list[Hit]:
        """Return the articles that may answer, best first, one hit an article, each with its best passage."""

    @property
    @abstractmethod
    def calibration(self) -> Mapping[str, Calibration]:
        """How sure is sure, for each language."""

    @property
    @abstractmethod
    def topics(self) -> ArticleTopics:
        """The library of topics, as these articles stand to it."""

    def article(self, article_id: str, language: str) -> Article | None:
        """Return a published article, in another language when there is none in this one; None when unknown."""
        versions = self._versions()
        if article_id not in ids_within(versions, scope()):
            return None
        return find_version(versions, article_id, (language, self.default_language, *self.languages), ("published",))

    def articles(self, language: str | None = None) -> list[Article]:
        """Return the published articles, of one language or all, by identity."""
        versions = self._versions()
        counted = ids_within(versions, scope())
        found = [a for a in versions.values() if a.status == "published" and a.id in counted]
        return sorted((a for a in found if language in (None, a.language)), key=lambda a: (a.id, a.language))

    @property
    def drafts(self) -> list[Article]:
        """Return the articles that nobody is given yet, by file name."""
        return [article for article in self.every_article if article.status == "draft"]

    def add_phrasing(self, article_id: str, language: str, text: str) -> str:
        """Append a phrasing to an article's file, for the watcher to find; returns the file's name.

        Raises kb.editing.NotWritten.
        """
        return add_phrasing(self.folder, article_id, language, text, self.languages)

    def write_article(self, new: NewArticle) -> str:
        """Write a new article's file, for the watcher to find; returns its name. Raises kb.editing.NotWritten."""
        self.check_is_there()
        return write_article(self.folder, new, self.languages)

    def check_is_there(self) -> None:
        """Raise kb.editing.NotWritten while the folder is away: what is put where a share is to be mounted is lost."""
        if self.away and self._hashes:
            raise NotWritten("Nothing can be written now: %(away)s. Ask your operator.", away=self.away)


def served_versions(articles: Iterable[Article]) -> dict[tuple[str, str], Article]:
    """Return those of the articles that are served, by identity and language."""
    return {(a.id, a.language): a for a in articles if a.status in SERVED}


def ids_within(versions: Versions, tags: frozenset[str]) -> Collection[str]:
    """Return the identities of the articles that count: with one of `tags` in any language, or all."""
    return {identity for (identity, _), article in versions.items() if is_within(article, tags)}


def find_version(
    versions: Versions, identity: str, languages: Iterable[str], statuses: Collection[str]
) -> Article | None:
    """Return an article in the first of the languages that it is in with one of the statuses; None where there is
    none."""
    for language in languages:
        article = versions.get((identity, language))
        if article and article.status in statuses:
            return article
    return None


def by_language(share: float | Mapping[str, float], languages: Sequence[str], otherwise: float) -> dict[str, float]:
    """Return the share (0 to 1) of each language: its own, or that of "default", or `otherwise`."""
    if not isinstance(share, Mapping):
        return dict.fromkeys(languages, share)
    return {language: share.get(language, share.get("default", otherwise)) for language in languages}
