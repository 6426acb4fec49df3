"""The scores that are compared: each gives a message a figure for each intent, the highest is the one it is taken for.

All see the same: the encoder's vectors without their mean, and weighted character n-grams.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from bench.scores.messages import OPEN, Messages
from kb.model.lexical import CharGrams
from kb.model.logistic import leading, probabilities, regress
from kb.model.parts import OFF
from kb.model.phrasings import DENSE_SHARE, Centre, PhrasingModel
from kb.snapshot import MOST_FOR_RIDGE, Snapshot
from kb.sources.articles import Article
from kb.vectors.index import VectorIndex

STRAIGHT_RIDGE = 2 / 3  # the penalty for a straight kernel of diagonal 1
SINGLE = ("logistic", "logistic × likeness", "ridge", "ridge × likeness", "likeness")
MIXED = ("mean of three", "stacked", "product's phrasings", "product")
PARTS = ("logistic", "ridge", "likeness")  # what "mean of three" and "stacked" are made of


def scores_of(
    known: Messages, asked: Messages, intents: int, language: str, strangers: Messages, index: VectorIndex
) -> dict[str, np.ndarray]:
    """Return every score but "stacked": its name, and the figures of `asked` (messages × intents).

    "logistic" has no strangers, as in the design's first try; the others learn from them too. Those with ridge
    regression are missing where there are more phrasings than it can take.
    """
    found = logistic(known, asked, intents, language)
    snapshot = learnt(known, intents, language, strangers, index)
    evidence = snapshot.evidence(asked.vectors, asked.texts, [language] * len(asked))
    found["likeness"] = np.clip(evidence.likeness.similarity, 0, 1)
    if len(known) + len(strangers) <= MOST_FOR_RIDGE:
        found["ridge"] = ridge(snapshot.model, asked, language)
        found["ridge × likeness"] = np.sqrt(np.clip(found["ridge"], 0, 1) * found["likeness"])
        found["mean of three"] = np.mean([np.clip(found[part], 0, 1) for part in PARTS], axis=0)
    found["product's phrasings"], found["product"] = evidence.likeness.score, evidence.certainty
    return found


def logistic(known: Messages, asked: Messages, intents: int, language: str) -> dict[str, np.ndarray]:
    """Return plain logistic regression's probabilities, and their mean with the likeness to the nearest phrasing.

    The second is the design's first try. It is a figure for the likeliest intent only, and 0 for the others.
    """
    grams, centre = CharGrams(known.texts), Centre(known.vectors, [language] * len(known))
    dense, asked_dense = (centre.apply(each.vectors, [language] * len(each)) for each in (known, asked))
    directions = leading(grams.rows)
    features = np.hstack([dense, grams.rows @ directions]).astype(np.float32)
    weights = regress(features, known.labels, np.ones(len(known)), intents)
    chances = probabilities(np.hstack([asked_dense, grams.transform(asked.texts) @ directions]), weights)
    rows, likeliest = np.arange(len(asked)), chances.argmax(axis=1)
    nearest = np.where(known.labels == likeliest[:, None], asked_dense @ dense.T, 0).max(axis=1)
    times = np.zeros_like(chances)
    times[rows, likeliest] = np.sqrt(chances[rows, likeliest] * nearest)
    return {"logistic": chances, "logistic × likeness": times}


def ridge(model: PhrasingModel, asked: Messages, language: str) -> np.ndarray:
    """Return ridge regression's values over a straight kernel, with the product's strangers."""
    dense, grams, weight = model._dense, model.grams, model._weight
    asked_dense = model.centre.apply(asked.vectors, [language] * len(asked))
    among, beside = (DENSE_SHARE * each @ dense.T for each in (dense, asked_dense))
    penalty = STRAIGHT_RIDGE * (DENSE_SHARE + 1)
    targets = np.eye(model.classes + 1)[model.labels, : model.classes]
    solved = cho_solve(cho_factor(among + grams.alike() + np.diag(penalty * weight.mean() / weight)), targets)
    return (beside + grams.similarity(asked.texts)) @ solved


def learnt(known: Messages, intents: int, language: str, strangers: Messages, index: VectorIndex) -> Snapshot:
    """Return the product's knowledge base with an article for each intent, which has no text but its phrasings."""
    phrasings: list[list[str]] = [[] for _ in range(intents)]
    for text, label in zip(known.texts, known.labels, strict=True):
        phrasings[label].append(text)
    articles = [article_of(number, language, texts) for number, texts in enumerate(phrasings)]
    return Snapshot(articles, index, {language: strangers.texts}, {}, None, OFF)


def article_of(number: int, language: str, phrasings: Sequence[str]) -> Article:
    """Return an article without text; those of all intents have the same title, so that none tells anything."""
    identity = f"bench/{number:05}"
    return Article(
        identity, language, "Page", tuple(phrasings), (), "published", (), False, "", Path(f"{identity}.md")
    )  # fmt: skip


def best(score: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return for each message the intent that it is taken for, and the figure that speaks for it."""
    return score.argmax(axis=1), score.max(axis=1)


def is_right(score: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return which messages in scope are taken for what they are."""
    return (labels != OPEN) & (score.argmax(axis=1) == labels)
