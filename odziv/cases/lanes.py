"""Few at a time, as long as each is quick: more would only be in each other's way."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager


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
