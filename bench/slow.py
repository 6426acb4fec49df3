"""`python -m bench.slow ADDRESS`: what happens to a customer while hundreds hold connections that they hardly use.

ADDRESS is where a server of yours on this machine listens, such as 127.0.0.1:8080: Odziv itself, or a proxy in front of
it. Each kind of slow client is tried for a while. Beside it pages are asked for, and with `--site` a customer of that
site writes a message twice a second; a row a kind is printed.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import resource
import secrets
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

KINDS = {
    "nobody": None,
    "idle": b"",
    "a byte of a head every five seconds": b"GET /health HTTP/1.1\r\nHost: HOST\r\nX: ",
    "a byte of a body every five seconds": (
        b"POST /api/v1/conversations HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/json\r\n"
        b"Content-Length: 99\r\n\r\n"
    ),
    "asks and does not read": b"GET /widget.js HTTP/1.1\r\nHost: HOST\r\n\r\n" * 50,
}
OTHER_ADDRESS = "127.0.0.2"  # of the slow ones: limits are counted by address
EVERY_SECONDS, ASK_SECONDS, WRITE_SECONDS, PATIENCE = 5.0, 0.2, 0.5, 10.0


@dataclass(frozen=True)
class Server:
    """What is measured: where it listens, and what it calls itself."""

    address: str
    port: int
    host: str
    is_tls: bool

    def connect(self, own: str = "", *, is_narrow: bool = False) -> socket.socket:
        """A connection from the address `own`, if one is named; a certificate of the machine's own will do.

        The other side can send hardly anything ahead to one that `is_narrow`.
        """
        connection = socket.socket(socket.AF_INET6 if ":" in self.address else socket.AF_INET)
        connection.settimeout(PATIENCE)
        if is_narrow:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        if own:
            connection.bind((own, 0))
        connection.connect((self.address, self.port))
        if not self.is_tls:
            return connection
        return trusting().wrap_socket(connection, server_hostname=self.host)


@cache
def trusting() -> ssl.SSLContext:
    """For certificates of the machine's own; made once, since reading the authorities takes a while."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


@dataclass
class Asked:
    """What became of what was asked for: seconds each, and how many failed."""

    seconds: list[float] = field(default_factory=list)
    failed: int = 0

    def __str__(self) -> str:
        found = sorted(self.seconds) or [float("nan")]
        middle, last = found[len(found) // 2] * 1000, found[-1] * 1000
        return f"{len(self.seconds):4} answered {self.failed:3} failed, median {middle:5.0f} ms, longest {last:6.0f} ms"


class SlowClients:
    """So many connections on which `sent` was sent, and then a byte now and then."""

    def __init__(self, server: Server, count: int, sent: bytes) -> None:
        self._all: list[socket.socket] = []
        for _ in range(count):
            with contextlib.suppress(OSError):
                own = OTHER_ADDRESS if server.address.startswith("127.") else ""
                connection = server.connect(own, is_narrow=True)
                connection.sendall(sent.replace(b"HOST", server.host.encode()))
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


def ask(server: Server, path: str, asked: Asked) -> None:
    """Asks for one page over a connection of its own."""
    began = time.monotonic()
    try:
        with server.connect() as connection:
            connection.sendall(f"GET {path} HTTP/1.1\r\nHost: {server.host}\r\nConnection: close\r\n\r\n".encode())
            answer = connection.recv(64)
    except OSError:
        answer = b""
    if answer.startswith(b"HTTP/1.1 ") and answer[9:10] in b"234":
        asked.seconds.append(time.monotonic() - began)
    else:
        asked.failed += 1


class Writer:
    """A customer, each of whose messages goes over a connection of its own, as if it were another customer's."""

    def __init__(self, server: Server, site: str) -> None:
        self._server, self.asked = server, Asked()
        begun = self._post("/api/v1/conversations", {"site": site, "language": "en"})
        self._path = f"/api/v1/conversations/{begun['conversation']['id']}/messages"
        self._headers = {"Authorization": f"Bearer {begun['token']}"}

    def write(self) -> None:
        """Sends a message, and notes how long it took until the server had promised to keep it."""
        began = time.monotonic()
        try:
            self._post(self._path, {"client_id": secrets.token_hex(8), "text": "Where is my parcel?"}, self._headers)
        except OSError:
            self.asked.failed += 1
        else:
            self.asked.seconds.append(time.monotonic() - began)

    def _post(self, path: str, body: dict[str, Any], headers: dict[str, str] | None = None) -> Any:
        """What was answered. Raises OSError for no answer, or a refusal."""
        connection = http.client.HTTPConnection(self._server.host, timeout=PATIENCE)
        connection.sock = self._server.connect()
        try:
            every = {**(headers or {}), "Content-Type": "application/json", "Connection": "close"}
            connection.request("POST", path, json.dumps(body), every)
            answer = connection.getresponse()
            if answer.status not in (200, 201):
                raise OSError(f"{answer.status} {answer.read(200)!r}")
            return json.loads(answer.read())
        except http.client.HTTPException as error:
            raise OSError(str(error)) from error
        finally:
            connection.close()


def repeat(do: Callable[[], None], seconds: float, stop: threading.Event) -> threading.Thread:
    """Does it every so many seconds, in a thread, until told to stop."""

    def run() -> None:
        while not stop.wait(seconds):
            do()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def measure(server: Server, options: argparse.Namespace, kind: str, sent: bytes | None) -> str:
    """The row of one kind of slow client."""
    writer = Writer(server, options.site) if options.site else None
    slow = SlowClients(server, 0 if sent is None else options.count, sent or b"")
    asked, stop = Asked(), threading.Event()
    threads = [
        repeat(slow.drip, EVERY_SECONDS, stop),
        repeat(lambda: ask(server, options.path, asked), ASK_SECONDS, stop),
        *([repeat(writer.write, WRITE_SECONDS, stop)] if writer else []),
    ]
    time.sleep(options.seconds)
    stop.set()
    for thread in threads:
        thread.join()
    row = f"{kind:38} {slow.held:5} held {slow.close():5} left | pages {asked}"
    return f"{row} | messages {writer.asked}" if writer else row


def main() -> None:
    """Tries each kind in turn."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address", help="host:port, on this machine")
    parser.add_argument("--count", type=int, default=2_000, help="slow clients at once")
    parser.add_argument("--seconds", type=float, default=15.0, help="for each kind")
    parser.add_argument("--path", default="/widget.js", help="the page that is asked for beside them")
    parser.add_argument("--site", help="a site of config.yml, for which a customer writes beside them")
    parser.add_argument("--host", help="what a proxy at the address calls itself, where that is another name")
    parser.add_argument("--tls", action="store_true")
    options = parser.parse_args()
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    address, _, port = options.address.rpartition(":")
    server = Server(address, int(port), options.host or address, options.tls)
    for kind, sent in KINDS.items():
        print(measure(server, options, kind, sent), flush=True)


if __name__ == "__main__":
    main()
