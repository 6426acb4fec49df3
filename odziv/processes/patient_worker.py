"""How the web process takes connections: whoever sends or reads slowly holds a few bytes here, and no thread.

gunicorn gives a connection its thread with the first byte, and some hundred that send a byte every five seconds have
all threads. Here the main loop gathers a request until it is whole, or its head and a large body's beginning; only
then has it a thread, and from there on a time to read and write in.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import re
import select
import socket
import termios
import threading
import time
from array import array
from collections import Counter
from functools import partial
from ipaddress import ip_address, ip_network
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

from odziv.processes.handed_over import HAND_OVER, HandedBody, HandedOver
from odziv.processes.stream_loop import StreamLoop

WHOLE_SECONDS = 10.0  # in which a request's head, and a small body, have to be there
LARGEST_HEAD, SMALL_BODY = 65_536, 65_536  # bytes
# In which the rest of a large body has to come, and an answer to be taken: so many seconds, and one more for so many
# bytes. An upload over a bad telephone line is ten times as fast.
READ_SECONDS, SEND_SECONDS, SLOWEST = 20.0, 20.0, 2_048
# When so many threads, as a part of all, wait for another side, the time is so many seconds and one for so many bytes.
MOST_WAITING, HURRY_SECONDS, HURRY = 0.25, 2.0, 20_480
# Bytes of answers that the system takes on for one that does not read them yet; it would take megabytes.
SEND_BUFFER = 131_072
# Bytes of answers that may be under way to one who has sent the next request already. Browsers and proxies send none
# ahead; of a crowd that sends dozens and reads nothing, all would be worked on.
MOST_UNTAKEN = 16_384
LOOK_SECONDS = 0.25  # in which a thread that waits notices how many do
PAUSE_SECONDS = 0.5  # without new connections, when there are no more files to be had
STREAM = object()  # what has become of a request whose response goes on without a thread
ROOM = 8  # connections that are kept free, by closing those that have waited longest
IPV6_PREFIX = 64
END_OF_HEAD = b"\r\n\r\n"
CONTENT_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,12})[ \t]*\r\n", re.IGNORECASE)
ASKS_FIRST = re.compile(rb"\r\nexpect:", re.IGNORECASE)
NO_MORE = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)


class Waiting:
    """How many threads wait for another side at this moment."""

    def __init__(self) -> None:
        self.most, self._count, self._lock = 1000, 0, threading.Lock()

    def for_other_side(self, connection: socket.socket, event: int, ends: float, hurried: float) -> bool:
        """Waits until it can be sent to or received from; False when that is not so by `ends`.

        While too many threads wait, `hurried` is the end.
        """
        watched = select.poll()
        watched.register(connection, event)
        if watched.poll(0):
            return True
        self._add(1)
        try:
            while (left := (hurried if self._count > self.most else ends) - time.monotonic()) > 0:
                if watched.poll(min(left, LOOK_SECONDS) * 1000):
                    return True
            return False
        finally:
            self._add(-1)

    def _add(self, number: int) -> None:
        with self._lock:
            self._count += number


class TimedSocket(socket.socket):
    """A connection whose other side has a time to send and to read in. Too slow is as good as gone."""

    begun, received = 0.0, 0
    waiting = Waiting()

    @classmethod
    def of(cls, taken: socket.socket) -> TimedSocket:
        """The same connection."""
        family, kind, protocol = taken.family, taken.type, taken.proto
        return cls(family, kind, protocol, fileno=taken.detach())

    def begin(self) -> None:
        """A request is read from now on."""
        self.begun, self.received = time.monotonic(), 0

    def recv(self, size: int, flags: int = 0) -> bytes:
        """As ever. Raises ConnectionResetError when what was sent since `begin` was too little."""
        if self.gettimeout() != 0.0:
            ends = min(self.begun + READ_SECONDS + self.received / SLOWEST, time.monotonic() + READ_SECONDS)
            hurried = min(ends, self.begun + HURRY_SECONDS + self.received / HURRY)
            if not self.waiting.for_other_side(self, select.POLLIN, ends, hurried):
                raise too_slow()
        data = super().recv(size, flags)
        self.received += len(data)
        return data

    def sendall(self, data: Any, flags: int = 0) -> None:
        """As ever. Raises ConnectionResetError when too little of it is taken."""
        rest = memoryview(data).cast("B")
        began, size = time.monotonic(), len(rest)
        while True:
            with contextlib.suppress(BlockingIOError):
                rest = rest[self.send(rest, flags | socket.MSG_DONTWAIT) :]
            if not rest:
                return
            ends = min(began + SEND_SECONDS + size / SLOWEST, time.monotonic() + SEND_SECONDS)
            hurried = min(ends, began + HURRY_SECONDS + (size - len(rest)) / HURRY)
            if not self.waiting.for_other_side(self, select.POLLOUT, ends, hurried):
                raise too_slow()


def too_slow() -> ConnectionResetError:
    return ConnectionResetError(errno.ECONNRESET, "the other side is too slow")


class GatheredConnection(TConn):
    """A connection, and what has come of a request that is not whole yet."""

    def __init__(self, *arguments: Any, network: str | None) -> None:
        super().__init__(*arguments)
        self.network, self.is_closed = network, False
        self._gathered, self._looked, self._needed = bytearray(), 0, 0

    def gather(self, data: bytes) -> bool:
        """Adds what came; returns whether a thread may see to it."""
        self._gathered += data
        if not self._needed:
            self._needed = self._measure()
        return 0 < self._needed <= len(self._gathered) or len(self._gathered) > LARGEST_HEAD + SMALL_BODY

    def _measure(self) -> int:
        """How many bytes are needed of the request; 0: its head is not there yet."""
        end = self._gathered.find(END_OF_HEAD, max(0, self._looked - len(END_OF_HEAD)))
        self._looked = len(self._gathered)
        if end < 0:
            return self._looked if self._looked > LARGEST_HEAD else 0
        head = bytes(self._gathered[: end + 2])
        length = CONTENT_LENGTH.search(head)
        body = int(length[1]) if length and not ASKS_FIRST.search(head) else 0
        return end + len(END_OF_HEAD) + (body if body <= SMALL_BODY else 0)

    def init(self) -> None:
        """Hands what was gathered to the parser."""
        super().init()
        gathered, self._gathered, self._looked, self._needed = bytes(self._gathered), bytearray(), 0, 0
        if gathered:
            self.parser.unreader.unread(gathered)

    def close(self, graceful: bool = False) -> None:
        """Closes it."""
        self.is_closed = True
        super().close(graceful)


class PatientWorker(ThreadWorker):
    """gunicorn's threads, for requests that are there.

    A network may have `most_per_network` connections (0: any number, as where a proxy stands in front). When nearly
    `worker_connections` are taken, those that have waited longest for a request make room.
    """

    most_per_network = 0
    wsgi: Any

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        TimedSocket.waiting.most = max(1, int(self.cfg.threads * MOST_WAITING))
        self._by_network: Counter[str] = Counter()
        self._pause_until = 0.0

    def init_process(self) -> None:
        """Begins to serve."""
        self._streams = StreamLoop()
        self._streams.start()
        super().init_process()

    def load_wsgi(self) -> None:
        """An application that may hand a stream over. `application` is itself, `wsgi` what is called for a request."""
        super().load_wsgi()
        self.application: Any = self.wsgi
        self.wsgi = lambda environ, start: self.application({**environ, HAND_OVER: HandedBody}, start)

    def set_accept_enabled(self, enabled: bool) -> None:
        """Not while there are no more files to be had."""
        super().set_accept_enabled(enabled and time.monotonic() >= self._pause_until)

    def accept(self, listener: socket.socket) -> None:
        """Takes a connection, and waits for its request without a thread."""
        try:
            taken, address = listener.accept()
        except OSError as error:
            if error.errno in NO_MORE:
                self._pause(error)
            elif error.errno not in (errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK):
                raise
            return
        network = network_of(address)
        if network and 0 < self.most_per_network <= self._by_network[network]:
            taken.close()
            return
        with contextlib.suppress(OSError):  # gone already
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        if self.nr_conns >= self.worker_connections - ROOM:
            self._make_room()
        conn = GatheredConnection(self.cfg, TimedSocket.of(taken), address, listener.getsockname(), network=network)
        self.nr_conns += 1
        if network:
            self._by_network[network] += 1
        self._wait_for_request(conn)

    def _pause(self, error: OSError) -> None:
        """No end of the process: who waits gives files back, or else whoever is served now, in a moment."""
        self.log.error("No connection can be taken: %s", error)
        if any([self._make_room() for _ in range(ROOM)]):
            return
        self._pause_until = time.monotonic() + PAUSE_SECONDS
        self.set_accept_enabled(False)

    def _make_room(self) -> bool:
        """Closes who has waited longest: of those whose request is not whole, else of those that rest."""
        for waiting in (self.pending_conns, self.keepalived_conns):
            if waiting:
                self._drop(waiting[0], waiting)
                return True
        return False

    def _drop(self, conn: GatheredConnection, waiting: Any) -> None:
        waiting.remove(conn)
        self.poller.unregister(conn.sock)
        self.nr_conns -= 1
        conn.close()
        self._forget(conn)

    def _wait_for_request(self, conn: GatheredConnection) -> None:
        conn.sock.setblocking(False)
        conn.timeout = time.monotonic() + WHOLE_SECONDS
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, select.POLLIN, partial(self.on_pending_socket_readable, conn))

    def on_client_socket_readable(self, conn: GatheredConnection, client: socket.socket) -> None:
        """The next request begins on a connection that rested, unless it made room since the poll."""
        if conn.is_closed:
            return
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        self._wait_for_request(conn)

    def on_pending_socket_readable(self, conn: GatheredConnection, client: socket.socket) -> None:
        """Some of a request came, unless the connection made room since the poll."""
        if conn.is_closed:
            return
        try:
            data = client.recv(LARGEST_HEAD)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        # A next request that comes from one who has the answer acknowledges all of it.
        if not data or (conn.initialized and count_untaken(client) > MOST_UNTAKEN):
            self._drop(conn, self.pending_conns)
        elif conn.gather(data):
            self.poller.unregister(client)
            self.pending_conns.remove(conn)
            conn.data_ready = True
            self.enqueue_req(conn)

    def handle(self, conn: GatheredConnection) -> Any:
        """Sees to a request, in a thread; what is a stream goes on without one."""
        conn.sock.begin()
        try:
            return super().handle(conn)
        except HandedOver as handed:
            self._serve_stream(conn, handed.body)
            return STREAM

    def _serve_stream(self, conn: GatheredConnection, body: HandedBody) -> None:
        is_chunked = conn.parser.mesg.version > (1, 0)
        conn.parser = None  # with the request, of which nothing is needed any more
        self._streams.add(conn.sock, body, is_chunked, partial(self._note_end, conn))

    def _note_end(self, conn: GatheredConnection) -> None:
        """Has the main loop finish it. After a stop there is none any more, and its pipe's number may be another's."""
        with contextlib.suppress(RuntimeError):
            self.tpool.submit(self.method_queue.defer, self._finish_stream, conn)

    def _finish_stream(self, conn: GatheredConnection) -> None:
        self._end_connection(conn)
        self._forget(conn)

    def _end_connection(self, conn: GatheredConnection) -> None:
        """By a thread, since the other side may have to be waited for."""
        self.nr_conns -= 1
        conn.is_closed = True
        try:
            self.tpool.submit(conn.close, graceful=True)
        except RuntimeError:  # stopping
            conn.close()

    def finish_request(self, conn: GatheredConnection, fs: Any) -> None:
        """A request is over, and maybe the connection; of a stream neither is."""
        if fs.cancelled() or fs.exception() or not fs.result():
            self._end_connection(conn)
        elif fs.result() is STREAM:
            return
        elif is_ahead(conn):
            self.nr_conns -= 1
            conn.close()
        else:
            super().finish_request(conn, fs)
        self._forget(conn)

    def murder_pending(self) -> None:
        """Closes those whose request was not whole in time."""
        self._close_late(self.pending_conns, super().murder_pending)

    def murder_keepalived(self, force: bool = False) -> None:
        """Closes those that have rested long enough."""
        self._close_late(self.keepalived_conns, partial(super().murder_keepalived, force=force))

    def _cap_keepalive(self, deadline: float) -> None:
        """At a stop: nobody is waited for who has not sent a request by then."""
        super()._cap_keepalive(deadline)
        for conn in self.pending_conns:
            conn.timeout = min(conn.timeout, deadline)

    def _close_late(self, waiting: Any, close: Any) -> None:
        before = list(waiting)
        close()
        for conn in before[: len(before) - len(waiting)]:
            self._forget(conn)

    def _forget(self, conn: GatheredConnection) -> None:
        """Counts a connection that was closed no longer."""
        if conn.is_closed and conn.network:
            self._by_network[conn.network] -= 1
            if self._by_network[conn.network] <= 0:
                del self._by_network[conn.network]
            conn.network = None


def is_ahead(conn: TConn) -> bool:
    """Whether the next request is there already, and too much of the answers before is not taken."""
    return bool(conn.parser.unreader.buf.getvalue()) and count_untaken(conn.sock) > MOST_UNTAKEN


def count_untaken(connection: socket.socket) -> int:
    """How many bytes of what was sent the other side has not acknowledged."""
    untaken = array("i", [0])
    with contextlib.suppress(OSError, ValueError):
        fcntl.ioctl(connection.fileno(), termios.TIOCOUTQ, untaken)
    return untaken[0]


def network_of(address: Any) -> str | None:
    """What a connection is counted by: an address, of IPv6 its /64; None for this machine itself."""
    try:
        ip = ip_address(address[0].partition("%")[0])
    except (ValueError, TypeError, IndexError, AttributeError):
        return None
    ip = getattr(ip, "ipv4_mapped", None) or ip
    if ip.is_loopback:
        return None
    return str(ip) if ip.version == 4 else str(ip_network((ip.packed, IPV6_PREFIX), strict=False))
