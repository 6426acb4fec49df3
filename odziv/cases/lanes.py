"""Who is let in: few at a time, as long as each is quick, and visitors in rotation, however much one of them sends."""

from __future__ import annotations

import threading
import time
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count

from odziv.store.conversations.turns import DueTurn

MOST_REMEMBERED = 20_000  # conversations of which it is known who writes, and visitors of whom it is when they had one


class Lanes:
    """Lets `count` in at once; whoever takes longer than `patience` seconds no longer keeps others out.

    So work that waits for something (a Rasa that hangs, say) holds nobody up for longer than that. Never do more than
    `crowd` wait: where that many come, what they have in common is cheaper done together.
    """

    def __init__(self, count: int, crowd: int, patience: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._count, self._crowd, self._patience, self._clock = count, crowd, patience, clock
        self._waiting: deque[object] = deque()  # whoever came first is first
        self._entered: dict[object, float] = {}
        self._change = threading.Condition()

    @contextmanager
    def enter(self) -> Iterator[None]:
        """Waits for a free lane, and keeps it while the block runs."""
        place = object()
        with self._change:
            self._waiting.append(place)
            self._change.notify_all()
            try:
                while (wait := self._seconds_to_wait(place)) != 0:
                    self._change.wait(wait)
                self._entered[place] = self._clock()
            finally:
                self._waiting.remove(place)
                self._change.notify_all()
        try:
            yield
        finally:
            with self._change:
                del self._entered[place]
                self._change.notify_all()

    def _seconds_to_wait(self, place: object) -> float | None:
        """0 when it may enter; else until the next lane counts as free, if nobody leaves before; None: not its turn."""
        if self._waiting[0] is not place:
            return None
        now = self._clock()
        counted = sorted(at for at in self._entered.values() if now - at < self._patience)
        if len(counted) < self._count or len(self._waiting) > self._crowd:
            return 0
        return counted[len(counted) - self._count] + self._patience - now


class FairShare:
    """Orders turns that may be taken, so that nobody waits for more than one turn of each other visitor.

    A visitor has at most `most` under way at once: threads are left for others. Who a visitor is, is told by
    `remember` (the network somebody writes from); else the conversation says so, or is one by itself. Kept in memory:
    after a restart everybody begins anew. Thread-safe.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._visitors: OrderedDict[str, str] = OrderedDict()  # by conversation
        self._served: OrderedDict[str, int] = OrderedDict()  # by visitor, when their last one was taken
        self._under_way: Counter[str] = Counter()
        self._moments = count(1)
        self._lock = threading.Lock()

    def remember(self, conversation_id: str, visitor: str) -> None:
        """Notes who writes in a conversation."""
        with self._lock:
            _put(self._visitors, conversation_id, visitor)

    def order(self, due: Sequence[DueTurn]) -> list[DueTurn]:
        """Those that may be taken now, in the order in which they are to be."""
        with self._lock:
            known = [(self._visitor(each), each) for each in due]
            allowed = [(visitor, each) for visitor, each in known if self._under_way[visitor] < self._most]
            allowed.sort(key=lambda pair: (self._under_way[pair[0]], self._served.get(pair[0], 0)))
            return [each for _, each in allowed]

    def begin(self, due: DueTurn) -> str:
        """One was taken; returns the visitor, for `end`."""
        with self._lock:
            visitor = self._visitor(due)
            self._under_way[visitor] += 1
            _put(self._served, visitor, next(self._moments))
            return visitor

    def end(self, visitor: str) -> None:
        """It is over."""
        with self._lock:
            self._under_way[visitor] -= 1
            if self._under_way[visitor] <= 0:
                del self._under_way[visitor]

    def _visitor(self, due: DueTurn) -> str:
        return due.visitor or self._visitors.get(due.conversation_id) or due.conversation_id


def _put(known: OrderedDict[str, str] | OrderedDict[str, int], key: str, value: str | int) -> None:
    """Keeps the newest MOST_REMEMBERED."""
    known[key] = value  # type: ignore[assignment]
    known.move_to_end(key)
    if len(known) > MOST_REMEMBERED:
        known.popitem(last=False)
