"""Serves event streams once their response has begun: thousands of connections, a handful of threads.

A stream is a generator of texts to send and of pauses. While one is paused, or its reader takes nothing, it is a
connection, a few objects and no thread. One thread watches all connections and clocks; a few others have streams go on,
first those with news, then those that only look now and then: they may read the database, so they may have to wait.
"""

from __future__ import annotations

import contextlib
import heapq
import itertools
import logging
import os
import selectors
import socket
import threading
import time
from collections import deque
from collections.abc import Callable

from odziv.processes.handed_over import HandedBody, Pause

log = logging.getLogger(__name__)
THREADS = 8
# In which what was sent has to be taken: so many seconds, and one more for so many bytes, as of any answer.
SEND_SECONDS, SLOWEST = 20.0, 2_048
LONGEST_SLEEP = 1.0
LAST_CHUNK = b"0\r\n\r\n"


class Stream:
    """One of the open ones. At any moment it rests, waits for its reader, or one thread has it go on.

    `unsent` is what its reader has not taken yet. Once it `is_over`, whoever has it ends it.
    """

    __slots__ = (
        "body", "connection", "ended", "has_ended", "is_chunked", "is_over", "is_said", "is_waiting", "pause",
        "sent_by", "turn", "unsent", "watched",
    )  # fmt: skip

    def __init__(
        self, connection: socket.socket, body: HandedBody, is_chunked: bool, ended: Callable[[], None]
    ) -> None:
        self.connection, self.body, self.is_chunked, self.ended = connection, body, is_chunked, ended
        self.unsent, self.sent_by = b"", 0.0  # until when it has to be taken, by the monotonic clock
        self.pause: Pause | None = None
        self.turn = 0  # a clock that was set for an earlier rest says nothing about a later one
        self.watched = 0  # selectors' events
        self.is_said = self.is_waiting = self.is_over = self.has_ended = False

    def send(self, data: bytes) -> bool:
        """Sends what the reader takes at once; whether that was all. Raises OSError where the connection is gone."""
        had = bool(self.unsent)
        rest = memoryview(self.unsent + data if had else data)
        with contextlib.suppress(BlockingIOError):
            while rest:
                rest = rest[self.connection.send(rest) :]
        if rest and not had:
            self.sent_by = time.monotonic() + SEND_SECONDS + len(rest) / SLOWEST
        self.unsent = bytes(rest)
        return not self.unsent

    def say(self, text: str) -> bool:
        """Sends a piece of the response, as `send`."""
        data = text.encode()
        return self.send(b"%X\r\n%b\r\n" % (len(data), data) if self.is_chunked else data)


