"""Which topics of the library count here: those of the parts that were named, or that the articles are about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

AUTO, OFF = "auto", "off"
# What else counts where a part does: what customers ask shops that have no article on it, and a shop is a company.
BROUGHT = {"shop": ("near", "company")}
# So much of the articles, on average, has to be about a part. Chosen between the shipped articles and HINT3's shop on
# one side, and the GNOME help, COVID questions, home automation and CLINC150 on the other.
ABOUT_FROM = 0.5


def area_of(topic: str) -> str:
    """Return the area of a topic: returns/period → returns."""
    return topic.partition("/")[0]


def counting_topics(
    topics: Sequence[str],
    parts: Mapping[str, str],
    library: str | Sequence[str],
    likely: np.ndarray,
    stated: Sequence[frozenset[str]],
) -> np.ndarray:
    """Return which of `topics` count (true or false of each).

    `library` is "auto", "off", or the parts and areas that count; `parts` is the part of each topic, its area where it
    is not named; `likely` (topics × articles) is how likely an article's phrasings are about a topic, `stated` are the
    topics that each article names.
    """
    of = np.array([parts.get(topic, area_of(topic)) for topic in topics])
    if isinstance(library, str):
        named = parts_of_articles(topics, of, likely, stated) if library == AUTO else set()
    else:
        named = set(library)
    return np.array([not named.isdisjoint({area_of(t), part}) for t, part in zip(topics, of, strict=True)], dtype=bool)


def parts_of_articles(
    topics: Sequence[str], of: np.ndarray, likely: np.ndarray, stated: Sequence[frozenset[str]]
) -> set[str]:
    """Return the parts that the articles are about, and those that these bring along; `of` is the part of each topic.

    An article that names topics of a part is wholly about it; any other so much as its phrasings are.
    """
    part_of = dict(zip(topics, of, strict=True))
    found: set[str] = set()
    for part in dict.fromkeys(map(str, of)):
        about = likely[of == part].sum(axis=0)
        about[[any(part_of.get(topic) == part for topic in named) for named in stated]] = 1
        if len(stated) and about.mean() >= ABOUT_FROM:
            found |= {part, *BROUGHT.get(part, ())}
    return found
