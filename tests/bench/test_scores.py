"""What bench.scores reckons: splits, what is fitted inside of what is known, figures, and who is behind whom."""

import json

import numpy as np
import pytest

from bench.scores import __main__ as command
from bench.scores.held_out import (
    HeldOut,
    chosen,
    folds,
    hold_out,
    macro_f1,
    mean_and_spread,
    stack_weights,
    stacked,
    taken_for,
    threshold,
    with_stack,
)
from bench.scores.messages import OPEN, IntentSet, Messages, read_set
from bench.scores.scores import MIXED, SINGLE, logistic, scores_of
from kb.vectors.index import VectorIndex
from tests.fake_encoder import FakeEncoder

OPENINGS = ("where is my", "how do I return", "what does it cost to send", "please cancel")
THINGS = ("parcel", "a tent", "the boots", "an order", "number five", "a lamp", "the stove", "my bag")
ROWS = [
    {"text": f"{opening} {thing}", "label": opening, "split": "test" if number % 4 == 3 else "train"}
    for opening in OPENINGS
    for number, thing in enumerate(THINGS)
] + [{"text": f"who won {thing}", "label": "oos", "split": "test"} for thing in THINGS]


@pytest.fixture
def index(tmp_path) -> VectorIndex:
    return VectorIndex(tmp_path / "vectors", FakeEncoder())


@pytest.fixture
def shop(tmp_path, index) -> IntentSet:
    path = tmp_path / "shop.jsonl"
    path.write_text("\n".join(map(json.dumps, ROWS)))
    return read_set(path, index)


def messages(*labels: int) -> Messages:
    texts = tuple(f"text {number}" for number in range(len(labels)))
    return Messages(texts, np.zeros((len(labels), 2)), np.array(labels))


def test_a_set_has_its_intents_numbered_and_what_is_none_of_them_is_open(shop):
    assert (shop.name, shop.language, shop.intents) == ("shop", "en", 4)
    assert len(shop.known) == 24 and sorted(set(shop.known.labels)) == [0, 1, 2, 3]
    assert (shop.asked.labels == OPEN).sum() == 8 and len(shop.asked) == 16


def test_of_each_intent_as_many_texts_are_taken_as_asked_for_and_always_the_same(tmp_path, index, shop):
    few, again = (read_set(tmp_path / "shop.jsonl", index, 2) for _ in range(2))
    assert list(np.bincount(few.known.labels)) == [2, 2, 2, 2]
    assert few.known.texts == again.known.texts
    assert len(read_set(tmp_path / "shop.jsonl", index, 100).known) == 24


def test_intents_that_are_not_known_become_open_and_the_others_are_numbered_anew():
    asked = messages(0, 1, 2, OPEN, 1).relabelled(np.array([1, 2]))
    assert list(asked.labels) == [OPEN, 0, 1, OPEN, 0]


@pytest.mark.parametrize(("share", "number"), [(0.3, 3), (0.5, 5), (0.01, 2)])
def test_a_share_of_the_intents_is_known_another_one_with_each_seed(share, number):
    picks = [tuple(chosen(10, share, seed)) for seed in range(10)]
    assert {len(set(pick)) for pick in picks} == {number}
    assert len(set(picks)) > 1 and picks[0] == tuple(chosen(10, share, 0))


def test_each_phrasing_is_asked_once_and_never_known_in_the_same_fold():
    known = messages(*[number % 5 for number in range(40)])
    asked_texts = []
    for learnt, asked, there in folds(known, 5, 7):
        assert not set(learnt.texts) & set(asked.texts)
        assert sorted(set(learnt.labels)) == list(range(len(there))) and len(there) < 5
        assert {known.labels[known.texts.index(text)] for text in learnt.texts} == set(there)
        asked_texts += asked.texts
    assert sorted(asked_texts) == sorted(known.texts)


def test_what_was_held_out_is_in_the_columns_of_all_intents_and_open_where_its_intent_was_away():
    known = messages(*[number % 4 for number in range(32)])

    def certain(learnt: Messages, asked: Messages, intents: int) -> dict[str, np.ndarray]:
        return {"certain": np.ones((len(asked), intents))}

    held = hold_out(known, 4, certain, 0)
    assert held.scores["certain"].shape == (32, 4)
    away = held.labels == OPEN
    assert 0 < away.sum() < 32
    assert (held.scores["certain"][~away, held.labels[~away]] == 1).all()
    assert (held.scores["certain"].sum(axis=1) == 3).all()


def parts_where_one_knows(knowing: str, labels: np.ndarray) -> dict[str, np.ndarray]:
    """Scores of three parts: one is right, the others are the same for all intents or plainly wrong."""
    right = np.where(np.eye(3)[labels] == 1, 0.9, 0.05)
    return {part: right if part == knowing else 1 - right for part in ("logistic", "ridge", "likeness")}


