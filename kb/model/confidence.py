"""From a score to the probability that the answer is right, and from that to what may be said.

One score, calibrated in one dimension (Platt's logistic curve), on three kinds of questions whose outcome is
known: each phrasing as seen by a model that has all the others; each phrasing as seen by a model without its
article, which nothing answers; and the shipped off-topic sentences. The operator names a precision, not a score:
the thresholds are read off the same questions.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# What share of the questions is taken to be about something that no article answers, until traffic.py knows better.
OUT_OF_SCOPE_SHARE = 0.2
# How many of those are like off-topic sentences; the others are like phrasings whose article is missing, which are much
# harder to tell than what customers really ask (on HINT3 and CLINC150 their scores lie a third higher), though not than
# what they ask of a shop that has no article on it (tests/data/near).
OFF_TOPIC_SHARE = 0.7
# What share of the questions an article answers repeats, nearly word for word, one that was asked before. Phrasings are
# collected without repeats, so leaving one out always leaves an unheard-of question: harder than customers are. This is
# an assumption, not a measurement: with 0, half of our further questions were answered as sure and 1 in 190 wrongly,
# with a half it is five in six, and 3 in 190 (`python -m bench.questions`).
REPEATED_SHARE = 0.5
# What an operator is told beside: how often a sure answer is right where so many questions are about what no article
# answers, all of them as near to what the articles are about as a missing article is, and none is a repeat.
NEAR_SHARE = 1 / 3
FLOOR = 0.5  # never shown as sure below this, whatever the precision of the lot: it is more likely wrong than right
MIN_PHRASINGS = 40  # in one language; with fewer, thresholds read off them would be luck


@dataclass(frozen=True)
class Outcomes:
    """Scores of questions whose outcome is known: does the best article answer it, is the right one among three?"""

    score: np.ndarray
    right: np.ndarray
    in_three: np.ndarray
    in_scope: np.ndarray
    weight: np.ndarray

    @property
    def balanced_weight(self) -> np.ndarray:
        """Weights that bring the questions to OUT_OF_SCOPE_SHARE; those in scope keep theirs."""
        inside, outside = self.weight[self.in_scope].sum(), self.weight[~self.in_scope].sum()
        factor = OUT_OF_SCOPE_SHARE / (1 - OUT_OF_SCOPE_SHARE) * inside / max(outside, 1e-9)
        return np.where(self.in_scope, self.weight, self.weight * factor)

    @property
    def repeated_weight(self) -> float:
        """Weight of the questions that repeat a known phrasing: always shown, always right, never left out."""
        return REPEATED_SHARE / (1 - REPEATED_SHARE) * float(self.weight[self.in_scope].sum())


@dataclass(frozen=True)
class Calibration:
    """How to read scores in one language; probabilities from 0 to 1.

    Of 100 answers given as sure, about 100 × `precision` are right, and of 100 questions that an article answers,
    about 100 × `coverage` get such an answer.
    """

    slope: float
    intercept: float
    answer_from: float
    suggest_from: float
    precision: float
    coverage: float
    questions: int
    near_precision: float = 0.0  # share of the sure answers that are right where questions are as NEAR_SHARE has it
    answered: float = 0.0  # share of the questions it was calibrated on whose best article was right
    is_careful: bool = False  # too little data: another language's or the built-in curve, and a higher threshold

    def odds(self, score) -> np.ndarray:
        """Return the log-odds that an article with this score (0 to 1) answers the question."""
        return self.slope * np.asarray(score, dtype=float) + self.intercept

    def probability(self, score, shift: float = 0.0) -> np.ndarray:
        """Return the same as a probability, for questions whose log-odds are higher by `shift` (traffic.py)."""
        return 1 / (1 + np.exp(-(self.odds(score) + shift)))


# Used when there are too few phrasings to calibrate: about the slope of the shipped articles' curves, shifted so that a
# score has to be higher for the same confidence.
CAREFUL = Calibration(12.0, -6.0, 0.9, 0.5, 0.0, 0.0, 0, is_careful=True)


def calibrate(
    outcomes: Outcomes, answer_precision: float, suggest_recall: float, missing: Outcomes | None = None
) -> Calibration:
    """Return the calibration for these outcomes, careful when they are too few.

    `missing` are those of them that stand for questions near to the articles that none answers.
    """
    from sklearn.linear_model import LogisticRegression  # who only reads what was calibrated needs none of it

    count = int(outcomes.in_scope.sum())
    if count < MIN_PHRASINGS or outcomes.right.all() or not outcomes.right.any():
        return CAREFUL
    curve = LogisticRegression(C=1e4)
    curve.fit(outcomes.score[:, None], outcomes.right, sample_weight=outcomes.balanced_weight)
    slope, intercept = max(float(curve.coef_[0, 0]), 1e-3), float(curve.intercept_[0])
    probability = curve_of(slope, intercept, outcomes)
    answer_from = threshold_for_precision(probability, outcomes, answer_precision)
    reachable = probability[outcomes.in_scope & outcomes.in_three]
    suggest_from = float(np.quantile(reachable, 1 - suggest_recall)) if len(reachable) else FLOOR
    shown = probability >= answer_from
    weight = outcomes.balanced_weight
    repeated = outcomes.repeated_weight
    precision = (repeated + (weight * (shown & outcomes.right)).sum()) / max(repeated + (weight * shown).sum(), 1e-9)
    coverage = REPEATED_SHARE + (1 - REPEATED_SHARE) * (shown & outcomes.right).sum() / max(count, 1)
    answered = float((weight * outcomes.right).sum() / weight.sum())
    return Calibration(
        slope,
        intercept,
        answer_from,
        min(suggest_from, answer_from),
        float(precision),
        float(coverage),
        count,
        near_precision(probability >= answer_from, outcomes, curve_of(slope, intercept, missing) >= answer_from),
        answered,
    )


def curve_of(slope: float, intercept: float, outcomes: Outcomes | None) -> np.ndarray:
    """Return the probabilities of outcomes on this curve; none of none."""
    return 1 / (1 + np.exp(-(slope * outcomes.score + intercept))) if outcomes else np.zeros(0)


def near_precision(shown: np.ndarray, outcomes: Outcomes, missing_shown: np.ndarray) -> float:
    """Return which share of what is shown as sure is right, of questions as NEAR_SHARE has it."""
    right = float((shown & outcomes.right).sum())
    each = NEAR_SHARE / (1 - NEAR_SHARE) * float(outcomes.in_scope.sum()) / max(len(missing_shown), 1)
    return right / max(float((shown & outcomes.in_scope).sum()) + each * float(missing_shown.sum()), 1e-9)


def threshold_for_precision(probability: np.ndarray, outcomes: Outcomes, wanted: float) -> float:
    """Return the lowest probability from which on the share of right answers among those shown is `wanted`.

    Two pretended wrong answers are counted in, so that a handful of lucky ones at the top opens nothing.
    """
    order = np.argsort(-probability, kind="stable")
    weight = outcomes.balanced_weight[order]
    right = outcomes.repeated_weight + np.cumsum(weight * outcomes.right[order])
    precision = right / (outcomes.repeated_weight + np.cumsum(weight) + 2)
    enough = np.flatnonzero(precision >= wanted)
    if not len(enough):
        return max(wanted, FLOOR)
    return max(float(probability[order[enough[-1]]]), FLOOR)


def expected_calibration_error(probability: np.ndarray, right: np.ndarray, bins: int = 10) -> float:
    """Return the mean gap between probability and share of right answers over `bins` equal ranges (Naeini 2015)."""
    which = np.minimum((probability * bins).astype(int), bins - 1)
    gaps = [abs(probability[which == b].sum() - right[which == b].sum()) for b in np.unique(which)]
    return float(sum(gaps) / max(len(probability), 1))
