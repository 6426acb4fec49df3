"""How `bench.long` compares, and what of it decides."""

from __future__ import annotations

from bench.long.__main__ import OPENING, compare, find_dearer


def test_medians_are_compared():
    [told] = compare({"to the answer": [0.01, 0.02, 0.5]}, {"to the answer": [0.03, 0.04, 0.05]})
    assert told == {"what": "to the answer", "early_ms": 20.0, "late_ms": 40.0, "times": 2.0}


def test_what_costs_nothing_is_not_divided_by():
    [told] = compare({"x": [0.0]}, {"x": [0.0]})
    assert told["times"] == 1.0


def test_opening_a_page_that_shows_more_may_cost_more():
    early, late = {"to the answer": [0.01], OPENING: [0.01]}, {"to the answer": [0.012], OPENING: [0.05]}
    assert find_dearer(compare(early, late)) == []
    late["to the answer"] = [0.0122]
    assert [each["what"] for each in find_dearer(compare(early, late))] == ["to the answer"]
