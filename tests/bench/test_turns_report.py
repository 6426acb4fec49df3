"""What is made of the measured: targets, kinds of reaction, JSON without NaN."""

import math

import pytest

from bench.parts.load import Sample, kind_of
from bench.turns import figures_of, targets, without_nan


def results(ack=10.0, answer=100.0, turns=20.0, memory=1000.0, plain_turns=10.0) -> dict:
    """A run at five customers."""
    level = {"ack_p95": {"median": ack}, "answer_p95": {"median": answer}, "turns_per_second": {"median": turns}}
    plain = {5: {"turns_per_second": {"median": plain_turns}}}
    return {"odziv": {"levels": {5: level}, "memory_mb": {"together": {"pss": memory}}}, "plain": {"levels": plain}}


def test_every_target_met():
    assert [met for *_, met in targets(results())] == [True] * 4


@pytest.mark.parametrize("worse", [{"ack": 25.1}, {"answer": 201.0}, {"turns": 9.9}, {"memory": 1600.0}])
def test_one_target_missed(worse):
    assert [met for *_, met in targets(results(**worse))].count(False) == 1


def test_a_target_that_was_not_measured_counts_as_missed_not_met():
    assert [met for *_, met in targets(results(answer=math.nan))].count(False) == 1


def test_figures_of_a_round():
    figures = figures_of(Sample(acknowledged=[0.01, 0.02], answered=[0.1, 0.2], elapsed=4.0))
    assert figures["turns_per_second"] == 0.5
    assert (figures["ack_p50"], figures["answer_p99"]) == (10.0, 200.0)


def test_kinds_of_reaction():
    assert kind_of({"sender": "system"}) == "handoff"
    assert kind_of({"sender": "bot", "answer": {"article": "orders/return"}}) == "answer"
    assert kind_of({"sender": "bot", "answer": None, "buttons": [{"kind": "choice"}]}) == "question back"
    assert kind_of({"sender": "bot", "answer": None, "buttons": []}) == "other words"


def test_json_knows_no_nan():
    assert without_nan({5: [math.nan, 1.0]}) == {"5": [None, 1.0]}