@pytest.mark.parametrize("knowing", ["logistic", "ridge", "likeness"])
def test_a_stack_believes_the_part_that_was_right(knowing):
    labels = np.array([0, 1, 2, 0, 1, 2])
    scores = parts_where_one_knows(knowing, labels)
    weights = stack_weights(HeldOut(scores, labels))
    assert weights.sum() == pytest.approx(1) and weights[["logistic", "ridge", "likeness"].index(knowing)] > 0.9
    assert (stacked(scores, weights).argmax(axis=1) == labels).all()


def test_without_all_its_parts_there_is_no_stack():
    labels = np.array([0, 1, 2])
    scores = parts_where_one_knows("ridge", labels)
    assert "stacked" in with_stack(scores, HeldOut(scores, labels))[0]
    del scores["ridge"]
    assert "stacked" not in with_stack(scores, HeldOut(scores, labels))[0]


def test_macro_f1_counts_open_as_one_intent_more():
    labels, taken = np.array([0, 0, 1, OPEN]), np.array([0, OPEN, 1, OPEN])
    assert macro_f1(labels, taken) == pytest.approx((2 / 3 + 1 + 2 / 3) / 3)


def test_the_threshold_parts_what_is_open_from_what_is_not():
    score = np.array([[0.9, 0.1], [0.2, 0.8], [0.7, 0.1], [0.3, 0.2], [0.1, 0.4]])
    labels = np.array([0, 1, 0, OPEN, OPEN])
    least = threshold(score, labels)
    assert 0.4 < least <= 0.7
    assert list(taken_for(score, least)) == list(labels)


def test_mean_and_spread():
    assert mean_and_spread([1.0, 3.0]) == (2.0, pytest.approx(2**0.5))
    assert mean_and_spread([4.0]) == (4.0, 0.0)


def test_a_score_is_compared_with_the_single_one_that_is_best_over_all_draws():
    draws = [{"logistic": {"oscr": a}, "ridge": {"oscr": b}, "product": {"oscr": c}} for a, b, c in
             [(0.6, 0.5, 0.5), (0.4, 0.8, 0.7), (0.5, 0.5, 0.4), (0.5, 0.6, 0.5)]]  # fmt: skip
    ((by, error, where),) = command.behind_in(draws, "product", "oscr", "a set", None)
    assert (by, where) == (pytest.approx(7.5), "a set, oscr")
    assert error == pytest.approx(np.std([0, 10, 10, 10], ddof=1) / 2)
    assert command.behind_in(draws, "product", "auroc", "a set", 1) == []
    assert command.behind_in(draws, "stacked", "oscr", "a set", 1) == []


def test_plain_logistic_regression_tells_intents_and_the_design_s_first_try_keeps_the_likeliest(shop):
    found = logistic(shop.known, shop.asked, shop.intents, "en")
    inside = shop.asked.labels != OPEN
    chances, times = found["logistic"], found["logistic × likeness"]
    assert np.allclose(chances.sum(axis=1), 1, atol=1e-5)
    assert (chances.argmax(axis=1) == shop.asked.labels)[inside].all()
    assert (times > 0).sum(axis=1).max() == 1 and (times.argmax(axis=1) == chances.argmax(axis=1))[inside].all()


def test_scores_with_ridge_regression_are_missing_where_there_are_too_many_phrasings(shop, index, monkeypatch):
    strangers = shop.asked.only(shop.asked.labels == OPEN)
    arguments = shop.known, shop.asked, shop.intents, "en", strangers, index
    every = scores_of(*arguments)
    assert {*every, "stacked"} == {*SINGLE, *MIXED}
    assert {score.shape for score in every.values()} == {(16, 4)}
    monkeypatch.setattr("bench.scores.scores.MOST_FOR_RIDGE", 10)
    assert {*every} - {*scores_of(*arguments)} == {"ridge", "ridge × likeness", "mean of three"}


def test_the_command_prints_a_table_and_who_is_behind_and_writes_all_figures(tmp_path, shop, monkeypatch, capsys):
    monkeypatch.setattr(command, "load_encoder", FakeEncoder)
    monkeypatch.setattr(command, "DRAWS", 5)
    arguments = ["--data", str(tmp_path / "shop.jsonl"), "--seeds", "2", "--shares", "50", "--json"]
    monkeypatch.setattr("sys.argv", ["scores", *arguments, str(tmp_path / "out.json"), "--cache", str(tmp_path / "c")])
    assert command.main() == 0
    printed = capsys.readouterr().out
    assert "shop: 4 intents" in printed and "furthest behind in" in printed
    (figures,) = json.loads((tmp_path / "out.json").read_text())["sets"]
    assert set(figures["all known"]) == {*SINGLE, *MIXED} == set(figures["50"][1])
    assert figures["all known"]["product"]["in_scope_accuracy"] == 1.0
    assert len(figures["50"]) == 2 and len(figures["drawn again"]) == 5


def test_a_file_that_cannot_be_used_is_named(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(command, "load_encoder", FakeEncoder)
    monkeypatch.setattr("sys.argv", ["scores", "--data", str(tmp_path / "nowhere.jsonl"), "--cache", str(tmp_path)])
    with pytest.raises(SystemExit) as ended:
        command.main()
    assert ended.value.code == 2 and "nowhere.jsonl: No such file" in capsys.readouterr().err
