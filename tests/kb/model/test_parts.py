"""Which topics of the library count: by their parts, as they are named or as the articles are about them."""

from __future__ import annotations

import numpy as np
import pytest

from kb.model.parts import counting_topics
from kb.sources.library import read_parts
from odziv.settings.load import LIBRARY_PARTS

TOPICS = ("orders/cancel", "returns/period", "near/jobs", "company/about")
PARTS = {"orders/cancel": "shop", "returns/period": "shop", "near/jobs": "near", "company/about": "company"}


def counting(library, answers: np.ndarray) -> list[str]:
    found = counting_topics(TOPICS, PARTS, library, answers)
    return [topic for topic, counts in zip(TOPICS, found, strict=True) if counts]


def answers(articles: int, **answering: int) -> np.ndarray:
    """Topics × articles: so many of the articles answer the topic at that place."""
    result = np.zeros((len(TOPICS), articles), dtype=np.float32)
    for place, many in answering.items():
        result[int(place.removeprefix("at")), :many] = 1
    return result


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
    assert counting(library, answers(10)) == wanted


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (answers(10), []),
        (answers(10, at0=6, at1=3), ["orders/cancel", "returns/period", "near/jobs"]),  # near goes with shop
        (answers(10, at3=5), ["company/about"]),
        (answers(10, at2=5), []),  # near alone is no shop
        (answers(100, at0=1, at1=1, at3=2), []),  # a hundred articles about something else
        (answers(0), []),
    ],
)
def test_auto_is_by_how_much_of_a_part_the_articles_answer(given, wanted):
    assert counting("auto", given) == wanted


def test_the_settings_know_the_parts_and_areas_of_the_library():
    parts = read_parts()
    areas = {topic.split("/")[0] for topic in parts}
    assert set(LIBRARY_PARTS) == {*parts.values(), *areas}
