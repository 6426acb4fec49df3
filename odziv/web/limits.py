"""How often one visitor or network address may do what; counted in memory, per process."""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from odziv.web.errors import ApiError

MINUTE, HOUR = 60.0, 3600.0  # seconds
SWEEP_SECONDS = 60.0  # between two looks for windows that nothing is left in


@dataclass
class Window:
    """When something was counted, oldest first, and for how many seconds each counts."""

    seconds: float
    times: deque[float] = field(default_factory=deque)

    def forget_before(self, now: float) -> None:
        """Drops what counts no more."""
        while self.times and self.times[0] <= now - self.seconds:
            self.times.popleft()


class MovingWindows:
    """Counts by key how much happened in the last so many seconds. Thread-safe.

    Our own few lines because the usual package starts a thread at nearly every call, and the caller waits until that
    runs: beside two busy threads some 30 ms, twice for every message.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._windows: dict[Hashable, Window] = {}
        self._swept = clock()
        self._lock = threading.Lock()

    def hit(self, key: Hashable, most: int, seconds: float) -> int:
        """Counts one and returns 0; where `most` were counted already, counts none and returns the seconds to wait.

        Those are whole ones, at least 1.
        """
        with self._lock:
            now = self._clock()
            if now - self._swept >= SWEEP_SECONDS:
                self._sweep(now)
            window = self._windows.setdefault(key, Window(seconds))
            window.forget_before(now)
            if len(window.times) < most:
                window.times.append(now)
                return 0
            wait = window.times[len(window.times) - most] + seconds - now if most > 0 else seconds
            return max(1, round(wait))

    def clear(self, key: Hashable) -> None:
        """Forgets what was counted for `key`."""
        with self._lock:
            self._windows.pop(key, None)

    def _sweep(self, now: float) -> None:
        self._swept = now
        for window in self._windows.values():
            window.forget_before(now)
        self._windows = {key: window for key, window in self._windows.items() if window.times}


class RateLimits:
    """How often in a minute, or an hour, by kind and key."""

    def __init__(self) -> None:
        self._windows = MovingWindows()

    def check(self, kind: str, key: str, per_minute: int) -> None:
        """Counts one. Raises ApiError 429, with the seconds to wait, when it is one too many."""
        self._check(kind, key, per_minute, MINUTE)

    def check_hourly(self, kind: str, key: str, per_hour: int) -> None:
        """The same for what hardly anybody does more than a few times."""
        self._check(kind, key, per_hour, HOUR)

    def _check(self, kind: str, key: str, most: int, seconds: float) -> None:
        if wait := self._windows.hit((kind, key, seconds), most, seconds):
            raise ApiError(429, "rate_limited", f"Too many requests; try again in {wait} seconds.", retry_after=wait)


class OpenStreams:
    """Counts event streams, since each holds a thread."""

    def __init__(self, total: int, per_address: int) -> None:
        self._total, self._per_address = total, per_address
        self._open: Counter[str] = Counter()
        self._lock = threading.Lock()

    def enter(self, address: str) -> None:
        """Takes a place. Raises ApiError 429 or 503 when there is none; the caller polls instead."""
        with self._lock:
            if self._open[address] >= self._per_address:
                raise ApiError(429, "rate_limited", "Too many open streams from this address.", retry_after=15)
            if self._open.total() >= self._total:
                raise ApiError(503, "busy", "All streams are taken; ask for new messages instead.", retry_after=15)
            self._open[address] += 1

    def leave(self, address: str) -> None:
        """Gives the place back."""
        with self._lock:
            self._open[address] -= 1
            if self._open[address] <= 0:
                del self._open[address]

    @contextmanager
    def place(self, address: str) -> Iterator[None]:
        """`enter` and `leave` around a block."""
        self.enter(address)
        try:
            yield
        finally:
            self.leave(address)
