"""A real receiver on loopback, that answers as it is told and keeps what it got; bytes as surrogates in its text."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Receiver(ThreadingHTTPServer):
    """`answers` decides what to do with each request; by default it says 204."""

    daemon_threads = True

    def __init__(self, answers: Callable[[Any], None] | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.got: list[tuple[dict[str, str], str]] = []
        self.answers = answers or (lambda request: reply(request, 204))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook"

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server_port}"

    def handle_error(self, request: Any, address: Any) -> None:
        """The sender went away; that is part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode(errors="surrogateescape")
        self.server.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
        self.server.answers(self)

    def log_message(self, *_: Any) -> None:
        pass


def reply(request: Any, status: int, body: bytes = b"", **headers: str) -> None:
    request.send_response(status)
    for name, value in headers.items():
        request.send_header(name, value)
    request.send_header("Content-Length", str(len(body)))
    request.end_headers()
    request.wfile.write(body)


@contextmanager
def receiving(answers: Callable[[Any], None] | None = None):
    """A receiver for as long as the block runs."""
    server = Receiver(answers)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
