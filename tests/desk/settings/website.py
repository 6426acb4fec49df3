"""A website on loopback that answers as it is told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Website(ThreadingHTTPServer):
    """`answers` is called with each request."""

    daemon_threads = True

    def __init__(self, answers: Callable[[Any], None]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers, self.asked = answers, list[str]()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server_port}"

    @property
    def url(self) -> str:
        return f"http://{self.host}"

    def handle_error(self, request: Any, address: Any) -> None:
        """Who asks goes away when they have seen enough."""


class _Handler(BaseHTTPRequestHandler):
    server: Website

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.server.answers(self)

    def log_message(self, *_: Any) -> None:
        pass


def give(html: str, status: int = 200, **headers: str) -> Callable[[Any], None]:
    """Answers with this page."""

    def answer(request: Any) -> None:
        body = html.encode()
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name, value)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    return answer


@contextmanager
def serving(answers: Callable[[Any], None]) -> Iterator[Website]:
    """A website for as long as the block runs."""
    website = Website(answers)
    threading.Thread(target=website.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield website
    finally:
        website.shutdown()
        website.server_close()
