"""The knowledge base as the web process has it: the articles themselves, and a worker that searches them.

Articles are read from their folder here too, so that pages show them whatever the workers do; what needs vectors or
what was learnt is asked for. The encoder, and the libraries that it and the model need, are in no web process.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from functools import cached_property
from typing import Any

from kb.article_topics import ArticleTopics, TopicNames, TopicState, read_topic_names
from kb.hits import MAX_HITS, Hit
from kb.language.text import one_line, words
from kb.model.confidence import Calibration
from kb.model.proposals import Proposal
from kb.scope import scope
from kb.served import ServedArticles
from kb.sources.articles import Article, Problem
from kb.sources.checks import check_topics
from kb.sources.watch import Watcher
from kb.vectors.encoder import EMBEDDED
from odziv.cases.elsewhere.workers import WorkerClient, WorkersAway
from odziv.cases.knowledge import ArticleWatch, Stoppable, adopt
from odziv.settings import Settings

LONGEST_SOUGHT = 20_000  # characters of a text that are searched for; no message is longer
KEPT_SECONDS = 2.0  # for which what a worker told of its state counts: a page asks for it several times


class ArticlesElsewhere(ServedArticles):
    """Articles that are shown here and searched by a worker. `search`, `calibration` and `topics` raise WorkersAway."""

    def __init__(self, settings: Settings, workers: WorkerClient, clock: Callable[[], float]) -> None:
        super().__init__(
            settings.articles,
            settings.index,
            languages=settings.languages,
            default_language=settings.default_language,
            answer_precision=settings.answer_precision,
            suggest_recall=settings.suggest_recall,
            clock=clock,
        )
        self._workers = workers
        counts = settings.library != "off" and settings.encoder == EMBEDDED  # what was learnt is this encoder's
        self._names = read_topic_names() if counts else TopicNames()
        self._told: tuple[float, dict[str, Any]] = (0.0, {})
        self._asking = threading.Lock()
        self.refresh()

    def _check(self, articles: Sequence[Article]) -> Iterable[Problem]:
        return check_topics(articles, self._names.every, self.folder) if self._names.every else ()

    def search(self, text: str, language: str, limit: int = MAX_HITS, *, include_internal: bool = False) -> list[Hit]:
        """Return what a worker finds; raises WorkersAway."""
        if not words(one_line(text)):
            return []
        sought = {"text": _passable(text), "language": language, "limit": limit, "include_internal": include_internal}
        return read_hits(self._workers.ask("/inner/search", {**sought, "tags": sorted(scope())}))

    @property
    def calibration(self) -> Mapping[str, Calibration]:
        """How sure is sure, for each language; raises WorkersAway."""
        return {language: Calibration(**found) for language, found in self._ask_state()["calibration"].items()}

    @property
    def topics(self) -> ArticleTopics:
        """The library of topics, as the worker's articles stand to it; raises WorkersAway."""
        return ArticleTopics(self._names, read_topic_state(self._ask_state()["topics"]), self.folder, self.languages)

    def _ask_state(self) -> dict[str, Any]:
        with self._asking:
            until, told = self._told
            if until < time.monotonic():
                told = self._workers.ask("/inner/knowledge")
                self._told = (time.monotonic() + KEPT_SECONDS, told)
            return told


class KnowledgeElsewhere:
    """`odziv.cases.knowledge.KnowledgeSource` of a web process."""

    def __init__(self, settings: Settings, workers: WorkerClient, clock: Callable[[], int]) -> None:
        self._settings, self._workers, self._clock = settings, workers, clock

    @cached_property
    def kb(self) -> ArticlesElsewhere:
        """The articles, read when first needed."""
        return ArticlesElsewhere(self._settings, self._workers, lambda: self._clock() / 1000)

    def take_settings(self, settings: Settings) -> None:
        """Those that hold from now on."""
        self._settings = settings
        if "kb" in self.__dict__:  # else they will be read with these
            adopt(self.kb, settings)

    @property
    def away(self) -> str:
        """What of the articles' folder is away, as a sentence for an operator; empty while all is there."""
        return self.kb.away

    def detect_language(self, text: str, *, conversation: str | None = None, page: str | None = None) -> str:
        """Which language somebody writes in; where no worker says, the one that is known or the usual."""
        known = {"text": _passable(text), "conversation": conversation, "page": page}
        try:
            return str(self._workers.ask("/inner/language", known)["language"])
        except WorkersAway:
            return conversation or page or self._settings.default_language

    def watch(self) -> Stoppable:
        """Begins to take in what changes in the folder of articles."""
        return ArticleWatch(Watcher(self.kb))


def _passable(text: str) -> str:
    """As it can be sent: not too long, and without half characters."""
    return text[:LONGEST_SOUGHT].encode("utf-8", "replace").decode()


def tell_hits(hits: Iterable[Hit]) -> list[dict[str, Any]]:
    """As they pass between processes."""
    return [asdict(hit) for hit in hits]


def read_hits(told: Any) -> list[Hit]:
    """What `tell_hits` told. Raises WorkersAway for anything else: another version's worker, say."""
    try:
        return [Hit(**{**each, "others": tuple(each["others"])}) for each in told]
    except (TypeError, KeyError) as error:
        raise WorkersAway(f"not understood: {error}") from error


def tell_topic_state(state: TopicState) -> dict[str, Any]:
    """As it passes between processes."""
    return {"is_on": state.is_on, "answered": sorted(state.answered), "seeming": [asdict(p) for p in state.seeming]}


def read_topic_state(told: Any) -> TopicState:
    """What `tell_topic_state` told. Raises WorkersAway for anything else."""
    try:
        seeming = tuple(Proposal(**each) for each in told["seeming"])
        return TopicState(bool(told["is_on"]), frozenset(told["answered"]), seeming)
    except (TypeError, KeyError) as error:
        raise WorkersAway(f"not understood: {error}") from error
