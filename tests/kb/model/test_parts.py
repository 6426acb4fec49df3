"""Which topics of the library count: by their parts, as they are named or as the articles are about them."""

from __future__ import annotations

import numpy as np
import pytest

from kb.model.parts import counting_topics
from kb.sources.library import read_parts
from odziv.settings.load import LIBRARY_PARTS

TOPICS = ("orders/cancel", "returns/period", "near/jobs", "company/about")
PARTS = {"orders/cancel": "shop", "returns/period": "shop", "near/jobs": "near", "company/about": "company"}


def counting(library, likely: np.ndarray, stated=()) -> list[str]:
    stated = [frozenset(named) for named in stated] or [frozenset()] * likely.shape[1]
    found = counting_topics(TOPICS, PARTS, library, likely, stated)
    return [topic for topic, counts in zip(TOPICS, found, strict=True) if counts]


def likely(articles: int, *each: float) -> np.ndarray:
    """Topics × articles: all articles so likely about each topic."""
    return np.tile(np.array([*each, *[0.0] * (len(TOPICS) - len(each))], dtype=np.float32)[:, None], articles)


@pytest.mark.parametrize(
    ("library", "wanted"),
    [
        ("off", []),
        (["shop"], ["orders/cancel", "returns/period"]),
        (["returns", "company"], ["returns/period", "company/about"]),
        (["near"], ["near/jobs"]),
    ],
)
def test_named_parts_and_areas_count_whatever_the_articles_are_about(library, wanted):
    assert counting(library, likely(10)) == wanted


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (likely(10), []),
        (likely(10, 0.3, 0.3), list(TOPICS)),  # a shop, which is a company, and has much that it says nothing about
        (likely(10, 0.2, 0.2), []),
        (likely(10, 0, 0, 0, 0.6), ["company/about"]),
        (likely(10, 0, 0, 0.6), ["near/jobs"]),
        (likely(0), []),
    ],
)
def test_auto_is_by_how_much_the_articles_are_about_a_part(given, wanted):
    assert counting("auto", given) == wanted


@pytest.mark.parametrize(("naming", "counts"), [(5, True), (4, False)])
def test_what_articles_name_they_are_about(naming, counts):
    stated = [{"returns/period"}] * naming + [set()] * (10 - naming)
    assert bool(counting("auto", likely(10), stated)) == counts


def test_the_settings_know_the_parts_and_areas_of_the_library():
    parts = read_parts()
    areas = {topic.split("/")[0] for topic in parts}
    assert set(LIBRARY_PARTS) == {*parts.values(), *areas}
