"""A server in place of an S3 store, which does as it is told with each connection: cuts it, or says nothing at all."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable


class CutStore:
    """Answers each connection by `behaviour`, which gets the socket after the request's head was read."""

    def __init__(self) -> None:
        self.behaviour: Callable[[socket.socket], None] = lambda _connection: None
        self.requests = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=[connection], daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with connection:
            connection.recv(65_536)
            self.requests += 1
            self.behaviour(connection)


def cuts(connection: socket.socket) -> None:
    """Goes away."""


def sends_half(connection: socket.socket) -> None:
    """Promises a thousand bytes, and goes away after ten."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\nContent-Type: image/png\r\n\r\n0123456789")


def talks_nonsense(connection: socket.socket) -> None:
    connection.sendall(b"\x00\xff\x00 what?\r\n\r\n")


def says_nothing(connection: socket.socket) -> None:
    """Until the other one is tired of it."""
    connection.recv(65_536)


def refuses(connection: socket.socket) -> None:
    body = b"<?xml version='1.0'?><Error><Code>AccessDenied</Code><Message>for AKIDSECRET</Message></Error>"
    connection.sendall(
        b"HTTP/1.1 403 Forbidden\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (len(body), body)
    )


def is_busy(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 503 Slow Down\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
