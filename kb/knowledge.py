"""The knowledge base as the rest of Odziv sees it: ask it, and it answers, offers choices, or says it has nothing."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from kb.article_topics import ArticleTopics, TopicNames, state_of
from kb.hits import MAX_HITS, Decision, Hit, is_rather_elsewhere
from kb.language.detection import LanguageGuess
from kb.language.neighbours import note_for
from kb.language.text import one_line, words
from kb.model.confidence import CAREFUL, Calibration
from kb.model.parts import AUTO, OFF
from kb.model.topics import TopicModel
from kb.model.traffic import Score, TrafficByLanguage
from kb.scope import scope
from kb.served import ANSWER_PRECISION, SERVED, SUGGEST_RECALL, ServedArticles, Versions, find_version
from kb.snapshot import TOPIC_FROM, Evidence, Snapshot
from kb.sources.articles import Article, Problem
from kb.sources.checks import check_topics
from kb.sources.library import read_parts
from kb.sources.shelf import Contents
from kb.vectors.encoder import encoder_identity
from kb.vectors.index import VectorIndex
from kb.vectors.query_vectors import REMEMBERED, QueryVectors

if TYPE_CHECKING:
    from kb.sources.watch import Watcher

NAMED_FROM = 0.7  # how likely a topic without an article is, to be named: a wrong name is worse than none
CLOSE = 0.05  # apart in score: of two articles where one leads to the other, neither is the answer
OFF_TOPIC = Path(__file__).parent / "model" / "off_topic"  # one file a language, a sentence a line
log = logging.getLogger(__name__)


class KnowledgeBase(ServedArticles):
    """Serves one immutable snapshot; `refresh` builds the next one aside and swaps it in."""

    def __init__(
        self, articles: Path, index: Path, encoder, *, languages: Sequence[str], default_language: str = "en",
        answer_precision: float | Mapping[str, float] = ANSWER_PRECISION,
        suggest_recall: float | Mapping[str, float] = SUGGEST_RECALL, off_topic: Path = OFF_TOPIC,
        clock: Callable[[], float] = time.time, library: str | Sequence[str] = AUTO,
    ):  # fmt: skip
        self._off_topic_folder = off_topic
        super().__init__(
            articles, index, languages=languages, default_language=default_language, clock=clock,
            answer_precision=answer_precision, suggest_recall=suggest_recall,
        )  # fmt: skip
        self._index = VectorIndex(Path(index), encoder)
        self._topics = load_topics(encoder_identity(encoder)) if library != OFF else None
        self._topic_names = TopicNames(self._topics.topics, self._topics.names) if self._topics else TopicNames()
        self._topic_state = lru_cache(maxsize=1)(lambda snapshot: state_of(snapshot, TOPIC_FROM))
        self._library, self._parts = library, read_parts() if self._topics else {}
        self._snapshot: Snapshot | None = None
        self._vectors = QueryVectors(encoder)
        self._traffic = TrafficByLanguage()
        # One turn asks up to three times, and what each of a dozen articles says on the same words.
        self._find = lru_cache(maxsize=REMEMBERED)(self._find_anew)
        self._evidence = lru_cache(maxsize=REMEMBERED)(self._weigh)
        self.generation = 0
        self.embedded = 0  # texts the last refresh had to embed
        self.refresh()

    def _take_wishes(self, *wishes) -> None:
        super()._take_wishes(*wishes)
        self._off_topic = read_off_topic(self._off_topic_folder, self.languages)
        self._guess = LanguageGuess(self.languages, self.default_language)

    @classmethod
    def open(cls, articles: Path, index: Path, encoder, **options) -> KnowledgeBase:
        """Return the knowledge base over the folder `articles`, with its index kept in the folder `index`.

        Options: languages, default_language, answer_precision and suggest_recall (0 to 1, for all languages or by
        language, the others as "default"), clock (seconds since 1970 UTC, for `refreshed_at`), library (which of its
        topics count: "auto", "off", or a list of parts and areas; only with the encoder that it was learnt with). Only
        changed texts are embedded; a broken file is in `problems` and its last good version serves.
        """
        return cls(articles, index, encoder, **options)

    def _check(self, articles: Sequence[Article]) -> Iterable[Problem]:
        return check_topics(articles, self._topics.topics, self.folder) if self._topics else ()

    def _keep(self, contents: Contents) -> None:
        self.embedded = self._index.embedded
        if contents.away:
            self._index.save_all()  # what is away comes back
        else:
            self._index.save(contents.hashes, self._snapshot.used)
        log.info("knowledge base: %d articles, %d texts embedded", len(contents.articles), self.embedded)

    def refit(self) -> None:
        """Fit and calibrate again on the articles as last read, whether or not anything changed."""
        with self._refreshing:
            self._serve(list(self._shelf.read().articles.values()))

    def _serve(self, articles: list[Article]) -> None:
        """Put a new state in place; a saved article is answered from before calibration has caught up with it."""
        try:
            self._learn(articles)
        except BaseException:
            self._index.save_all()  # embedding is what takes long: keep it for the next try
            raise

    def _learn(self, articles: list[Article]) -> None:
        last = self._snapshot
        calibration = last.calibration if last else {}
        snapshot = Snapshot(
            articles, self._index, self._off_topic, calibration, self._topics, self._library, self._parts
        )
        if last:
            self._snapshot = snapshot
            self.generation += 1
        self._snapshot = snapshot.calibrated(self.languages, self.answer_precision, self.suggest_recall)
        snapshot.model.forget_fitting()
        self._find.cache_clear()  # they would hold on to the states before
        self._evidence.cache_clear()
        self._topic_state.cache_clear()
        self.generation += not last

    def decide(self, text: str, language: str, *, include_internal: bool = False) -> Decision:
        """Return what to do with a customer's question asked in `language`; `include_internal` is for agents."""
        snapshot = self._snapshot
        found = self._find(snapshot, text, language, MAX_HITS, include_internal, scope())
        if not include_internal and found:
            self._count(text, language, found[0])
        return replace(self._decision(snapshot, found, language), question=text)

    def _count(self, text: str, language: str, best: Hit) -> None:
        """Have a customer's question tell how many of them have an answer here."""
        calibration = self._snapshot.calibration.get(language, CAREFUL)
        odds = float(calibration.odds(best.evidence["certainty"]))
        self._traffic.note(language, text, odds, calibration.answered)

    def take_scores(self) -> list[Score]:
        """Return the scores of customers' questions since the last call, for whoever keeps them; the oldest first."""
        return self._traffic.take_new()

    def add_scores(self, scores: Iterable[Score]) -> None:
        """Have questions count that others were asked, or that were asked before the start; the oldest first."""
        odds: dict[str, list[float]] = {}
        for score in scores:
            odds.setdefault(score.language, []).append(score.odds)
        for language, values in odds.items():
            answered = self._snapshot.calibration.get(language, CAREFUL).answered
            self._traffic.of(language).add(values, answered)

    def _decision(self, snapshot: Snapshot, found: Sequence[Hit], language: str) -> Decision:
        """Return what to do about what was found, now that so much is known of what customers ask."""
        calibration, shift = snapshot.calibration.get(language, CAREFUL), self._traffic.of(language).shift
        hits = tuple(
            replace(hit, confidence=float(calibration.probability(hit.evidence["certainty"], shift))) for hit in found
        )
        return decision(snapshot, hits, language)

    def decide_all(self, texts: Sequence[str], language: str) -> list[Decision]:
        """Return for each of `texts` what `decide` would; all that are not known yet are embedded at once."""
        self.read_ahead(texts)
        snapshot = self._snapshot
        found = [self._find(snapshot, text, language, MAX_HITS, False, scope()) for text in texts]
        decisions = [self._decision(snapshot, hits, language) for hits in found]
        return [replace(each, question=text) for each, text in zip(decisions, texts, strict=True)]

    def search(self, text: str, language: str, limit: int = MAX_HITS, *, include_internal: bool = False) -> list[Hit]:
        """Return the articles that may answer, best first, one hit an article, each with its best passage."""
        return list(self._find(self._snapshot, text, language, limit, include_internal, scope()))

    def hit_of(self, article_id: str, text: str, language: str) -> Hit | None:
        """Return what a published article says on the question, however likely others are; None when unknown."""
        snapshot, line = self._snapshot, one_line(text)
        number, counted = snapshot.number_of(article_id), snapshot.counted(scope(), include_internal=False)
        if number is None or not counted[number] or not words(line):
            return None
        evidence = self._evidence(snapshot, line, language)
        hit = self._hit(snapshot, evidence, number, language, False, counted)
        return self._decision(snapshot, [hit], language).hits[0]

    def vector(self, text: str) -> np.ndarray:
        """Return the question's vector (dimension,); asked again soon, it is remembered. Not to be written to."""
        return self._vectors.of([one_line(text)])[0]

    def read_ahead(self, texts: Sequence[str]) -> None:
        """Embed at once what will be asked about one by one, and soon."""
        lines = map(one_line, texts)
        self._vectors.of([line for line in lines if words(line)])

    def _weigh(self, snapshot: Snapshot, line: str, language: str) -> Evidence:
        return snapshot.evidence(self._vectors.of([line])[0][None], [line], [language])

    def _find_anew(
        self, snapshot: Snapshot, text: str, language: str, limit: int, include_internal: bool, tags: frozenset[str]
    ) -> tuple[Hit, ...]:
        text = one_line(text)
        if not words(text) or not snapshot.ids:  # nothing to embed
            return ()
        evidence = self._evidence(snapshot, text, language)
        counted = snapshot.counted(tags, include_internal=include_internal)
        score = np.where(counted, evidence.score[0], -1)
        best = [number for number in np.argsort(-score, kind="stable")[:limit] if score[number] > 0]
        return tuple(self._hit(snapshot, evidence, number, language, include_internal, counted) for number in best)

    def _hit(
        self, snapshot: Snapshot, evidence: Evidence, number: int, language: str, include_internal: bool,
        counted: np.ndarray,
    ) -> Hit:  # fmt: skip
        article = self._version(snapshot, snapshot.ids[number], language, include_internal)
        topic, elsewhere, unanswered = snapshot.elsewhere(evidence, counted)
        passage, *others = (article.passages[place] for place in snapshot.ranked_passages(evidence, article))
        confidence = snapshot.calibration.get(language, CAREFUL).probability(evidence.certainty[0, number])
        return Hit(
            article.id, article.language, article.title, passage.heading, passage.text, float(confidence),
            {
                "certainty": float(evidence.certainty[0, number]),
                "score": float(evidence.score[0, number]), "fit": float(evidence.likeness.fit[0, number]),
                "phrasing": float(evidence.likeness.similarity[0, number]),
                "wording": float(evidence.wording[0, number]),
                "passage": float(evidence.passage[0, number]), "topic": float(evidence.topic[0, number]),
                "elsewhere": elsewhere, "unanswered": unanswered,
            },
            topic,
            tuple(other.text for other in others),
        )  # fmt: skip

    def _version(self, snapshot: Snapshot, identity: str, language: str, include_internal: bool) -> Article | None:
        """Return the article in `language`, or in the default language, or in the first there is."""
        statuses = SERVED if include_internal else ("published",)
        return find_version(snapshot.articles, identity, (language, self.default_language, *self.languages), statuses)

    def _versions(self) -> Versions:
        return self._snapshot.articles

    @property
    def calibration(self) -> dict[str, Calibration]:
        """How sure is sure, for each language."""
        return self._snapshot.calibration

    @property
    def topics(self) -> ArticleTopics:
        """The library of topics, as these articles stand to it."""
        return ArticleTopics(self._topic_names, self._topic_state(self._snapshot), self.folder, self.languages)

    def detect_language(self, text: str, *, conversation: str | None = None, page: str | None = None) -> str:
        """Return the language to answer `text` in; see kb/language/detection.py."""
        return self._guess(text, conversation=conversation, page=page)

    def note_to_stranger(self, text: str, language: str) -> str | None:
        """Return what to tell whoever writes in a language that is none of ours, in that language; else None."""
        neighbour = self._guess.neighbour(text)
        return note_for(neighbour, language) if neighbour else None

    def watch(self) -> Watcher:
        """Start a thread that refreshes whenever the folder changes; stop it with `.stop()`."""
        from kb.sources.watch import Watcher

        watcher = Watcher(self)
        watcher.start()
        return watcher


