"""What ConnectionPool keeps and what it gives up; how it fails is in test_rasa_client.py."""

from __future__ import annotations

import os
import resource
import socket
import threading

import pytest

from bot.connections import ConnectionFailed, ConnectionPool

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"


class Server:
    """Takes connections one after the other; each answers with the replies given for it, then is closed."""

    def __init__(self, *connections: list[bytes]) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.requests: list[bytes] = []
        self.closed = [threading.Event() for _ in connections]
        threading.Thread(target=self._serve, args=(connections,), daemon=True).start()

    def fileno(self) -> int:
        return self._listener.fileno()

    def _serve(self, connections: tuple[list[bytes], ...]) -> None:
        for replies, closed in zip(connections, self.closed, strict=True):
            taken, _ = self._listener.accept()
            with taken:
                for reply in replies:
                    if not (request := taken.recv(65536)):
                        break
                    self.requests.append(request)
                    taken.sendall(reply)
            closed.set()
        self._listener.close()


def get(pool: ConnectionPool, most: int = 100) -> tuple[int, bytes]:
    return pool.call("GET", "/", {"X-Test": "1"}, b"", most, 5.0)


def test_a_connection_that_was_closed_meanwhile_is_not_used_again():
    server = Server([OK], [OK])
    pool = ConnectionPool(server.url)
    assert get(pool) == (200, b"hi")
    server.closed[0].wait(5)
    assert get(pool) == (200, b"hi") and len(server.requests) == 2
    pool.close()


def test_a_reply_that_says_close_is_the_last_of_its_connection():
    closing = OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    server = Server([closing], [OK])
    pool = ConnectionPool(server.url)
    assert get(pool) == get(pool) == (200, b"hi")
    pool.close()


def test_what_came_unasked_ends_the_connection():
    server = Server([OK + b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad", OK], [OK])
    pool = ConnectionPool(server.url)
    assert get(pool) == (200, b"hi")
    assert get(pool) == (200, b"hi")
    pool.close()


def test_chunks_are_put_together_and_counted():
    reply = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n2\r\ncd\r\n0\r\n\r\n"
    server = Server([reply], [reply])
    pool = ConnectionPool(server.url)
    assert get(pool, 4) == (200, b"abcd")
    pool.close()
    with pytest.raises(ConnectionFailed, match="more than 3 bytes"):
        get(pool, 3)


def test_a_header_that_would_break_the_request_is_refused_before_anything_is_sent():
    server = Server([OK])
    with pytest.raises(Exception, match="[Ii]llegal"):
        ConnectionPool(server.url).call("GET", "/", {"X-Test": "a\r\nX-Evil: 1"}, b"", 10, 1.0)
    assert server.requests == []
    socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2]))).close()


def test_a_connection_beyond_a_thousand_open_files_is_kept_too():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(max(soft, 2048), hard), hard))
    server = Server([OK, OK])
    pool, others = ConnectionPool(server.url), [os.dup(server.fileno()) for _ in range(1100)]
    try:
        assert get(pool) == get(pool) == (200, b"hi") and len(server.requests) == 2
    finally:
        for other in others:
            os.close(other)
        pool.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
