"""A thread that does something again and again: for the queue, the mail and the audit trail."""

from __future__ import annotations

import threading

import structlog

log = structlog.get_logger()


class Bell:
    """Wakes those who wait at it: one for each time it is rung.

    A ring that nobody waited for is kept for who comes next, up to `most` rings: as many as there are to be woken.
    `stopping` says that nobody is to go on.
    """

    def __init__(self, most: int = 1) -> None:
        self.stopping = threading.Event()
        self._most, self._rings, self._rung = most, 0, threading.Condition()

    def ring(self) -> None:
        """Wakes one."""
        with self._rung:
            self._rings = min(self._rings + 1, self._most)
            self._rung.notify()

    def wait(self, seconds: float | None) -> None:
        """Until it rings for who waits here, or so many seconds; None: however long that is."""
        with self._rung:
            if self._rung.wait_for(lambda: self._rings > 0, seconds):
                self._rings -= 1


class PeriodicTask:
    """Something that is done from `start` until `stop`. Its state is in the store, so a restart loses nothing.

    `pause` and `first` are the seconds after a run (None: until woken) and before the first one. A run that fails
    is logged, and the next comes `after_failure`: a dead thread would be silence from then on. Those with the same
    `bell` are woken one at a time, and stop together.
    """

    def __init__(
        self,
        name: str,
        *,
        pause: float | None,
        first: float = 0.0,
        after_failure: float | None = None,
        bell: Bell | None = None,
    ) -> None:
        self._name, self._pause, self._first = name, pause, first
        self._after_failure = pause if after_failure is None else after_failure
        self._bell = bell or Bell()
        self._stopping = self._bell.stopping
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begins."""
        self._thread = threading.Thread(target=self._work, name=self._name, daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """There is something to do: now rather than after the pause."""
        self._bell.ring()

    def begin_stop(self) -> None:
        """No further run begins; does not wait for the one under way."""
        self._stopping.set()
        self.wake()

    def stop(self, timeout: float = 10.0) -> None:
        """Ends after the run under way."""
        self.begin_stop()
        if self._thread is not None:
            self._thread.join(timeout)

    def _run_once(self) -> float | None:
        """What there is to do. Returns the seconds until the next run; None: the usual pause."""
        raise NotImplementedError

    def _work(self) -> None:
        if self._first:
            self._bell.wait(self._first)
            if self._stopping.is_set():
                return
        while True:
            pause = self._try_once()
            if self._stopping.is_set():
                return
            self._bell.wait(pause)
            if self._stopping.is_set():
                return

    def _try_once(self) -> float | None:
        try:
            pause = self._run_once()
        except Exception:
            log.exception(f"{self._name.replace('-', '_')}_failed")
            return self._after_failure
        return self._pause if pause is None else pause
