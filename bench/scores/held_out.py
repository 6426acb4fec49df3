"""What is fitted to a score, inside of what is known: weights of a stack, and the figure below which all is open.

In each fold a quarter of the intents is not there, and a quarter of the phrasings of all of them is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from sklearn.metrics import f1_score

from bench.scores.messages import OPEN, Messages
from bench.scores.scores import PARTS

FOLDS = 4
LEAST = 1e-3  # of a part of a stack, whose logarithm is taken
MOST_THRESHOLDS = 200
STACKED = "stacked"

Scorer = Callable[[Messages, Messages, int], dict[str, np.ndarray]]  # known, asked, intents → scores


@dataclass(frozen=True)
class HeldOut:
    """Every score of the phrasings that were held out (phrasings × intents, 0 for what was not there), and labels."""

    scores: dict[str, np.ndarray]
    labels: np.ndarray


def hold_out(known: Messages, intents: int, scorer: Scorer, seed: int) -> HeldOut:
    """Return what `scorer` says of the phrasings, fold by fold."""
    parts = [held for fold in folds(known, intents, seed) if (held := one_fold(fold, intents, scorer))]
    names = set.intersection(*(set(part.scores) for part in parts))
    scores = {name: np.concatenate([part.scores[name] for part in parts]) for name in names}
    return HeldOut(scores, np.concatenate([part.labels for part in parts]))


def folds(known: Messages, intents: int, seed: int) -> Iterator[tuple[Messages, Messages, np.ndarray]]:
    """Yield, for each fold, the phrasings that are known, those that are asked, and the intents that are there."""
    chance = np.random.default_rng(seed)
    group_of_intent = chance.permutation(intents) % FOLDS
    group_of_row = chance.permutation(len(known)) % FOLDS
    for fold in range(FOLDS):
        is_asked, is_there = group_of_row == fold, group_of_intent[known.labels] != fold
        there = np.unique(known.labels[~is_asked & is_there])
        yield known.only(~is_asked & is_there).relabelled(there), known.only(is_asked), there


def one_fold(fold: tuple[Messages, Messages, np.ndarray], intents: int, scorer: Scorer) -> HeldOut | None:
    """Return what `scorer` says in one fold, in columns of all intents; None where nothing can be learnt or asked."""
    known, asked, there = fold
    if len(there) < 2 or not len(asked):
        return None
    scores = {}
    for name, found in scorer(known, asked, len(there)).items():
        scores[name] = np.zeros((len(asked), intents))
        scores[name][:, there] = found
    return HeldOut(scores, np.where(np.isin(asked.labels, there), asked.labels, OPEN))


def stack_weights(held: HeldOut) -> np.ndarray:
    """Return what each of PARTS counts in a product of powers: those by which the right intents are likeliest."""
    inside = held.labels != OPEN
    parts, labels = logarithms(held.scores)[:, inside], held.labels[inside]
    rows = np.arange(len(labels))

    def loss(weights: np.ndarray) -> float:
        values = np.tensordot(weights, parts, axes=1)
        highest = values.max(axis=1)
        likely = values[rows, labels] - highest - np.log(np.exp(values - highest[:, None]).sum(axis=1))
        return float(-likely.mean())

    found = minimize(loss, np.ones(len(PARTS)), method="L-BFGS-B", bounds=[(0, None)] * len(PARTS))
    return found.x / max(found.x.sum(), 1e-9)


def stacked(scores: dict[str, np.ndarray], weights: np.ndarray) -> np.ndarray:
    """Return the product of the PARTS, each to the power of its weight."""
    return np.exp(np.tensordot(weights, logarithms(scores), axes=1))


def logarithms(scores: dict[str, np.ndarray]) -> np.ndarray:
    return np.stack([np.log(np.clip(scores[part], LEAST, 1)) for part in PARTS])


def with_stack(scores: dict[str, np.ndarray], held: HeldOut) -> tuple[dict[str, np.ndarray], HeldOut]:
    """Return the scores, and those held out, with "stacked" among them, where all its parts are there."""
    if not all(part in scores and part in held.scores for part in PARTS):
        return scores, held
    weights = stack_weights(held)
    held = HeldOut(held.scores | {STACKED: stacked(held.scores, weights)}, held.labels)
    return scores | {STACKED: stacked(scores, weights)}, held


def threshold(score: np.ndarray, labels: np.ndarray) -> float:
    """Return the figure from which on a message is taken for an intent: the one with the best macro-F1."""
    likely = score.max(axis=1)
    tried = np.quantile(likely, np.linspace(0, 1, MOST_THRESHOLDS))
    return float(max(tried, key=lambda least: macro_f1(labels, taken_for(score, least))))


def taken_for(score: np.ndarray, least: float) -> np.ndarray:
    """Return for each message its likeliest intent, or OPEN below the threshold."""
    return np.where(score.max(axis=1) >= least, score.argmax(axis=1), OPEN)


def macro_f1(labels: np.ndarray, taken: np.ndarray) -> float:
    """Return the mean of the F1 of each intent there is, and of OPEN as one more."""
    return float(f1_score(labels, taken, labels=np.unique(labels), average="macro", zero_division=0))


def chosen(intents: int, share: float, seed: int) -> np.ndarray:
    """Return the intents that are known where a share of them is: at least two, by chance that `seed` decides."""
    number = max(2, round(share * intents))
    return np.sort(np.random.default_rng(seed).choice(intents, number, replace=False))


def mean_and_spread(values: Sequence[float]) -> tuple[float, float]:
    """Return mean and standard deviation; of one value, 0."""
    return float(np.mean(values)), float(np.std(values, ddof=1)) if len(values) > 1 else 0.0
