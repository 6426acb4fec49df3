"""Logistic regression over the phrasings, for more of them than ridge.py can take.

The n-grams come in as their leading directions. Leaving out means fitting again, so one phrasing in HELD_EVERY is left
out, all at once, and the articles a third at a time. On CLINC150 (15,000 phrasings) it is the better one as well: see
docs/benchmarks.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_matrix
from sklearn.utils.extmath import randomized_svd

from kb.model.phrasings import NOWHERE, Likeness, PhrasingModel, in_both_views

STRENGTH = 10.0  # inverse of the penalty on the weights, for the sum over all phrasings
STEPS = 40  # of L-BFGS; with 25 one in five hundred is answered differently
DIRECTIONS = 128  # of the n-grams; 256 took longer and were no better
HELD_EVERY = 8
ARTICLE_GROUPS = 3
ROWS_AT_ONCE = 256  # rows × phrasings is what this takes in memory


class LogisticModel(PhrasingModel):
    """The regression over both views side by side, with the strangers as a class of their own."""

    def _fit(self) -> None:
        self.held = np.flatnonzero(np.arange(len(self.labels)) % HELD_EVERY == HELD_EVERY - 1)
        self._directions = leading(self.grams.rows)
        self._features = np.hstack([self._dense, self.grams.rows @ self._directions]).astype(np.float32)
        self._weights = self._regress(np.ones(len(self.labels), dtype=bool))

    def _regress(self, rows: np.ndarray) -> np.ndarray:
        """Return the weights (features and a constant × classes and the strangers) learnt from some rows."""
        return regress(self._features[rows], self.labels[rows], self._weight[rows], self.classes + 1)

    def forget_fitting(self) -> None:
        """Let go of the features, a few hundred numbers for each phrasing."""
        self.__dict__.pop("_features", None)

    def likeness(
        self, vectors: np.ndarray, texts: Sequence[str], languages: Sequence[str], *, remember: bool = False
    ) -> Likeness:
        """Return how these texts (queries' vectors, texts × 384) look to each article."""
        dense = self.centre.apply(vectors, languages)
        grams = self.grams.transform(texts, remember=remember)
        features = np.hstack([dense, grams @ self._directions])
        fit = probabilities(features, self._weights)[:, : self.classes]
        return Likeness(fit, self._nearest(in_both_views(dense @ self._dense.T, self.grams.compare(grams))))

    def left_out(self) -> Likeness:
        """Return how the `held` phrasings look to a model that has all but them."""
        rows = np.ones(len(self.labels), dtype=bool)
        rows[self.held] = False
        fit = probabilities(self._features[self.held], self._regress(rows))[:, : self.classes]
        return Likeness(fit, np.concatenate(list(self._neighbours())))

    def _neighbours(self) -> Iterator[np.ndarray]:
        """Yield the similarity of the `held` rows to the other phrasings, some rows at a time."""
        for start in range(0, len(self.held), ROWS_AT_ONCE):
            rows = self.held[start : start + ROWS_AT_ONCE]
            alike = in_both_views(self._dense[rows] @ self._dense.T, self.grams.compare(self.grams.rows[rows]))
            alike[np.arange(len(rows)), rows] = NOWHERE
            yield self._nearest(alike)

    def article_left_out(self, left_out: Likeness) -> Likeness:
        """Return how the `held` phrasings look to a model that has neither their article nor others of its group."""
        fit, similarity = left_out.fit.copy(), left_out.similarity.copy()
        labels = self.labels[self.held]
        for group in range(ARTICLE_GROUPS):
            inside = (labels >= 0) & (labels % ARTICLE_GROUPS == group)
            keep = (self.labels < 0) | (self.labels % ARTICLE_GROUPS != group)
            if inside.any() and keep.any():
                fit[inside] = probabilities(self._features[self.held[inside]], self._regress(keep))[:, : self.classes]
        of_an_article = np.flatnonzero(labels >= 0)
        for part in (fit, similarity):
            part[of_an_article, labels[of_an_article]] = -1
        return Likeness(fit, similarity)


def leading(grams: csr_matrix) -> np.ndarray:
    """Return the directions (n-grams × at most DIRECTIONS) along which the rows differ most."""
    number = min(DIRECTIONS, min(grams.shape) - 1)
    if number < 1:
        return np.zeros((grams.shape[1], 0), dtype=np.float32)
    found = randomized_svd(grams, number, n_iter=2, random_state=0)[2].T
    return np.ascontiguousarray(found, dtype=np.float32)  # otherwise copied for every message


def regress(
    features: np.ndarray, labels: np.ndarray, weight: np.ndarray, classes: int, steps: int = STEPS
) -> np.ndarray:
    """Return weights (features + 1 × classes) of a multinomial logistic regression, the constants in the last row.

    `labels` below zero count from the last class; a class without a row gets a constant that no question reaches.
    """
    if not len(labels):
        return np.zeros((features.shape[1] + 1, classes), dtype=np.float32)
    labels = labels % classes
    present = np.unique(labels)
    columns = np.searchsorted(present, labels)
    share = (weight / weight.sum()).astype(np.float32)
    penalty = 1 / (STRENGTH * len(labels))
    loss = partial(loss_and_slope, features, columns, share, penalty, len(present))
    start = np.zeros((features.shape[1] + 1) * len(present))
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": steps, "maxcor": 6})
    weights = np.zeros((features.shape[1] + 1, classes), dtype=np.float32)
    weights[-1] = -1e4
    weights[:, present] = found.x.reshape(-1, len(present))
    return weights


def loss_and_slope(
    features: np.ndarray, columns: np.ndarray, share: np.ndarray, penalty: float, classes: int, flat: np.ndarray
) -> tuple[float, np.ndarray]:
    """Return the penalised loss of the weights `flat`, and its slope along each of them."""
    weights = flat.reshape(-1, classes).astype(np.float32)
    expected = probabilities(features, weights)
    rows = np.arange(len(columns))
    loss = -(share * np.log(np.maximum(expected[rows, columns], 1e-30))).sum()
    loss += penalty * np.square(weights[:-1], dtype=np.float64).sum() / 2
    expected[rows, columns] -= 1
    expected *= share[:, None]
    slope = np.vstack([features.T @ expected + penalty * weights[:-1], expected.sum(axis=0)])
    return float(loss), slope.ravel().astype(np.float64)


def probabilities(features: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return rows × classes, each row adding up to 1."""
    values = features @ weights[:-1]
    values += weights[-1]
    values -= values.max(axis=1, keepdims=True)
    np.exp(values, out=values)
    values /= values.sum(axis=1, keepdims=True)
    return values
