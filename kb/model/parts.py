"""Which topics of the library count here: those of the parts that were named, or of those the articles are about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

AUTO, OFF = "auto", "off"
# What customers of shops ask and shops have no article on: it counts where the shops' part does.
FOLLOWS = {"near": "shop"}
# A part counts from so many of its topics on that the articles answer, and from such a share of articles that answer
# one. Chosen between the shipped articles (all of them) and the GNOME help.
LEAST_TOPICS, LEAST_SHARE = 1, 0.15


def area_of(topic: str) -> str:
    """Return the area of a topic: returns/period → returns."""
    return topic.partition("/")[0]


def counting_topics(
    topics: Sequence[str], parts: Mapping[str, str], library: str | Sequence[str], answers: np.ndarray
) -> np.ndarray:
    """Return which of `topics` count (true or false of each).

    `library` is "auto", "off", or the parts and areas that count; `parts` is the part of each topic, its area where it
    is not named; `answers` (topics × articles) is 1 where an article answers a topic.
    """
    if isinstance(library, str):
        named = parts_of_articles(topics, parts, answers) if library == AUTO else set()
    else:
        named = set(library)
    return np.array([not named.isdisjoint({area_of(topic), part_of(topic, parts)}) for topic in topics], dtype=bool)


def part_of(topic: str, parts: Mapping[str, str]) -> str:
    """Return the part of a topic; of one that no part has, its area."""
    return parts.get(topic, area_of(topic))


def parts_of_articles(topics: Sequence[str], parts: Mapping[str, str], answers: np.ndarray) -> set[str]:
    """Return the parts that the articles are about, by how many of their topics the articles answer."""
    of = np.array([part_of(topic, parts) for topic in topics])
    found = {str(part) for part in np.unique(of) if is_about(answers[of == part])}
    return found - FOLLOWS.keys() | {part for part, leader in FOLLOWS.items() if leader in found}


def is_about(answers: np.ndarray) -> bool:
    """Return whether the articles are about a part; `answers` are those to its topics (topics × articles)."""
    if not answers.size:
        return False
    answered, answering = answers.any(axis=1).sum(), answers.any(axis=0).mean()
    return bool(answered >= LEAST_TOPICS and answering >= LEAST_SHARE)
