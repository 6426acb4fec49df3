"""Rows in which Rasa is slow, silent, or answers with nothing, too much or nonsense: a server that stands for it. And
one in which the encoder is missing."""

from __future__ import annotations

import contextlib
import json
import random
import threading
from collections.abc import Callable, Iterable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from bench.faults.installation import Clock, Installation, NoEncoder
from bench.faults.load import Load, run_load
from bench.faults.row import Outcomes, Row, serving, under_load
from bot.client import MAX_BYTES, RasaClient

TIMEOUT = 0.3  # seconds the product waits for it here
Answer = Callable[["Handler", dict[str, Any]], bytes | None]


class Handler(BaseHTTPRequestHandler):
    """Answers one call as its server's `mood` says; with None it hangs up without a word."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """A message, or a button."""
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        content = self.server.mood(self, asked)  # type: ignore[attr-defined]
        if content is None:
            self.close_connection = True
            return
        with contextlib.suppress(OSError):  # who asked has gone
            self.send_response(200 if content != NO_MODEL else 503)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


def say(asked: dict[str, Any]) -> bytes:
    """An honest reply."""
    text = asked.get("text", "")
    custom = {"handoff": {"reason": "requested"}} if "person" in text else {"text": f"You said: {text}"}
    return json.dumps([{"custom": custom}]).encode()


NO_MODEL = b"no model"
HUGE = b'[{"text": "' + b"x" * (MAX_BYTES + 100_000) + b'"}]'
LONG = json.dumps([{"custom": {"text": "y" * 30_000}}]).encode()  # more than a message may have


def answer_late(handler: Handler, asked: dict[str, Any]) -> bytes:
    """Sometimes within the time, sometimes long after."""
    threading.Event().wait(random.choice((0.0, 0.1, TIMEOUT * 0.95, TIMEOUT * 1.5)))
    return say(asked)


MOODS: dict[str, Answer] = {
    "Rasa is slow": answer_late,
    "Rasa is stopped": lambda handler, asked: threading.Event().wait(TIMEOUT * 2) and None,
    "Rasa says nothing": lambda handler, asked: random.choice((b"[]", b"", b"null", None)),
    "Rasa says too much": lambda handler, asked: random.choice((HUGE, LONG)),
    "Rasa says nonsense": lambda handler, asked: random.choice((b"<html>", b'[{"custom": {"handoff": 1}}]', b"{}")),
    "Rasa has no model": lambda handler, asked: NO_MODEL,
}


class Server(ThreadingHTTPServer):
    """Who hangs up on it is nobody's business."""

    daemon_threads = True
    mood: Answer

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Says nothing."""


@contextlib.contextmanager
def rasa_in(mood: Answer) -> Iterator[RasaClient]:
    """A server in that mood, most of the time, and the product's client of it."""

    def answer(handler: Handler, asked: dict[str, Any]) -> bytes | None:
        return mood(handler, asked) if random.random() < 0.7 else say(asked)

    with Server(("127.0.0.1", 0), Handler) as server:
        server.mood = answer
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        client = RasaClient(f"http://127.0.0.1:{server.server_port}", "token", timeout=TIMEOUT)
        try:
            yield client
        finally:
            client.close()
            server.shutdown()


def row_of(name: str, mood: Answer) -> Row:
    """Customers and agents at work while Rasa is in that mood."""

    def run(installation: Installation, seeds: Iterable[int]) -> Outcomes:
        with rasa_in(mood) as bot, serving(installation, bot, 1, Clock()) as (services, agents):
            for seed in seeds:
                yield seed, run_load(Load(), services, agents, random.Random(f"{name}-{seed}"))

    return Row(name, run)


ROWS = (
    *(row_of(name, mood) for name, mood in MOODS.items()),
    under_load("the encoder is missing", knowledge=NoEncoder),
)
