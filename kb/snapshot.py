"""One state of the knowledge base, complete and never changed: built aside, then put in place of the last one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, fields, replace
from functools import cached_property

import numpy as np

from kb.model.confidence import CAREFUL, OFF_TOPIC_SHARE, Calibration, Outcomes, calibrate
from kb.model.logistic import LogisticModel
from kb.model.parts import AUTO, counting_topics
from kb.model.phrasings import STRANGER, Likeness
from kb.model.ridge import RidgeModel
from kb.model.topics import TopicModel, favoured, topics_of_articles
from kb.served import ids_within, served_versions
from kb.sources.articles import Article
from kb.vectors.index import VectorIndex, text_key
from kb.vectors.passage_search import PassageLikeness, PassagePlace, PassageSearch

# What each kind of evidence counts for. Chosen by leaving single phrasings out of the shipped articles in four
# languages, then checked on HINT3 (no texts, only phrasings) and the GNOME help (no phrasings, only texts). The two
# that speak for an article's text were halved afterwards: leaving out made them look better than further questions did.
# Since there are two regressions, likeness in the vectors alone (0.2) brings nothing more, and is gone.
PHRASING, PASSAGE, WORDING = 0.7, 0.2, 0.2
MOST_PHRASINGS = 20_000  # learnt from, spread evenly over the articles
MOST_FOR_RIDGE = 5000  # phrasings and strangers: its time goes with the cube of their number
TOPIC = 0.5  # what being about an article's topics counts for, chosen on HINT3 and near/choose beside 0.4 and 0.5
TOPIC_FROM = 0.3  # how likely its phrasings are about a topic, on average, for an article that names none to answer it
ANSWERED_TIMES = 1.5  # as often as others are topics asked about that have an article: chosen beside 1, 2 and 3
MAY_FROM = 0.05  # and from where on it may answer, so that nobody is told that there is nothing on the topic
SECTION_TOPIC = 0.5  # what being about a section's own topics counts for among an article's passages
LEAD = 1.0  # weight of the distance to the next best article in how certain the best one is
HALF_TRUST = 0.25  # phrasings an article needs for how it was asked before to count half


@dataclass(frozen=True)
class Evidence:
    """For each text (row) and article (column) what speaks for it.

    `trust` (per article, 0 to 1) is how much its phrasings are to be believed; `passage` and `wording` are the likeness
    of its best passage, overall and in wording alone; `topic` is how likely the text is about one of its topics;
    `topics` (per topic of the library) how likely it is about that one; `passages` holds what is known of every single
    passage.
    """

    likeness: Likeness
    trust: np.ndarray
    passage: np.ndarray
    wording: np.ndarray
    topic: np.ndarray
    topics: np.ndarray
    passages: PassageLikeness

    @cached_property
    def score(self) -> np.ndarray:
        """One figure, 0 to about 1: the higher, the likelier the article answers."""
        asked = PHRASING * self.likeness.score + WORDING * np.clip(self.wording, 0, 1)
        return self.trust * asked + PASSAGE * np.clip(self.passage, 0, 1) + TOPIC * self.topic

    @cached_property
    def certainty(self) -> np.ndarray:
        """The score raised by the lead over the next best article: what confidence is calibrated on."""
        return with_lead(self.score)


class Snapshot:
    """Articles, the model over their phrasings, their passages, and the calibration of each language."""

    def __init__(
        self, articles: Sequence[Article], index: VectorIndex, off_topic: Mapping[str, Sequence[str]],
        calibration: Mapping[str, Calibration], topics: TopicModel | None = None,
        library: str | Sequence[str] = AUTO, parts: Mapping[str, str] | None = None,
    ):  # fmt: skip
        """Learn from `articles` and from `off_topic` sentences, by language, that none of them answers.

        `topics` tells what the library's topics are in a question, `library` which of them count, by the `parts` they
        are in. `calibration` holds until `calibrated` has found a newer one.
        """
        self.articles = served_versions(articles)
        self.ids = sorted({identity for identity, _ in self.articles})
        self._number = {identity: number for number, identity in enumerate(self.ids)}
        self.is_public = np.array([self._is_public(identity) for identity in self.ids], dtype=bool)
        self._learn_phrasings(index, off_topic)
        self._learn_passages(index)
        self.topics = topics
        self._find_topics(library, parts or {})
        self.used = {text_key("query", text) for text in self._texts}  # phrasings and strangers
        self.used |= {text_key("document", place.indexed) for place in self.search.places}
        self.calibration = dict(calibration)

    def within(self, tags: frozenset[str]) -> Collection[str]:
        """The identities of the articles that count: with one of `tags` in any language, or all."""
        return ids_within(self.articles, tags)

    def counted(self, tags: frozenset[str], *, include_internal: bool) -> np.ndarray:
        """Return which articles (by column) count: those within `tags`, of which customers get the published ones."""
        counted = np.ones(len(self.ids), dtype=bool) if include_internal else self.is_public
        if not tags:
            return counted
        named = self.within(tags)
        return counted & np.array([identity in named for identity in self.ids], dtype=bool)

    def number_of(self, identity: str) -> int | None:
        """Return the column of an article; None when there is none."""
        return self._number.get(identity)

    def _is_public(self, identity: str) -> bool:
        return any(a.status == "published" for (other, _), a in self.articles.items() if other == identity)

    def _learn_phrasings(self, index: VectorIndex, off_topic: Mapping[str, Sequence[str]]) -> None:
        most = max(MOST_PHRASINGS // max(len(self.articles), 1), 1)
        rows = [(a, text) for a in self.articles.values() for text in dict.fromkeys((a.title, *a.questions[:most]))]
        self._is_title = np.array([text == article.title for article, text in rows], dtype=bool)
        self._phrasings = len(rows)  # they come first among the texts, the strangers after them
        labels = np.array([self._number[article.id] for article, _ in rows], dtype=int)
        asked = np.bincount(labels[~self._is_title], minlength=len(self.ids))
        self._trust = (asked / (asked + HALF_TRUST)).astype(np.float32)
        foreign = [(language, text) for language, texts in off_topic.items() for text in texts]
        self._texts = [text for _, text in (*rows, *foreign)]
        self._languages = np.array([article.language for article, _ in rows] + [language for language, _ in foreign])
        self._vectors = index.vectors("query", self._texts)
        labels = np.append(labels, np.full(len(foreign), STRANGER))
        model = RidgeModel if len(labels) <= MOST_FOR_RIDGE else LogisticModel
        self.model = model(self._vectors, self._texts, labels, list(self._languages), len(self.ids))

    def _find_topics(self, library: str | Sequence[str], parts: Mapping[str, str]) -> None:
        """Find which article answers which topic (`answers`: topics × articles, 0 or 1), and which topics count.

        `likely` (topics × articles) is how likely an article's phrasings are about a topic, on average.
        """
        names = self.topics.topics if self.topics else ()
        self.stated = self._topics_by_article(lambda article: article.every_topic)
        self.denied = self._topics_by_article(lambda article: article.not_topics)
        self.likely = self._likelihood_of_articles()
        for column, denied in enumerate(self.denied):
            self.likely[[row for row, topic in enumerate(names) if topic in denied], column] = 0
        self.answers = topics_of_articles(self.stated, self.likely, names, TOPIC_FROM)
        self.counting = counting_topics(names, parts, library, self.likely, self.stated)
        self.answers[~self.counting] = 0
        self.may_answer = np.maximum(self.answers, self._perhaps())

    def _perhaps(self) -> np.ndarray:
        """Return topics × articles: 1 where one that names no topics may answer, though it isn't likely enough."""
        names_none = np.array([not named for named in self.stated], dtype=bool)
        return ((self.likely >= MAY_FROM) & names_none).astype(np.float32)

    def _topics_by_article(self, of: Callable[[Article], Sequence[str]]) -> list[frozenset[str]]:
        """Return the topics that any language's version of each article has."""
        found: dict[str, set[str]] = {identity: set() for identity in self.ids}
        for (identity, _), article in self.articles.items():
            found[identity].update(of(article))
        return [frozenset(found[identity]) for identity in self.ids]

    def _likelihood_of_articles(self) -> np.ndarray:
        if self.topics is None:
            return np.zeros((0, len(self.ids)), dtype=np.float32)
        own, labels = slice(self._phrasings), self.model.labels[: self._phrasings]
        likelihood = self.topics.likelihood(self._vectors[own], self._texts[own], list(self._languages[own]))
        means = [likelihood[labels == number].mean(axis=0) for number in range(len(self.ids))]
        return np.stack(means, axis=1) if means else np.zeros((len(self.topics.topics), 0), dtype=np.float32)

    def elsewhere(self, evidence: Evidence, counted: np.ndarray) -> tuple[str, float, float]:
        """Return the likeliest topic of a (single) question that no article answers, how likely it is, and any such.

        Only `counted` articles answer (per article, true or false): customers are not given internal ones.
        """
        likelihood = np.where(self.may_answer[:, counted].any(axis=1), 0, evidence.topics[0])
        if self.topics is None or not likelihood.any():
            return "", 0.0, 0.0
        best = int(likelihood.argmax())
        return self.topics.topics[best], float(likelihood[best]), float(likelihood.sum())

    def name_of(self, topic: str, language: str) -> str:
        """Return what a topic of the library is called in `language`; empty when it has no name there."""
        if self.topics is None or not topic or language not in self.topics.names:
            return ""
        return self.topics.names[language][self.topics.topics.index(topic)]

    def _learn_passages(self, index: VectorIndex) -> None:
        places = [
            PassagePlace(a, self._number[a.id], position)
            for a in self.articles.values()
            for position in range(len(a.passages))
        ]
        self.search = PassageSearch(places, index.vectors("document", [place.indexed for place in places]))

    def evidence(
        self, vectors: np.ndarray, texts: Sequence[str], languages: Sequence[str], *, remember: bool = False
    ) -> Evidence:
        """Return what speaks for each article; `vectors` are the questions' (texts × dimension)."""
        likeness = self.model.likeness(vectors, texts, languages, remember=remember)
        return self._with_passages(likeness, vectors, texts, languages, remember)

    def ranked_passages(self, evidence: Evidence, article: Article) -> list[int]:
        """Return the positions of the passages of `article`, the one that fits the (single) question best first."""
        columns = self.search.of_article(article)
        fit = {column: evidence.passages.both[0, column] + self._of_section(evidence, column) for column in columns}
        ranked = sorted(columns, key=lambda column: -fit[column])
        return [self.search.places[column].position for column in ranked]

    def _of_section(self, evidence: Evidence, column: int) -> float:
        """Return what being about the topics that a passage's section names counts for."""
        named = self.search.places[column].passage.topics
        if not named or self.topics is None:
            return 0.0
        return SECTION_TOPIC * sum(
            float(evidence.topics[0, self.topics.topics.index(topic)]) for topic in named if topic in self.topics.topics
        )

    def _with_passages(self, likeness: Likeness, vectors, texts, languages, remember: bool) -> Evidence:
        found = self.search.similarity(self.model.centre.apply(vectors, languages), texts, remember=remember)
        passage = self.search.best_by_article(found.both, languages, len(self.ids))
        wording = self.search.best_by_article(found.wording, languages, len(self.ids))
        topics = self._topics_of(vectors, texts, languages)
        about = np.minimum(topics @ self.answers, 1)
        return Evidence(likeness, self._trust, passage, wording, about, topics, found)

    def _topics_of(self, vectors: np.ndarray, texts: Sequence[str], languages: Sequence[str]) -> np.ndarray:
        """Return how likely each text is about each topic: articles are written on what customers ask about."""
        if self.topics is None:
            return np.zeros((len(vectors), 0), dtype=np.float32)
        likelihood = self.topics.likelihood(vectors, texts, languages) * self.counting
        return favoured(likelihood, np.asarray(self.answers.any(axis=1)), ANSWERED_TIMES)

    def calibrated(
        self, languages: Sequence[str], answer_precision: Mapping[str, float], suggest_recall: Mapping[str, float]
    ) -> Snapshot:
        """Return this state with each language calibrated on its own phrasings and off-topic sentences.

        What an operator asks for in each language is from 0 to 1.
        """
        result = copy(self)
        result.calibration = {language: CAREFUL for language in languages}
        if self._phrasings:
            result.calibration = {
                language: calibrate(joined(parts), answer_precision[language], suggest_recall[language], parts[1])
                for language, parts in self._outcomes(languages)
            }
        return result

    def _outcomes(self, languages: Sequence[str]) -> Iterator[tuple[str, tuple[Outcomes, ...]]]:
        """Yield each language with the outcomes of its phrasings, of the same without their articles, and of sentences.

        The last are its off-topic ones; each is left out.
        """
        rows = self.model.held
        asked_in = self._languages[rows]
        texts = [self._texts[row] for row in rows]
        seen = self.model.left_out()
        evidence = self._with_passages(seen, self._vectors[rows], texts, list(asked_in), remember=True)
        ours, labels = rows < self._phrasings, self.model.labels[rows]
        held, labels = evidence.certainty, labels[ours]
        without = replace(evidence, likeness=self.model.article_left_out(seen)).score[ours]
        without[np.arange(len(labels)), labels] = -1  # their own article is the one that is not there
        inside = known(held[ours], labels)
        outside = strangers(with_lead(without))
        for language in languages:
            own = asked_in == language
            asked = own[ours] & ~self._is_title[rows[ours]]
            missing, others = pick(outside, asked), strangers(held[~ours & own])
            yield language, (pick(inside, asked), *balanced(missing, others))


