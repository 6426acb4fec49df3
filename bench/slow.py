"""`python -m bench.slow ADDRESS`: what happens to a customer while hundreds hold connections that they hardly use.

ADDRESS is where a server of yours on this machine listens, such as 127.0.0.1:8080: Odziv itself, or a proxy in front of
it. Each kind of slow client is tried for a while, with pages asked for beside it; a row a kind is printed.
"""

from __future__ import annotations

import argparse
import contextlib
import resource
import socket
import ssl
import threading
import time
from dataclasses import dataclass, field

KINDS = {
    "nobody": None,
    "idle": b"",
    "a byte of a head every five seconds": b"GET /health HTTP/1.1\r\nHost: x\r\nX: ",
    "a byte of a body every five seconds": b"POST /rasa/check HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n",
    "asks and does not read": b"GET /widget.js HTTP/1.1\r\nHost: x\r\n\r\n" * 50,
}
OTHER_ADDRESS = "127.0.0.2"  # of the slow ones: limits are counted by address
EVERY_SECONDS, ASK_SECONDS, PATIENCE = 5.0, 0.2, 10.0


@dataclass
class Asked:
    """What became of the pages that were asked for: seconds each, and how many failed."""

    seconds: list[float] = field(default_factory=list)
    failed: int = 0

    def say(self, kind: str, held: int, left: int) -> str:
        """The row."""
        found = sorted(self.seconds) or [float("nan")]
        middle, last = found[len(found) // 2], found[-1]
        return (
            f"{kind:38} {held:5} held {left:5} left | {len(self.seconds):4} answered {self.failed:3} failed | "
            f"median {middle * 1000:6.0f} ms, longest {last * 1000:6.0f} ms"
        )


def connect(host: str, port: int, *, is_tls: bool, own: str = "") -> socket.socket:
    """A connection from the address `own`, if one is named; a certificate of the machine's own will do."""
    connection = socket.create_connection((host, port), PATIENCE, (own, 0) if own else None)
    if not is_tls:
        return connection
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context.wrap_socket(connection, server_hostname="localhost")


class SlowClients:
    """So many connections on which `sent` was sent, and then a byte now and then."""

    def __init__(self, host: str, port: int, count: int, sent: bytes, *, is_tls: bool) -> None:
        self._all: list[socket.socket] = []
        for _ in range(count):
            with contextlib.suppress(OSError):
                connection = connect(host, port, is_tls=is_tls, own=OTHER_ADDRESS if host.startswith("127.") else "")
                connection.sendall(sent)
                connection.setblocking(False)
                self._all.append(connection)
        self.held, self._has_head = len(self._all), bool(sent)

    def drip(self) -> None:
        """One byte more on each."""
        for connection in list(self._all) if self._has_head else ():
            try:
                connection.send(b"x")
            except (BlockingIOError, ssl.SSLWantWriteError):
                continue
            except OSError:
                self._all.remove(connection)

    def close(self) -> int:
        """Ends them; returns how many the other side had not ended."""
        left = sum(map(is_open, self._all))
        for connection in self._all:
            connection.close()
        return left


def is_open(connection: socket.socket) -> bool:
    """Whether the other side has not closed it."""
    try:
        while connection.recv(65_536):
            pass
    except (BlockingIOError, ssl.SSLWantReadError):
        return True
    except OSError:
        return False
    return False


def ask(host: str, port: int, path: str, asked: Asked, *, is_tls: bool) -> None:
    """Asks for one page over a connection of its own."""
    began = time.monotonic()
    try:
        with connect(host, port, is_tls=is_tls) as connection:
            connection.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
            answer = connection.recv(64)
    except OSError:
        answer = b""
    if answer.startswith(b"HTTP/1.1 ") and answer[9:10] in b"234":
        asked.seconds.append(time.monotonic() - began)
    else:
        asked.failed += 1


def measure(options: argparse.Namespace, kind: str, sent: bytes | None) -> str:
    """The row of one kind of slow client."""
    host, _, port = options.address.rpartition(":")
    count = 0 if sent is None else options.count
    slow = SlowClients(host, int(port), count, sent or b"", is_tls=options.tls)
    asked, stop = Asked(), threading.Event()
    ends = time.monotonic() + options.seconds

    def drip() -> None:
        while not stop.wait(EVERY_SECONDS):
            slow.drip()

    dripping = threading.Thread(target=drip)
    dripping.start()
    while time.monotonic() < ends:
        ask(host, int(port), options.path, asked, is_tls=options.tls)
        time.sleep(ASK_SECONDS)
    stop.set()
    dripping.join()
    return asked.say(kind, slow.held, slow.close())


def main() -> None:
    """Tries each kind in turn."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address", help="host:port, on this machine")
    parser.add_argument("--count", type=int, default=2_000, help="slow clients at once")
    parser.add_argument("--seconds", type=float, default=15.0, help="for each kind")
    parser.add_argument("--path", default="/widget.js", help="the page that is asked for beside them")
    parser.add_argument("--tls", action="store_true")
    options = parser.parse_args()
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    for kind, sent in KINDS.items():
        print(measure(options, kind, sent), flush=True)


if __name__ == "__main__":
    main()
