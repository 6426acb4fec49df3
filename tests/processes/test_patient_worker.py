"""Connections that send or read slowly, or do nothing, hold no thread: others are served meanwhile."""

from __future__ import annotations

import contextlib
import os
import resource
import selectors
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from odziv.processes.patient_worker import GatheredConnection, PatientWorker, network_of
from odziv.settings import ROOT

APPLICATION = """
class Pause:
    seconds = 0.2
    def call_when_news(self, call): self.call = call
    def give_up(self): return True
def stream():
    for number in range(3):
        yield f"number {number}\\n\\n"
        yield Pause()
pages = []
def app(environ, start_response):
    body = environ["wsgi.input"].read()
    path = environ["PATH_INFO"]
    if path == "/pages":
        body = pages
    if path == "/page":
        pages.append(path)
        start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "20000")])
        return [b"x" * 20_000]
    if path == "/stream":
        start_response("200 OK", [("Content-Type", "text/event-stream")])
        return environ["odziv.hand_over"](stream(), lambda: pages.append("left"))
    if path == "/left":
        body = b"x" * pages.count("left")
    if path == "/long":
        start_response("200 OK", [("Content-Type", "text/plain")])
        return (b"x" * 100_000 for _ in range(1000))
    answer = f"{path} {len(body)}\\n".encode()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(answer)))])
    return [answer]
"""
CONFIGURATION = """
import os
from odziv.processes import patient_worker
from odziv.processes.patient_worker import PatientWorker
patient_worker.WHOLE_SECONDS = float(os.environ.get("WHOLE", "2"))
patient_worker.READ_SECONDS = patient_worker.SEND_SECONDS = float(os.environ.get("PATIENCE", "2"))
if os.environ.get("COUNTED"):
    patient_worker.network_of = lambda address: address[0]
PatientWorker.most_per_network = int(os.environ.get("COUNTED", "0"))
worker_class = PatientWorker
threads, worker_connections, keepalive, sendfile = 4, int(os.environ.get("CONNECTIONS", "40")), 30, False
"""


@dataclass
class Server:
    """gunicorn with four threads."""

    port: int
    process: subprocess.Popen
    log: Path

    def connect(self, sent: bytes = b"") -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=10)
        connection.sendall(sent)
        return connection

    def get(self, path: str = "/", seconds: float = 10.0) -> bytes:
        """The answer to a request of its own."""
        with self.connect(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()) as connection:
            connection.settimeout(seconds)
            return read_all(connection)


def read_all(connection: socket.socket) -> bytes:
    found = b""
    with contextlib.suppress(ConnectionResetError):
        while piece := connection.recv(65536):
            found += piece
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def serve(tmp_path):
    """Starts it; `files` is how many it may have open."""
    running = []

    def serve(files: int = 1024, **environment: str) -> Server:
        (tmp_path / "application.py").write_text(APPLICATION)
        (tmp_path / "conf.py").write_text(CONFIGURATION)
        port, log = free_port(), tmp_path / "log"
        output = log.open("w")
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "-c", str(tmp_path / "conf.py"), "-b", f"127.0.0.1:{port}",
             "--chdir", str(tmp_path), "application:app"],
            env={**os.environ, "PYTHONPATH": str(ROOT), **environment}, stderr=output, cwd=tmp_path,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (files, files)),  # noqa: PLW1509
        )  # fmt: skip
        output.close()
        running.append(process)
        server, ends = Server(port, process, log), time.monotonic() + 20
        while time.monotonic() < ends:
            with contextlib.suppress(OSError):
                if b"200 OK" in server.get():
                    return server
            time.sleep(0.05)
        raise AssertionError(log.read_text())

    yield serve
    for process in running:
        process.terminate()
        process.wait(20)


pytestmark = pytest.mark.slow


@contextlib.contextmanager
def held(server: Server, count: int, sent: bytes) -> Iterator[list[socket.socket]]:
    """So many connections on which that was sent and no more."""
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(server.connect(sent)) for _ in range(count)]


HEAD = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n"
STALLED = {
    "nothing": b"",
    "a letter": b"G",
    "half a head": b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ",
    "a head without its end": HEAD,
    "half a body": HEAD + b"\r\n" + b"x" * 50,
}


@pytest.mark.parametrize("sent", STALLED.values(), ids=STALLED)
def test_thirty_that_stall_hold_no_thread(serve, sent):
    server = serve()
    with held(server, 30, sent) as connections:
        began = time.monotonic()
        for _ in range(20):
            assert b"200 OK" in server.get()
        assert time.monotonic() - began < 1.5  # less than what a stalled one is given
        assert read_all(connections[0]) == b""  # and is closed then


