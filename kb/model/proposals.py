"""Topics that articles seem to answer and don't name: proposed to their editors, with how sure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Proposal:
    """A topic that an article may answer; `sure` is how likely its phrasings are about it, on average, 0 to 1."""

    article: str
    topic: str
    sure: float


def propose(
    articles: Sequence[str], topics: Sequence[str], likely: np.ndarray, decided: Sequence[frozenset[str]], least: float
) -> list[Proposal]:
    """Return what to propose, the surest first.

    `likely` (topics × articles) is how likely an article's phrasings are about a topic; `decided` are the topics that
    an article names as its own or as not its own.
    """
    found = [
        Proposal(articles[column], topics[row], float(likely[row, column]))
        for row, column in np.argwhere(likely >= least)
        if topics[row] not in decided[column]
    ]
    return sorted(found, key=lambda each: (-each.sure, each.article, each.topic))
