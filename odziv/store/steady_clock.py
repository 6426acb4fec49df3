"""The store's clock: the machine's at the start, and from there on by what has passed, whatever that one is set to.

A clock that is set back by two hours would have what is due wait for two hours; one that is set forth by a day would
sign everybody out. So a jump is followed slowly, and never backwards.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

log = logging.getLogger(__name__)
# A clock that was minutes slow is put right at once; what is more, or backwards, is made up for by a tenth of the time
# that passes.
FOLLOWED_MS, SHARE = 15 * 60_000, 0.1
JUMP_MS = 2_000  # from one look to the next; less is what a machine's clock does by itself


def passed_ms() -> int:
    """Milliseconds since the machine started, sleep included."""
    return time.clock_gettime_ns(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)) // 1_000_000


class SteadyClock:
    """Callable: milliseconds since 1970. Never goes back; safe to share between threads.

    `machine` gives what the machine's clock says, `passed` milliseconds from any moment on.
    """

    def __init__(self, machine: Callable[[], int], passed: Callable[[], int] = passed_ms) -> None:
        self.machine, self._passed = machine, passed
        self._lock = threading.Lock()
        self._says, self._looked = machine(), passed()
        self._behind = 0  # by how much the machine's clock was ahead at the last look; negative: it was behind

    def __call__(self) -> int:
        with self._lock:
            passed = max(0, self._passed() - self._looked)
            self._looked += passed
            behind = self.machine() - (self._says + passed)
            self._says += passed + self._follow(behind, passed)
            return self._says

    def _follow(self, behind: int, passed: int) -> int:
        """By how much to go further than what has passed, or less far."""
        if abs(behind - self._behind) > JUMP_MS:
            log.warning("the machine's clock was set by %+.0f s", (behind - self._behind) / 1000)
        most = round(SHARE * passed)
        step = behind if 0 <= behind <= FOLLOWED_MS else max(-most, min(behind, most))
        self._behind = behind - step
        return step
