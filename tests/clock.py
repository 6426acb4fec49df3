"""The clock of the tests' stores: it stands, so that nothing depends on how long a test takes."""

from __future__ import annotations

import time

from odziv.store.engine import now_ms


class Clock:
    """Stands at the moment it was made, until a test sets `now` (milliseconds since 1970), advances it or lets it run.

    Threads wait in real time, whatever it says: a test that waits for what becomes due lets it run.
    """

    def __init__(self, now: int | None = None) -> None:
        self._set_to = now_ms() if now is None else now
        self._runs_since: float | None = None

    def __call__(self) -> int:
        return self.now

    @property
    def now(self) -> int:
        """What it says."""
        passed = 0.0 if self._runs_since is None else time.monotonic() - self._runs_since
        return self._set_to + round(passed * 1000)

    @now.setter
    def now(self, moment: int) -> None:
        self._set_to, self._runs_since = moment, None if self._runs_since is None else time.monotonic()

    def advance(self, milliseconds: float) -> None:
        """So much time has passed."""
        self._set_to += round(milliseconds)

    def run(self) -> None:
        """From now on it goes as real time does."""
        self._runs_since = time.monotonic()