def with_lead(score: np.ndarray) -> np.ndarray:
    """Return each article's score plus LEAD of its distance to the best other one (negative but for the first)."""
    if score.shape[1] < 2:
        return score
    ranked = np.sort(score, axis=1)
    first, second = ranked[:, -1:], ranked[:, -2:-1]
    return score + LEAD * (score - np.where(score == first, second, first))


def known(score: np.ndarray, labels: np.ndarray) -> Outcomes:
    """Return the outcomes of questions whose right article is known."""
    order = np.argsort(-score, axis=1)
    right, in_three = order[:, 0] == labels, (order[:, :3] == labels[:, None]).any(axis=1)
    everything = np.ones(len(labels), dtype=bool)
    return Outcomes(score.max(axis=1), right, in_three, everything, everything.astype(float))


def balanced(missing: Outcomes, others: Outcomes) -> tuple[Outcomes, Outcomes]:
    """Return both kinds of strangers with weights by which the others make up OFF_TOPIC_SHARE, if there are any."""
    share = OFF_TOPIC_SHARE if len(others.score) else 0.0
    parts = zip((missing, others), (1 - share, share), strict=True)
    one, two = (replace(p, weight=np.full(len(p.score), part / max(len(p.score), 1))) for p, part in parts)
    return one, two


def strangers(score: np.ndarray) -> Outcomes:
    """Return the outcomes of questions that no article answers."""
    nothing = np.zeros(len(score), dtype=bool)
    best = score.max(axis=1) if score.size else np.zeros(len(score))
    return Outcomes(best, nothing, nothing, nothing, np.ones(len(score)))


def pick(outcomes: Outcomes, rows: np.ndarray) -> Outcomes:
    return Outcomes(*(getattr(outcomes, field.name)[rows] for field in fields(Outcomes)))


def joined(parts: Sequence[Outcomes]) -> Outcomes:
    return Outcomes(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Outcomes)))