def test_a_byte_now_and_then_gains_no_time(serve):
    server = serve()
    with held(server, 30, b"GET / HTTP/1.1\r\nX: ") as connections:
        ends = time.monotonic() + 3
        with contextlib.suppress(OSError):
            while time.monotonic() < ends:
                for connection in connections:
                    connection.sendall(b"x")
                assert b"200 OK" in server.get()
        assert time.monotonic() < ends


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\n"])
def test_more_than_it_takes_shut_nobody_out(serve, sent):
    server = serve(WHOLE="60")
    with held(server, 200, sent):
        for _ in range(20):
            assert b"200 OK" in server.get(seconds=5)
    assert server.process.poll() is None


def test_without_open_files_it_goes_on(serve):
    server = serve(files=60, CONNECTIONS="1000", WHOLE="60")
    with contextlib.ExitStack() as stack:
        for _ in range(300):
            stack.enter_context(server.connect())
        assert b"200 OK" in server.get(seconds=10)
    assert b"200 OK" in server.get()
    assert "Worker exiting" not in server.log.read_text() and "Too many open files" in server.log.read_text()


def test_who_does_not_read_is_left(serve):
    server = serve()
    with held(server, 4, b"GET /long HTTP/1.1\r\nHost: x\r\n\r\n"):
        time.sleep(0.3)  # now they have all four threads
        assert b"200 OK" in server.get(seconds=15)


@pytest.mark.parametrize("pause", [0.0, 0.05], ids=["at once", "one after the other"])
def test_of_what_is_asked_for_ahead_little_is_worked_on_before_it_is_read(serve, pause):
    server = serve(PATIENCE="60")
    with contextlib.closing(socket.socket()) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", server.port))
        for _ in range(40):
            with contextlib.suppress(OSError):  # it was left
                connection.sendall(b"GET /page HTTP/1.1\r\nHost: x\r\n\r\n" * (1 if pause else 5))
            time.sleep(pause)
        time.sleep(2)
        assert 0 < int(server.get("/pages").split()[-1]) < 5


