"""A thread that does something again and again: for the queue, the mail and the audit trail."""

from __future__ import annotations

import threading

import structlog

log = structlog.get_logger()


class PeriodicTask:
    """Something that is done from `start` until `stop`. Its state is in the store, so a restart loses nothing.

    `pause` and `first` are the seconds after a run (None: until woken) and before the first one. A run that fails is
    logged, and the next comes `after_failure`: a dead thread would be silence from then on.
    """

    def __init__(
        self, name: str, *, pause: float | None, first: float = 0.0, after_failure: float | None = None
    ) -> None:
        self._name, self._pause, self._first = name, pause, first
        self._after_failure = pause if after_failure is None else after_failure
        self._woken, self._stopping = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begins."""
        self._thread = threading.Thread(target=self._work, name=self._name, daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """There is something to do: now rather than after the pause."""
        self._woken.set()

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
            self._woken.wait(self._first)
            if self._stopping.is_set():
                return
        while True:
            self._woken.clear()
            pause = self._try_once()
            if self._stopping.is_set():
                return
            self._woken.wait(pause)
            if self._stopping.is_set():
                return

    def _try_once(self) -> float | None:
        try:
            pause = self._run_once()
        except Exception:
            log.exception(f"{self._name.replace('-', '_')}_failed")
            return self._after_failure
        return self._pause if pause is None else pause