def load_topics(encoder: str) -> TopicModel | None:
    """Return what was learnt of the library's topics with that encoder; None when nothing usable is there."""
    try:
        return TopicModel.load(encoder)
    except ValueError as error:
        log.error("the library of topics does not count: %s", error)
        return None


def decision(snapshot: Snapshot, hits: tuple[Hit, ...], language: str) -> Decision:
    """Return what to do about `hits`, best first."""
    if not hits:
        return Decision("none", language, (), 0.0)
    calibration = snapshot.calibration.get(language, CAREFUL)
    confidence = hits[0].confidence
    missing = snapshot.name_of(hits[0].elsewhere, language) if is_missing(hits[0]) else ""
    if confidence >= calibration.answer_from:
        kind = "suggest" if is_rather_elsewhere(hits[0]) or are_close(snapshot, hits) else "answer"
    else:
        kind = "suggest" if confidence >= calibration.suggest_from and not missing else "none"
    return Decision(kind, language, hits, confidence, missing=missing)


def is_missing(hit: Hit) -> bool:
    """Return whether the likeliest topic without an article is plainly what the question is about."""
    return hit.evidence["elsewhere"] >= NAMED_FROM


def are_close(snapshot: Snapshot, hits: Sequence[Hit]) -> bool:
    """Return whether the first two articles are about as likely, and one leads to the other."""
    if len(hits) < 2 or hits[0].evidence["score"] - hits[1].evidence["score"] >= CLOSE:
        return False
    first, second = (snapshot.articles.get((hit.article, hit.language)) for hit in hits[:2])
    return bool(first and second and (second.id in first.follow_ups or first.id in second.follow_ups))


def read_off_topic(folder: Path, languages: Sequence[str]) -> dict[str, list[str]]:
    """Return the off-topic sentences of each language; a language without a file has none."""
    sentences = {}
    for language in languages:
        path = folder / f"{language}.txt"
        lines = path.read_text("utf-8").splitlines() if path.is_file() else []
        sentences[language] = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    return sentences
