"""A web process that is killed takes no turn with it, a worker that is killed no stream: nobody goes without an answer.

Each is started again by its master, and the masters by the supervisor.
"""

from __future__ import annotations

import json
import queue
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from bench.parts.processes import Process, is_alive, kill, roles
from tests.waiting import wait_until
from tests.whole.conftest import Served
from tests.whole.test_path import QUESTIONS, Visitor

pytestmark = [pytest.mark.rasa, pytest.mark.encoder]
QUESTION, ARTICLE = QUESTIONS["en"]
BACK_SECONDS = 90.0  # a worker reads index and encoder again
MOMENTS = [0.0, 0.03, 0.1]  # seconds after the acknowledgement: before, while and after the bot is at it


def part(served: Served, role: str) -> Process:
    """A process of the product, once it is there."""
    found: list[Process] = []

    def is_there() -> bool:
        found.extend(process for name, process in roles(served.process.pid).items() if name == role)
        return bool(found)

    wait_until(is_there, BACK_SECONDS)
    return found[0]


def is_well(served: Served) -> bool:
    """Whether everything answers."""
    try:
        return httpx.get(f"{served.url}/health", timeout=10.0).json()["status"] == "ok"
    except (httpx.HTTPError, ValueError, KeyError):
        return False


@pytest.fixture
def visitor(served: Served) -> Iterator[Visitor]:
    wait_until(lambda: is_well(served), BACK_SECONDS)
    visitor = Visitor(served.url, "en")
    yield visitor
    visitor.close()
    wait_until(lambda: is_well(served), BACK_SECONDS)


@contextmanager
def streaming(visitor: Visitor) -> Iterator[queue.Queue[dict | None]]:
    """Messages that one stream gives, as they come; None once it has ended."""
    told: queue.Queue[dict | None] = queue.Queue()
    opened, client = threading.Event(), httpx.Client(timeout=60.0, trust_env=False)

    def read() -> None:
        headers = {"Authorization": visitor.http.headers["Authorization"]}
        address = f"{visitor.http.base_url}conversations/{visitor.id}/events"
        try:
            with client.stream("GET", address, headers=headers) as stream:
                event = None
                for line in stream.iter_lines():
                    opened.set()
                    if line.startswith("event: "):
                        event = line.removeprefix("event: ")
                    if line.startswith("data: ") and event == "message":
                        told.put(json.loads(line.removeprefix("data: ")))
        except httpx.HTTPError:
            pass
        told.put(None)

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    try:
        assert opened.wait(30)
        yield told
    finally:
        client.close()


def senders(visitor: Visitor) -> list[str]:
    """Who wrote, in order."""
    return [
        message["sender"] for message in visitor.http.get(f"/conversations/{visitor.id}/messages").json()["messages"]
    ]


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_web_process_that_is_killed_takes_no_turn_with_it(served: Served, visitor: Visitor, moment: float):
    web, worker = part(served, "web"), part(served, "worker")
    sent = visitor.say(QUESTION)
    time.sleep(moment)
    assert kill(web)
    wait_until(lambda: part(served, "web").pid != web.pid, BACK_SECONDS)
    wait_until(lambda: is_well(served), BACK_SECONDS)
    answer = visitor.reaction(sent["seq"])
    assert (answer["sender"], answer["answer"]["article"]) == ("bot", ARTICLE)
    assert senders(visitor) == ["customer", "bot"]
    assert is_alive(worker)


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_worker_that_is_killed_takes_no_stream_with_it(served: Served, visitor: Visitor, moment: float):
    web, worker = part(served, "web"), part(served, "worker")
    with streaming(visitor) as told:
        visitor.say(QUESTION)
        time.sleep(moment)
        assert kill(worker)
        first, second = told.get(timeout=BACK_SECONDS), told.get(timeout=BACK_SECONDS)
    assert first and second and (first["sender"], second["sender"]) == ("customer", "bot")
    assert senders(visitor) == ["customer", "bot"]
    assert is_alive(web)


def test_a_worker_with_its_master_is_started_again_and_meanwhile_messages_wait(served: Served, visitor: Visitor):
    master = part(served, "worker-master")
    assert kill(master)
    sent = visitor.say(QUESTION)
    assert senders(visitor)[0] == "customer"
    wait_until(lambda: is_well(served), BACK_SECONDS)
    assert visitor.reaction(sent["seq"])["answer"]["article"] == ARTICLE
