"""Workers are asked in rotation; where one is away, slow or talks nonsense, the next is."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from odziv.cases.elsewhere import workers as module
from odziv.cases.elsewhere.knowledge import read_hits, read_topic_state
from odziv.cases.elsewhere.workers import WorkerClient, WorkersAway


@contextmanager
def worker(content: bytes, status: int = 200) -> Iterator[tuple[str, list[str]]]:
    """One that always answers that; its address, and the paths it was asked."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            asked.append(f"{self.path} {self.headers['Authorization']}")
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_arguments) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


NOBODY = "http://127.0.0.1:1"


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
