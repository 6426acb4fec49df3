"""How often one visitor or network address may do what; counted in memory, per process."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from chat.errors import ApiError


class RateLimits:
    """Moving windows of a minute, or an hour, by kind and key."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def check(self, kind: str, key: str, per_minute: int) -> None:
        """Counts one. Raises ApiError 429, with the seconds to wait, when it is one too many."""
        self._check(RateLimitItemPerMinute(per_minute), kind, key)

    def check_hourly(self, kind: str, key: str, per_hour: int) -> None:
        """The same for what hardly anybody does more than a few times."""
        self._check(RateLimitItemPerHour(per_hour), kind, key)

    def _check(self, item: RateLimitItem, kind: str, key: str) -> None:
        if self._limiter.hit(item, kind, key):
            return
        wait = max(1, round(self._limiter.get_window_stats(item, kind, key).reset_time - time.time()))
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
