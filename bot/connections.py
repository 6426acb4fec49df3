"""HTTP/1.1 to Rasa on kept-alive connections, in the caller's own thread: h11 reads and writes it, this the socket.

It stands here in place of a client library because every message waits for it: no second thread to hand over to, a
tenth of the processor time, and a limit for the call as a whole, which libraries only have for each piece.
"""

from __future__ import annotations

import os
import select
import socket
import threading
import time
from urllib.parse import urlsplit

import h11

PIECE = 65_536
MOST_IDLE = 32


class ConnectionFailed(Exception):
    """The other side said something that isn't HTTP, too much of it, or too little; the message says what."""


class RasaConnection:
    """One connection. `ends` in each call is the time (time.monotonic) when it must be over; TimeoutError if not."""

    def __init__(self, host: str, port: int, ends: float) -> None:
        self._socket = socket.create_connection((host, port), timeout=_left(ends))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._http = h11.Connection(h11.CLIENT)

    def exchange(self, request: h11.Request, content: bytes, most: int, ends: float) -> tuple[int, bytes]:
        """Status and body (at most `most` bytes) of the reply. Raises ConnectionFailed, OSError or TimeoutError."""
        try:
            sent = [self._http.send(event) for event in (request, h11.Data(data=content), h11.EndOfMessage())]
            self._socket.settimeout(_left(ends))
            self._socket.sendall(b"".join(piece or b"" for piece in sent))
            return self._read_reply(most, ends)
        except h11.ProtocolError as error:
            raise ConnectionFailed(f"not HTTP: {error}") from error

    def _read_reply(self, most: int, ends: float) -> tuple[int, bytes]:
        status, received = 0, bytearray()
        while not isinstance(event := self._next_event(ends), h11.EndOfMessage):
            if isinstance(event, h11.Response):
                status = event.status_code
            elif isinstance(event, h11.Data):
                received += event.data
                if len(received) > most:
                    raise ConnectionFailed(f"a reply of more than {most} bytes")
        return status, bytes(received)

    def _next_event(self, ends: float) -> h11.Event:
        while (event := self._http.next_event()) is h11.NEED_DATA:
            self._socket.settimeout(_left(ends))
            self._http.receive_data(self._socket.recv(PIECE))
        if isinstance(event, h11.ConnectionClosed):
            raise ConnectionFailed("closed without a reply")
        return event

    def renew(self) -> bool:
        """Makes it ready for the next exchange; False when there can be none."""
        if self._http.trailing_data[0]:  # what came unasked would be taken for the next reply
            return False
        try:
            self._http.start_next_cycle()
        except h11.LocalProtocolError:
            return False
        return True

    def is_quiet(self) -> bool:
        """Nothing came since the last exchange: the other side has not closed it either."""
        arrivals = select.poll()  # not select(): a process with a thousand streams open has numbers beyond its reach
        arrivals.register(self._socket, select.POLLIN)
        return not arrivals.poll(0)

    def close(self) -> None:
        """Closes the connection."""
        self._socket.close()


class ConnectionPool:
    """The kept connections to one address; safe to share between threads, and of use in a forked process."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._idle: list[RasaConnection] = []
        self._owner = os.getpid()
        self._lock = threading.Lock()

    def call(
        self, method: str, path: str, headers: dict[str, str], content: bytes, most: int, timeout: float
    ) -> tuple[int, bytes]:
        """Status and body of the reply. Raises ConnectionFailed, OSError, ValueError (a bad URL) or TimeoutError."""
        ends = time.monotonic() + timeout
        parts = urlsplit(self._url)
        if parts.scheme != "http" or not parts.hostname:
            raise ValueError(f"not an http address: {self._url}")
        all_headers = {"Host": parts.netloc, **headers, "Content-Length": str(len(content))}
        request = h11.Request(method=method, target=path, headers=list(all_headers.items()))
        connection = self._take() or RasaConnection(parts.hostname, parts.port or 80, ends)
        try:
            reply = connection.exchange(request, content, most, ends)
            kept = connection.renew() and self._keep(connection)
        except BaseException:
            connection.close()
            raise
        if not kept:
            connection.close()
        return reply

    def close(self) -> None:
        """Closes what is kept; calls under way go on."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _take(self) -> RasaConnection | None:
        while True:
            with self._lock:
                if self._owner != os.getpid():  # a fork's copies: the same connections, which the parent goes on using
                    self._idle, self._owner = [], os.getpid()
                if not self._idle:
                    return None
                connection = self._idle.pop()
            if connection.is_quiet():
                return connection
            connection.close()

    def _keep(self, connection: RasaConnection) -> bool:
        with self._lock:
            if len(self._idle) >= MOST_IDLE:
                return False
            self._idle.append(connection)
        return True


def _left(ends: float) -> float:
    left = ends - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
