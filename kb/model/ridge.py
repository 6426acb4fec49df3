"""Ridge regression over the phrasings, and a logistic one beside it, for knowledge bases of a usual size.

Ridge regression learns from strangers whether an article is asked about at all; logistic regression (choices.py) tells
which one, if any. Each alone loses to the other on some sets (`python -m bench.scores`). Both are learnt in a fraction
of a second, so that a saved article is answered from at once. Time goes with the cube of the number of phrasings, so
that there is an end to it: logistic.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from scipy.linalg import cho_solve, cholesky, lapack

from kb.model.choices import Choices, without
from kb.model.phrasings import DENSE_SHARE, Likeness, PhrasingModel, in_both_views

RIDGE = 0.9  # the pull towards "no article"; the kernel's diagonal is DENSE_SHARE + 1
CURVE = 1.5  # of the likeness of vectors: what is near counts for more, so that unlike phrasings can make one article


class RidgeModel(PhrasingModel):
    """Both regressions over both views; every phrasing is left out in its turn, by the logistic one in folds."""

    def _fit(self) -> None:
        self.held = np.arange(len(self.labels))
        self._meaning = self._dense @ self._dense.T
        self._alike = self.grams.alike()
        weight = self._weight
        self._choices = Choices(self._dense, self.grams.rows, self.labels, weight, self.classes)
        penalty = RIDGE * weight.mean() / weight if len(weight) else weight
        matrix = kernel(self._meaning, self._alike)
        self._targets = np.eye(self.classes + 1, dtype=matrix.dtype)[self.labels, : self.classes]
        matrix += np.diag(penalty).astype(matrix.dtype)
        self._factor = cholesky(matrix, lower=True, overwrite_a=True) if len(matrix) else matrix
        self._weights = cho_solve((self._factor, True), self._targets) if len(matrix) else self._targets

    @cached_property
    def _inverse(self) -> np.ndarray:
        """Inverse of kernel and penalty: only leaving out needs it, and it takes longer than all the rest."""
        return inverse(self._factor)

    def forget_fitting(self) -> None:
        """Let go of four matrices of phrasings × phrasings."""
        for name in ("_meaning", "_alike", "_factor", "_inverse"):
            self.__dict__.pop(name, None)
        self._choices.forget_fitting()

    def likeness(
        self, vectors: np.ndarray, texts: Sequence[str], languages: Sequence[str], *, remember: bool = False
    ) -> Likeness:
        """Return how these texts (queries' vectors, texts × 384) look to each article."""
        dense, grams = self.centre.apply(vectors, languages), self.grams.transform(texts, remember=remember)
        meaning, alike = dense @ self._dense.T, self.grams.compare(grams)
        fit = together(kernel(meaning, alike) @ self._weights, self._choices.chances(dense, grams))
        return Likeness(fit, self._nearest(in_both_views(meaning, alike)))

    def left_out(self) -> Likeness:
        """Return how each phrasing looks to a model that has all the others."""
        values = self._targets - self._weights / np.diag(self._inverse)[:, None]
        similarity = in_both_views(self._meaning, self._alike)
        np.fill_diagonal(similarity, -1)
        return Likeness(together(values, self._choices.left_out), self._nearest(similarity))

    def article_left_out(self, left_out: Likeness) -> Likeness:
        """Return how each phrasing looks to a model that does not have its article: a question nothing answers.

        `left_out` is what the method of that name returns: towards the other articles, similarity is the same.
        """
        fit, similarity = left_out.fit.copy(), left_out.similarity.copy()
        for label, rows in enumerate(self._rows):
            values = self.values_without(rows)
            fit[rows] = together(values, without(self._choices.left_out[rows], label))
            fit[rows, label] = similarity[rows, label] = -1
        return Likeness(fit, similarity)

    def values_without(self, rows: np.ndarray) -> np.ndarray:
        """Return what ridge regression says of some phrasings (rows × classes) when it has learnt from all others."""
        block = self._inverse[np.ix_(rows, rows)]
        return self._targets[rows] - np.linalg.solve(block, self._weights[rows])


def kernel(meaning: np.ndarray, alike: np.ndarray) -> np.ndarray:
    """Return how near texts are to phrasings, 0 to DENSE_SHARE + 1, from their likeness in both views."""
    return DENSE_SHARE * np.exp(CURVE * (meaning - 1)) + alike


def together(values: np.ndarray, chances: np.ndarray) -> np.ndarray:
    """Return what both regressions say, 0 to 1: a geometric mean, so that neither outvotes the other's no.

    The ridge regression's values count twice, since they alone know of strangers.
    """
    return np.cbrt(np.clip(values, 0, 1) ** 2 * chances)


def inverse(factor: np.ndarray) -> np.ndarray:
    """Return the inverse of the symmetric matrix whose lower Cholesky factor this is."""
    if not len(factor):
        return factor
    (potri,) = lapack.get_lapack_funcs(("potri",), (factor,))
    half, failed = potri(factor, lower=1)
    if failed:
        raise np.linalg.LinAlgError("the kernel cannot be inverted")
    return np.tril(half) + np.tril(half, -1).T
