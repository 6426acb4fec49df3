"""Sends and hears what passes between the processes of an installation; how it travels is a transport's concern.

Nothing here is needed for a message to be kept, nor to be answered: who loses what is told here finds it in the
database a little later, at the next sign of life of a stream or the next look of a worker.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

import structlog

from odziv.bus.messages import Item, Kind, read_message, write_messages
from odziv.processes.periodic import WatchedThread

log = structlog.get_logger()
GATHER_SECONDS = 2.0  # for which items wait for others of their kind, where nobody minds
MOST_WAITING = 5_000  # items of a kind that wait to be sent; beyond that the oldest are lost
TOUCHED = Kind("touched", (str,))  # what a commit changed: the keys of odziv.store.engine.touch
Handler = Callable[[Sequence[Item]], None]


class Transport(Protocol):
    """A way to all other processes of the installation."""

    def send(self, message: str) -> None:
        """Sends it to all others. Takes no longer than some hundred milliseconds; what can't be sent by then is lost.
        Raises nothing."""

    def receive(self, hear: Callable[[str | bytes | None], None], stopping: threading.Event) -> None:
        """Calls `hear` with each message until `stopping`; with None where some may have been missed."""

    def stop(self) -> None:
        """Has `receive` end soon."""

    def close(self) -> None:
        """Lets go of everything, once nothing is sent any more."""


class Bus:
    """Tells the other processes what happened here, and handlers here what happened there.

    `origin` is this process's own mark, by which it passes over what it sent itself. Handlers run one after the other
    in one thread, so they have to be quick.
    """

    def __init__(self, transport: Transport, origin: str) -> None:
        self._transport, self._origin = transport, origin
        self._handlers: dict[str, tuple[Kind, list[Handler]]] = {}
        self._missed: list[Callable[[], None]] = []
        self._waiting: dict[Kind, dict[Item, None]] = defaultdict(dict)
        self._gathered: dict[Kind, dict[Item, Item]] = defaultdict(dict)
        self._gathered_since = 0.0  # by the monotonic clock
        self._change = threading.Condition()
        self._is_started, self.stopping = False, threading.Event()
        self._threads = [
            WatchedThread("bus-sender", self._send_all, self.stopping),
            WatchedThread("bus-receiver", self._receive, self.stopping),
        ]

    def subscribe(self, kind: Kind, handler: Handler) -> None:
        """Calls `handler` with the items of each message of that kind which another process sent."""
        self._handlers.setdefault(kind.name, (kind, []))[1].append(handler)

    def on_missed(self, handler: Callable[[], None]) -> None:
        """Calls `handler` where messages may have been missed: whoever follows something looks for themselves."""
        self._missed.append(handler)

    def publish(self, kind: Kind, *items: Item) -> None:
        """Tells the others, soon; never waits. Lost before `start`."""
        if self._is_started:
            self._add(kind, items)

    def gather(self, kind: Kind, item: Item) -> None:
        """Tells the others within GATHER_SECONDS; of several that differ in their last value only the newest."""
        if self._is_started:
            with self._change:
                self._gathered[kind][item[:-1]] = item

    def announce(self, keys: Iterable[str]) -> None:
        """Tells the others what a commit changed; a process that never started the bus, such as a command, at once."""
        items = tuple((key,) for key in keys)
        if self._is_started:
            self._add(TOUCHED, items)
        else:
            self._send(TOUCHED, items)

    def start(self) -> None:
        """Begins to send and to hear."""
        self._is_started = True
        for thread in self._threads:
            thread.start()

    def threads(self) -> list[WatchedThread]:
        """Those that send and hear."""
        return self._threads

    def stop(self, timeout: float = 2.0) -> None:
        """Sends what waits, and ends."""
        self.stopping.set()
        self._transport.stop()
        with self._change:
            self._change.notify_all()
        for thread in self._threads:
            thread.join(timeout)
        self._transport.close()

    def _add(self, kind: Kind, items: Iterable[Item]) -> None:
        with self._change:
            waiting = self._waiting[kind]
            for item in items:
                waiting.pop(item, None)  # the newest comes last: a sign that ends after one that begins
                waiting[item] = None
            while len(waiting) > MOST_WAITING:
                del waiting[next(iter(waiting))]
            self._change.notify()

    def _send_all(self) -> None:
        while True:
            with self._change:
                self._change.wait_for(lambda: self._waiting or self.stopping.is_set(), GATHER_SECONDS)
                is_last = self.stopping.is_set()
                waiting, self._waiting = self._waiting, defaultdict(dict)
                gathered = self._take_gathered(is_last)
            for kind, items in waiting.items():
                self._send(kind, items)
            for kind, newest in gathered.items():
                self._send(kind, newest.values())
            if is_last:
                return

    def _take_gathered(self, is_last: bool) -> dict[Kind, dict[Item, Item]]:
        """What is to be sent of what was gathered: nothing, until it is time."""
        now = time.monotonic()
        if not is_last and now - self._gathered_since < GATHER_SECONDS:
            return {}
        self._gathered_since = now
        gathered, self._gathered = self._gathered, defaultdict(dict)
        return gathered

    def _send(self, kind: Kind, items: Iterable[Item]) -> None:
        for message in write_messages(self._origin, kind, items):
            self._transport.send(message)

    def _receive(self) -> None:
        self._transport.receive(self._hear, self.stopping)

    def _hear(self, raw: str | bytes | None) -> None:
        if raw is None:
            for look in self._missed:
                self._call(look)
            return
        message = read_message(raw)
        if message is None or message.origin == self._origin or message.kind not in self._handlers:
            return
        kind, handlers = self._handlers[message.kind]
        items = [tuple(item) for item in message.items if kind.fits(item)]
        for handler in handlers if items else ():
            self._call(handler, items)

    def _call(self, handler: Callable[..., None], *arguments: Any) -> None:
        try:
            handler(*arguments)
        except Exception:  # the next message is another matter
            log.exception("bus_handler_failed")
