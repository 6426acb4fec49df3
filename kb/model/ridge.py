"""Ridge regression over the phrasings: closed form, all of it, for knowledge bases of a usual size.

Chosen over logistic regression because fitting takes a fraction of a second, so that a saved article is answered from
at once, and because leaving out is exact, without fitting again. On HINT3 it was no worse. Time goes with the cube of
the number of phrasings, so that there is an end to it: logistic.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from scipy.linalg import cho_solve, cholesky, lapack

from kb.model.phrasings import DENSE_SHARE, Likeness, PhrasingModel

RIDGE = 2.0  # the pull towards "no article"; the kernel's diagonal is DENSE_SHARE + 1


class RidgeModel(PhrasingModel):
    """The regression over a kernel that is the sum of both views; every phrasing is left out in its turn."""

    def _fit(self) -> None:
        self.held = np.arange(len(self.labels))
        self._meaning = self._dense @ self._dense.T
        self._kernel = DENSE_SHARE * self._meaning + self.grams.alike()
        weight = self._weight
        penalty = RIDGE * weight.mean() / weight if len(weight) else weight
        self._targets = np.eye(self.classes + 1, dtype=self._kernel.dtype)[self.labels, : self.classes]
        matrix = self._kernel + np.diag(penalty).astype(self._kernel.dtype)
        self._factor = cholesky(matrix, lower=True, overwrite_a=True) if len(matrix) else matrix
        self._weights = cho_solve((self._factor, True), self._targets) if len(matrix) else self._targets

    @cached_property
    def _inverse(self) -> np.ndarray:
        """Inverse of kernel and penalty: only leaving out needs it, and it takes longer than all the rest."""
        return inverse(self._factor)

    def forget_fitting(self) -> None:
        """Let go of four matrices of phrasings × phrasings."""
        for name in ("_kernel", "_meaning", "_factor", "_inverse"):
            self.__dict__.pop(name, None)

    def likeness(
        self, vectors: np.ndarray, texts: Sequence[str], languages: Sequence[str], *, remember: bool = False
    ) -> Likeness:
        """Return how these texts (queries' vectors, texts × 384) look to each article."""
        meaning = self.centre.apply(vectors, languages) @ self._dense.T
        kernel = DENSE_SHARE * meaning + self.grams.similarity(texts, remember=remember)
        return Likeness(kernel @ self._weights, self._nearest(kernel / (DENSE_SHARE + 1)), self._nearest(meaning))

    def left_out(self) -> Likeness:
        """Return how each phrasing looks to a model that has all the others."""
        fit = self._targets - self._weights / np.diag(self._inverse)[:, None]
        kernel, meaning = self._kernel.copy(), self._meaning.copy()
        np.fill_diagonal(kernel, -DENSE_SHARE - 1)
        np.fill_diagonal(meaning, -1)
        return Likeness(fit, self._nearest(kernel / (DENSE_SHARE + 1)), self._nearest(meaning))

    def article_left_out(self, left_out: Likeness) -> Likeness:
        """Return how each phrasing looks to a model that does not have its article: a question nothing answers.

        `left_out` is what the method of that name returns: towards the other articles, similarity is the same.
        """
        fit = left_out.fit.copy()
        similarity, meaning = left_out.similarity.copy(), left_out.meaning.copy()
        for label, rows in enumerate(self._rows):
            block = self._inverse[np.ix_(rows, rows)]
            fit[rows] = self._targets[rows] - np.linalg.solve(block, self._weights[rows])
            fit[rows, label] = similarity[rows, label] = meaning[rows, label] = -1
        return Likeness(fit, similarity, meaning)


def inverse(factor: np.ndarray) -> np.ndarray:
    """Return the inverse of the symmetric matrix whose lower Cholesky factor this is."""
    if not len(factor):
        return factor
    (potri,) = lapack.get_lapack_funcs(("potri",), (factor,))
    half, failed = potri(factor, lower=1)
    if failed:
        raise np.linalg.LinAlgError("the kernel cannot be inverted")
    return np.tril(half) + np.tril(half, -1).T
