"""Workers are asked in rotation; where one is away, slow or talks nonsense, the next is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from odziv.cases.elsewhere import workers as module
from odziv.cases.elsewhere.knowledge import read_hits, read_topic_state
from odziv.cases.elsewhere.workers import WorkerClient, WorkersAway
from tests.cases.elsewhere.fake_worker import NOBODY, worker


@contextmanager
def client(*addresses: str) -> Iterator[WorkerClient]:
    found = WorkerClient(addresses, "token")
    try:
        yield found
    finally:
        found.close()


def test_they_are_asked_in_rotation_with_the_token():
    with worker(b'"a"') as (a, asked_a), worker(b'"b"') as (b, asked_b), client(a, b) as workers:
        assert [workers.ask("/inner/x") for _ in range(4)] == ["a", "b", "a", "b"]
        assert asked_a == asked_b == ["/inner/x Bearer token"] * 2
        assert workers.ask_each("/inner/y") == {a: "a", b: "b"}


def test_all_are_asked_and_one_that_does_not_answer_is_named():
    with worker(b"1") as (a, asked_a), worker(b"2") as (b, asked_b), worker(b"no", 503) as (bad, _):
        with client(a, b) as workers:
            assert workers.ask_all("/inner/x", {}) == [1, 2]
        with client(a, bad, NOBODY, b) as workers, pytest.raises(WorkersAway) as away:
            workers.ask_all("/inner/x", {})
        assert f"{bad}: status 503" in str(away.value) and NOBODY in str(away.value)
        assert len(asked_a) == len(asked_b) == 2


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b'"' + b"x" * 3_000_000 + b'"'])
def test_nonsense_is_no_answer(content):
    with worker(content) as (bad, _), worker(b'"good"') as (good, _), client(bad, good) as workers:
        assert [workers.ask("/x") for _ in range(3)] == ["good"] * 3


@pytest.mark.parametrize("status", [401, 404, 500, 503])
def test_a_refusal_is_no_answer(status):
    with worker(b'"no"', status) as (bad, _), client(bad) as workers, pytest.raises(WorkersAway, match=str(status)):
        workers.ask("/x")


def test_one_that_is_away_is_asked_last_for_a_while(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    with worker(b'"bad"', 500) as (bad, asked), worker(b'"good"') as (good, _), client(bad, good) as workers:
        assert [workers.ask("/x") for _ in range(6)] == ["good"] * 6
        assert len(asked) == 1
        now[0] += module.AVOID_SECONDS + 1
        assert [workers.ask("/x") for _ in range(2)] == ["good"] * 2
        assert len(asked) == 2


def test_where_nobody_answers_it_is_said():
    with client(NOBODY, NOBODY) as workers:
        with pytest.raises(WorkersAway, match="ConnectionRefusedError"):
            workers.ask("/x")
        assert workers.ask_each("/x") == {}
    with client() as workers, pytest.raises(WorkersAway):
        workers.ask("/x")


HIT = {
    "article": "a/b", "language": "en", "title": "T", "heading": None, "text": "x", "confidence": 0.5, "evidence": {},
    "elsewhere": "", "others": ["y"],
}  # fmt: skip


def test_hits_are_read_as_they_were_told():
    (hit,) = read_hits(json.loads(json.dumps([HIT])))
    assert (hit.article, hit.heading, hit.others) == ("a/b", None, ("y",))


@pytest.mark.parametrize("told", [None, 7, "text", [None], [{}], [{**HIT, "more": 1}], [{**HIT, "others": None}]])
def test_other_hits_are_not_understood(told):
    with pytest.raises(WorkersAway, match="not understood"):
        read_hits(told)


@pytest.mark.parametrize("told", [None, [], {}, {"is_on": True, "answered": [], "seeming": [{"article": "a"}]}])
def test_other_states_of_topics_are_not_understood(told):
    with pytest.raises(WorkersAway, match="not understood"):
        read_topic_state(told)
