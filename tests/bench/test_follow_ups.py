"""How an outcome after a follow-up is named."""

import pytest

from bench.parts.follow_ups import measure, outcome
from kb import Decision, Hit

ROW = {"before": "how do I return it", "last": "a/b", "text": "who pays", "article": ["a/c"], "kind": "follow"}


def decide(kind: str, *articles: str) -> Decision:
    hits = tuple(Hit(article, "en", article, None, "", 0.5, {}) for article in articles)
    return Decision(kind, "en", hits, 0.5)


@pytest.mark.parametrize(
    ("decision", "named"),
    [
        (decide("answer", "a/c", "a/b"), "right"),
        (decide("answer", "a/b", "a/c"), "wrong"),
        (decide("suggest", "a/b", "a/c"), "offered"),
        (decide("suggest", "a/b"), "asked"),
        (decide("none", "a/c"), "asked"),
        (decide("none"), "asked"),
    ],
)
def test_an_outcome_is_named_by_what_the_customer_gets(decision, named):
    assert outcome(ROW, decision) == named


def test_outcomes_are_counted_by_kind(monkeypatch):
    monkeypatch.setattr("bench.parts.follow_ups.decide_in_context", lambda *args: decide("answer", "a/c"))
    found = measure(None, "en", [ROW, ROW | {"kind": "talk", "article": []}])
    assert found["follow"] == {"right": 1} and found["talk"] == {"wrong": 1} and not found["change"]
