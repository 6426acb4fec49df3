"""Which article do customers ask for in these words? Learnt from the phrasings, seen in two ways.

The views are the encoder's vectors, centred, and character n-grams. What is learnt from them is a ridge and a logistic
regression together up to MOST_FOR_RIDGE phrasings (ridge.py, choices.py), and a logistic one above (logistic.py). Both
models say, beside how a question looks to each article, what they would have said had they never seen a phrasing, or a
whole article: calibration (confidence.py) lives on that.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kb.model.lexical import CharGrams

DENSE_SHARE = 2.0  # weight of the vectors against the n-grams, which see nothing across languages
NEAREST = 3  # phrasings of an article a question is compared with: one alone may be an odd one
FIT = 0.6  # of a score: what is learnt from the phrasings, the rest is how like one of them a question is
STRANGER = -1  # label of a sentence that no article answers
NOWHERE = -9.0  # similarity to a phrasing that is not there; a real one is at least -1
TEXTS_AT_ONCE = 64  # texts × articles × phrasings is what this takes in memory
MIN_TO_CENTRE = 20  # vectors of a language needed before its own mean is trusted


@dataclass(frozen=True)
class Likeness:
    """How texts (rows) look to articles (columns).

    `fit` is what the regressions say (1: surely this one, 0: not at all); `similarity` the mean over the nearest
    phrasings in both views (-1 to 1).
    """

    fit: np.ndarray
    similarity: np.ndarray

    @property
    def score(self) -> np.ndarray:
        """From 0 to 1: an article must both fit best and have been asked in such words before."""
        return np.clip(self.fit, 0, 1) ** FIT * np.clip(self.similarity, 0, 1) ** (1 - FIT)


class Centre:
    """Takes the mean off a language's vectors: e5 packs all texts into a narrow cone, and each language in its own."""

    def __init__(self, vectors: np.ndarray, languages: Sequence[str]):
        languages = np.asarray(languages)
        self._overall = vectors.mean(axis=0) if len(vectors) else np.float32(0)
        self._means = {
            str(language): vectors[languages == language].mean(axis=0)
            for language in np.unique(languages)
            if (languages == language).sum() >= MIN_TO_CENTRE
        }

    def apply(self, vectors: np.ndarray, languages: Sequence[str]) -> np.ndarray:
        """Return the vectors centred and of unit length, each by its language's mean."""
        if not len(vectors):
            return vectors
        return unit(vectors - np.stack([self._means.get(language, self._overall) for language in languages]))


class PhrasingModel(ABC):
    """What is learnt from all phrasings; `labels` are numbers of articles, 0 to `classes` - 1, or STRANGER.

    Strangers are learnt from as well: towards every article their value is 0. On our own questions that let seven in
    eight be answered at the share of strangers answered (8 %) that let three in four be answered without.
    """

    held: np.ndarray  # the rows that `left_out` speaks of

    def __init__(self, vectors: np.ndarray, texts: Sequence[str], labels, languages: Sequence[str], classes: int):
        self.labels, self.classes = np.asarray(labels, dtype=int), classes
        self.centre = Centre(vectors, languages)
        self.grams = CharGrams(texts)
        self._dense = self.centre.apply(vectors, languages)
        self._rows = [np.flatnonzero(self.labels == label) for label in range(classes)]
        self._slots = slots(self._rows, len(self.labels))
        self._fit()

    @abstractmethod
    def _fit(self) -> None:
        """Learn what `likeness` needs."""

    @abstractmethod
    def likeness(
        self, vectors: np.ndarray, texts: Sequence[str], languages: Sequence[str], *, remember: bool = False
    ) -> Likeness:
        """Return how these texts (queries' vectors, texts × 384) look to each article."""

    @abstractmethod
    def left_out(self) -> Likeness:
        """Return how each of the `held` phrasings looks to a model that has not seen it."""

    @abstractmethod
    def article_left_out(self, left_out: Likeness) -> Likeness:
        """Return how each of the `held` phrasings looks to a model that does not have its article: nothing answers it.

        `left_out` is what the method of that name returns: towards the other articles, similarity is the same.
        """

    @abstractmethod
    def forget_fitting(self) -> None:
        """Let go of what only leaving out needs, once it is done."""

    @property
    def _weight(self) -> np.ndarray:
        """What each phrasing counts: customers do not ask about an article more often because it has more of them.

        A stranger weighs as much as a phrasing of an average article.
        """
        count = np.bincount(self.labels[self.labels != STRANGER], minlength=self.classes).astype(float)
        count = np.append(count, count[count > 0].mean() if count.any() else 1.0)[self.labels]
        return count**-0.5

    def _nearest(self, similarity: np.ndarray) -> np.ndarray:
        """Return for each text and article the mean of its NEAREST highest similarities; -1 without phrasings."""
        result = np.empty((len(similarity), self.classes), dtype=np.float32)
        for start in range(0, len(similarity), TEXTS_AT_ONCE):
            part = similarity[start : start + TEXTS_AT_ONCE]
            nowhere = np.full((len(part), 1), NOWHERE, dtype=part.dtype)
            of_article = np.hstack([part, nowhere])[:, self._slots]  # texts × articles × their phrasings
            nearest = np.partition(of_article, -NEAREST, axis=2)[:, :, -NEAREST:]
            is_there = nearest > NOWHERE
            count = is_there.sum(axis=2)
            mean = np.where(is_there, nearest, 0).sum(axis=2) / np.maximum(count, 1)
            result[start : start + len(part)] = np.where(count, mean, -1)
        return result


def slots(rows: Sequence[np.ndarray], nowhere: int) -> np.ndarray:
    """Return articles × places: the rows of each article, filled up with the number of a row that is `nowhere`."""
    table = np.full((len(rows), max([NEAREST, *map(len, rows)])), nowhere, dtype=int)
    for line, own in zip(table, rows, strict=True):
        line[: len(own)] = own
    return table


def in_both_views(meaning: np.ndarray, alike: np.ndarray) -> np.ndarray:
    """Return likeness in the vectors (-1 to 1) and in the n-grams (0 to 1) as one figure, up to 1."""
    return (DENSE_SHARE * meaning + alike) / (DENSE_SHARE + 1)


def unit(vectors: np.ndarray) -> np.ndarray:
    """Return the rows scaled to length 1; rows next to zero become zero: what is left of them is rounding."""
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.where(length > 1e-4, vectors / np.maximum(length, 1e-4), 0).astype(vectors.dtype)
