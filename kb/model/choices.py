"""Logistic regression among the articles: which one is asked about, if it is one of them?

Strangers take no part, so that it says nothing of whether any article answers; ridge.py does. The n-grams come in as
their leading directions. Leaving out means fitting again, in FOLDS: each phrasing is judged by what has learnt from the
other folds.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from scipy.sparse import csr_matrix

from kb.model.logistic import leading, probabilities, regress
from kb.model.phrasings import DENSE_SHARE, STRANGER

STEPS = 25  # of L-BFGS, of which fewer phrasings need fewer
FOLDS = 5


class Choices:
    """The regression over both views side by side, learnt from the articles' phrasings."""

    def __init__(self, dense: np.ndarray, grams: csr_matrix, labels: np.ndarray, weight: np.ndarray, classes: int):
        """Learn from phrasings, a row each: centred vectors, n-grams, number of the article, what the row counts."""
        self._ours = np.flatnonzero(labels != STRANGER)
        self._labels, self._weight, self._classes = labels[self._ours], weight[self._ours], classes
        self._directions = leading(grams[self._ours])
        self._features = self._join(dense, grams)
        self._weights = self._regress(np.arange(len(self._ours)))

    def chances(self, dense: np.ndarray, grams: csr_matrix) -> np.ndarray:
        """Return for each text (centred vector, n-grams) how likely it asks for each article, a row adding up to 1."""
        return probabilities(self._join(dense, grams), self._weights)

    @cached_property
    def left_out(self) -> np.ndarray:
        """The same for the phrasings themselves, each judged without its fold; strangers are in none of them."""
        chances = probabilities(self._features, self._weights)
        fold = np.arange(len(self._ours)) % FOLDS
        for number in np.unique(fold):
            rows = self._ours[fold == number]
            chances[rows] = probabilities(self._features[rows], self._regress(np.flatnonzero(fold != number)))
        return chances

    def forget_fitting(self) -> None:
        """Let go of what only leaving out needs: a few hundred numbers for each phrasing."""
        for name in ("_features", "left_out"):
            self.__dict__.pop(name, None)

    def _join(self, dense: np.ndarray, grams: csr_matrix) -> np.ndarray:
        return np.hstack([np.sqrt(DENSE_SHARE) * dense, grams @ self._directions]).astype(np.float32)

    def _regress(self, rows: np.ndarray) -> np.ndarray:
        """Return the weights (features and a constant × classes) learnt from some of the articles' phrasings."""
        features = self._features[self._ours[rows]]
        return regress(features, self._labels[rows], self._weight[rows], self._classes, STEPS)


def without(chances: np.ndarray, label: int) -> np.ndarray:
    """Return the chances (rows × articles) if one article were not there: the others share what it had."""
    others = chances.copy()
    others[:, label] = 0
    return others / np.maximum(others.sum(axis=1, keepdims=True), 1e-9)