class StreamLoop:
    """All streams of a process. `add` takes one on; what it was given as `ended` is called when it is over."""

    def __init__(self, threads: int = THREADS) -> None:
        self._selector = selectors.DefaultSelector()
        self._waking, self._waker = os.pipe()
        for end in (self._waking, self._waker):
            os.set_blocking(end, False)
        self._selector.register(self._waking, selectors.EVENT_READ)
        self._asked: deque[Callable[[], None]] = deque()  # of the thread that watches
        self._clocks: list[tuple[float, int, Stream, int]] = []
        self._numbers = itertools.count()
        self._sleeps_until = 0.0
        self._with_news: deque[tuple[Stream, bool | None]] = deque()
        self._overdue: deque[tuple[Stream, bool | None]] = deque()
        self._work = threading.Condition()
        self._is_stopping = False
        self._threads = [threading.Thread(target=self._watch, name="streams", daemon=True)]
        self._threads += [threading.Thread(target=self._run, name=f"stream-{n}", daemon=True) for n in range(threads)]

    def start(self) -> None:
        """Begins to serve."""
        for thread in self._threads:
            thread.start()

    def add(self, connection: socket.socket, body: HandedBody, is_chunked: bool, ended: Callable[[], None]) -> None:
        """Serves the rest of a response whose head was sent."""
        connection.setblocking(False)
        stream = Stream(connection, body, is_chunked, ended)
        self._ask(lambda: self._watch_for(stream, selectors.EVENT_READ))
        self._go_on(stream, None)

    def stop(self) -> None:
        """Ends its threads; streams that are still open stay as they are."""
        self._is_stopping = True
        with self._work:
            self._work.notify_all()
        self._wake()
        for thread in self._threads:
            thread.join(LONGEST_SLEEP)
        self._selector.close()
        os.close(self._waking)
        os.close(self._waker)

    # By any thread.

    def _ask(self, what: Callable[[], None]) -> None:
        self._asked.append(what)
        self._wake()

    def _wake(self) -> None:
        with contextlib.suppress(OSError):  # it is full, so the thread is awake
            os.write(self._waker, b"\0")

    def _go_on(self, stream: Stream, is_news: bool | None) -> None:
        """Has it go on soon; those that only look now and then come after the others."""
        with self._work:
            (self._overdue if is_news is False else self._with_news).append((stream, is_news))
            self._work.notify()

    # By the threads that have streams go on.

    def _run(self) -> None:
        while True:
            with self._work:
                self._work.wait_for(lambda: self._with_news or self._overdue or self._is_stopping)
                if self._is_stopping:
                    return
                stream, is_news = (self._with_news or self._overdue).popleft()
            try:
                is_ended = self._advance(stream, is_news)
            except OSError:  # nobody reads it any more
                is_ended = True
            except Exception:
                log.exception("A stream failed")
                is_ended = True
            if is_ended:
                self._end(stream)

    def _advance(self, stream: Stream, is_news: bool | None) -> bool:
        """Until it rests or its reader takes no more; whether it is at its end. Raises what the stream raises."""
        while not (stream.is_over or stream.is_said):
            try:
                item = stream.body.events.send(is_news)
            except StopIteration:
                stream.is_said = True
                is_taken = not stream.is_chunked or stream.send(LAST_CHUNK)
            else:
                if not isinstance(item, str):
                    self._rest(stream, item)
                    return False
                is_taken, is_news = stream.say(item), None
            if not is_taken:
                self._ask(lambda: self._wait_for_reader(stream))
                return False
        return True

    def _rest(self, stream: Stream, pause: Pause) -> None:
        stream.turn += 1
        stream.pause = pause
        clock = (time.monotonic() + pause.seconds, next(self._numbers), stream, stream.turn)
        self._asked.append(lambda: heapq.heappush(self._clocks, clock))
        if clock[0] < self._sleeps_until:
            self._wake()
        pause.call_when_news(lambda: self._go_on(stream, True))
        if stream.is_over and pause.give_up():  # it was hung up on before it could be called
            self._go_on(stream, None)

    def _end(self, stream: Stream) -> None:
        """Whatever the reason, and once."""
        try:
            stream.body.end()
        except Exception:
            log.exception("A stream's end failed")
        self._ask(lambda: self._part(stream))

    # By the thread that watches.

    def _watch(self) -> None:
        while not self._is_stopping:
            try:
                self._look()
            except Exception:  # all streams depend on this thread, and the fault is one stream's
                log.exception("Looking at streams failed")

    def _look(self) -> None:
        now = time.monotonic()
        self._sleeps_until = min([now + LONGEST_SLEEP, *(clock[0] for clock in self._clocks[:1])])
        for key, events in self._selector.select(0.0 if self._asked else max(0.0, self._sleeps_until - now)):
            if key.data is not None:
                self._look_at(key.data, events)
            else:
                with contextlib.suppress(BlockingIOError):
                    os.read(self._waking, 4096)
        while self._asked:
            self._asked.popleft()()
        self._ring()

    def _ring(self) -> None:
        """Has go on what has rested for long enough, and ends those whose reader has taken too long."""
        now = time.monotonic()
        while self._clocks and self._clocks[0][0] <= now:
            _, _, stream, turn = heapq.heappop(self._clocks)
            if stream.turn != turn or stream.is_over:
                continue
            if stream.is_waiting:
                self._let_go(stream)
            elif stream.pause is not None and stream.pause.give_up():
                self._go_on(stream, False)

    def _look_at(self, stream: Stream, events: int) -> None:
        try:
            if events & selectors.EVENT_READ and not self._is_there(stream):
                self._let_go(stream)
            elif events & selectors.EVENT_WRITE and stream.is_waiting and stream.send(b""):
                stream.is_waiting = False
                stream.turn += 1
                self._watch_for(stream, stream.watched & ~selectors.EVENT_WRITE)
                self._go_on(stream, None)
        except OSError:
            self._let_go(stream)

    def _is_there(self, stream: Stream) -> bool:
        """Whether the reader has not hung up. Who says something on a stream is not listened to any more."""
        with contextlib.suppress(BlockingIOError):
            if not stream.connection.recv(4096):
                return False
            self._watch_for(stream, stream.watched & ~selectors.EVENT_READ)
        return True

    def _wait_for_reader(self, stream: Stream) -> None:
        if stream.is_over:
            self._go_on(stream, None)
            return
        stream.is_waiting = True
        stream.turn += 1
        heapq.heappush(self._clocks, (stream.sent_by, next(self._numbers), stream, stream.turn))
        self._watch_for(stream, stream.watched | selectors.EVENT_WRITE)

    def _let_go(self, stream: Stream) -> None:
        """Has it ended by whoever has it, or by one of the others where nobody does."""
        if stream.is_over:
            return
        self._watch_for(stream, 0)
        stream.is_over = True  # before the pause is given up: whoever has just begun it looks at this
        if stream.is_waiting or (stream.pause is not None and stream.pause.give_up()):
            stream.is_waiting = False
            self._go_on(stream, None)

    def _part(self, stream: Stream) -> None:
        self._watch_for(stream, 0)
        stream.is_over = True
        if not stream.has_ended:
            stream.has_ended = True
            stream.ended()

    def _watch_for(self, stream: Stream, events: int) -> None:
        if events == stream.watched or (stream.is_over and events):
            return
        if not events:
            self._selector.unregister(stream.connection)
        elif not stream.watched:
            self._selector.register(stream.connection, events, stream)
        else:
            self._selector.modify(stream.connection, events, stream)
        stream.watched = events