def test_a_large_body_that_stops_coming_is_left(serve):
    server = serve()
    with held(server, 4, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n" + b"x" * 100_000):
        assert b"200 OK" in server.get(seconds=15)


LARGE = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n" + b"x" * 140_000


@pytest.mark.parametrize("sent", [b"GET /long HTTP/1.1\r\nHost: x\r\n\r\n", LARGE], ids=["answers", "bodies"])
def test_when_many_are_slow_they_are_left_much_sooner(serve, sent):
    server = serve(PATIENCE="60")
    with held(server, 12, sent):  # three times all threads
        time.sleep(0.3)
        began = time.monotonic()
        assert b"200 OK" in server.get(seconds=30)
        assert time.monotonic() - began < 20


def test_one_byte_of_a_large_body_now_and_then_gains_little(serve):
    server = serve(PATIENCE="60")
    with held(server, 8, LARGE) as connections:
        began, answer = time.monotonic(), server.connect(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        answer.setblocking(False)
        while time.monotonic() < began + 30:
            for connection in connections:
                with contextlib.suppress(OSError):
                    connection.sendall(b"x")
            with contextlib.suppress(BlockingIOError):
                assert b"200 OK" in answer.recv(65536)
                break
            time.sleep(0.5)
        answer.close()
        assert time.monotonic() - began < 25


def test_a_few_that_are_slow_have_all_their_time(serve):
    server = serve(PATIENCE="60")
    with server.connect(LARGE) as connection:
        for _ in range(43):
            time.sleep(0.1)
            connection.sendall(b"x" * 20_000)
        answer = b""
        while b"/ 1000000" not in answer:
            assert (more := connection.recv(65536))
            answer += more


def test_who_does_not_close_holds_up_nobody(serve):
    server = serve()
    with held(server, 12, b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"):
        began = time.monotonic()
        assert b"200 OK" in server.get(seconds=20)
        assert time.monotonic() - began < 8


def test_a_network_has_so_many_connections_and_no_more(serve):
    server = serve(COUNTED="10", WHOLE="60")
    with held(server, 10, b""), server.connect(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n") as one_more:
        assert read_all(one_more) == b""
    time.sleep(0.5)
    assert all(b"200 OK" in server.get() for _ in range(30))


def test_a_stop_waits_for_no_one_who_says_nothing(serve):
    server = serve(WHOLE="60")
    with held(server, 10, b"GET / HTTP"):
        server.process.terminate()
        began = time.monotonic()
        assert server.process.wait(20) == 0 and time.monotonic() - began < 10


WHOLE = {
    "at once": [b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n"],
    "letter by letter": [bytes([letter]) for letter in b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n"],
    "with a body": [b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n", b"hel", b"lo"],
    "a large body": [b"POST /a HTTP/1.1\r\nHost: x\r\ncontent-length:300000\r\n\r\n", *[b"x" * 30_000] * 10],
    "in chunks": [
        b"POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"5\r\nhel",
        b"lo\r\n0\r\n\r\n",
    ],
    "asks first": [b"POST /a HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n", b"hello"],
}
SIZES = {"at once": 0, "letter by letter": 0, "a large body": 300_000}


@pytest.mark.parametrize("how", list(WHOLE))
def test_whole_requests_are_answered_twice_over_one_connection(serve, how):
    server = serve()
    with server.connect() as connection:
        for _ in range(2):
            for piece in WHOLE[how]:
                connection.sendall(piece)
                time.sleep(0.003)
            found = b""
            while b"\n" not in found.rpartition(b"\r\n\r\n")[2]:
                piece = connection.recv(65536)
                assert piece, found
                found += piece
            assert f"/a {SIZES.get(how, 5)}\n".encode() in found


def test_requests_sent_ahead_are_answered_in_order(serve):
    server = serve()
    heads = b"".join(f"GET /{number} HTTP/1.1\r\nHost: x\r\n\r\n".encode() for number in range(5))
    with server.connect(heads + b"GET /last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n") as connection:
        found = read_all(connection)
    assert [line for line in found.decode().splitlines() if line.startswith("/")] == [
        *(f"/{number} 0" for number in range(5)), "/last 0",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "sent",
    [b"nonsense\r\n\r\n", b"GET / HTTP/1.1\r\nA: " + b"x" * 200_000, b"\x16\x03\x01" * 40_000],
    ids=["a word", "a head without an end", "TLS"],
)
def test_nonsense_is_refused(serve, sent):
    server = serve()
    with server.connect() as connection:
        with contextlib.suppress(OSError):
            connection.sendall(sent)
        found = read_all(connection)
    assert b"200 OK" not in found and b"200 OK" in server.get()


@pytest.mark.parametrize(
    "readable", [PatientWorker.on_pending_socket_readable, PatientWorker.on_client_socket_readable]
)
def test_news_of_a_connection_that_made_room_meanwhile_is_none(readable):
    """One poll may tell of both: who comes, and who is closed for them."""
    worker, conn = PatientWorker.__new__(PatientWorker), GatheredConnection.__new__(GatheredConnection)
    worker.pending_conns = worker.keepalived_conns = deque()
    worker.poller, conn.is_closed = selectors.DefaultSelector(), True
    with worker.poller, socket.socket() as gone:
        assert readable(worker, conn, gone) is None


def test_looking_for_the_end_of_a_head_is_not_begun_anew(monkeypatch):
    conn = GatheredConnection.__new__(GatheredConnection)
    conn._gathered, conn._looked, conn._needed = bytearray(), 0, 0
    assert not conn.gather(b"GET / HTTP/1.1\r\nHost: x\r")
    assert conn._looked == len(conn._gathered) and not conn.gather(b"\n\r") and conn.gather(b"\n")


@pytest.mark.parametrize(
    ("address", "network"),
    [
        (("192.0.2.7", 1), "192.0.2.7"), (("127.0.0.1", 1), None), (("::1", 1, 0, 0), None), ("", None), (b"", None),
        (("2001:db8:1:2:3::4", 1, 0, 0), "2001:db8:1:2::/64"), (("::ffff:192.0.2.7", 1, 0, 0), "192.0.2.7"),
        (("fe80::1%eth0", 1, 0, 2), "fe80::/64"),
    ],
)  # fmt: skip
def test_what_a_connection_is_counted_by(address, network):
    assert network_of(address) == network


def test_streams_hold_no_thread_and_are_framed_as_their_request_asks(serve):
    server = serve()
    streams = [server.connect(b"GET /stream HTTP/1.1\r\nHost: x\r\n\r\n") for _ in range(20)]
    with server.connect(b"GET /stream HTTP/1.0\r\n\r\n") as old:
        for stream in streams:
            assert stream.recv(4096).startswith(b"HTTP/1.1 200 OK")
        assert b"200 OK" in server.get("/quick", seconds=2)  # five times as many are open as there are threads
        assert read_all(old).endswith(b"\r\n\r\nnumber 0\n\nnumber 1\n\nnumber 2\n\n")
    for stream in streams:
        assert read_all(stream).endswith(b"A\r\nnumber 2\n\n\r\n0\r\n\r\n")
        stream.close()
    assert server.get("/left").endswith(b"/left 21\n")


def test_a_stop_waits_for_streams_that_end(serve):
    server = serve()
    with server.connect(b"GET /stream HTTP/1.1\r\nHost: x\r\n\r\n") as stream:
        assert stream.recv(4096)
        server.process.terminate()
        assert read_all(stream).endswith(b"0\r\n\r\n")
    assert server.process.wait(15) == 0
