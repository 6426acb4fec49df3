"""A thread that looks, pauses and looks again: how the queue, the mail and the audit trail are kept in order."""

from __future__ import annotations

import threading

import structlog

log = structlog.get_logger()


class Rounds:
    """Whoever makes rounds from `start` until `stop`. What they know is in the store, so a restart loses nothing.

    `pause` and `first` are the seconds after a round (None: until woken) and before the first one. A round that fails
    is logged, and the next comes `after_failure`: a dead thread would be silence from then on.
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
        """No further round begins; does not wait for the one under way."""
        self._stopping.set()
        self.wake()

    def stop(self, timeout: float = 10.0) -> None:
        """Ends after the round under way."""
        self.begin_stop()
        if self._thread is not None:
            self._thread.join(timeout)

    def _round(self) -> float | None:
        """What there is to do. Returns the seconds until the next round; None: the usual pause."""
        raise NotImplementedError

    def _work(self) -> None:
        if self._first:
            self._woken.wait(self._first)
            if self._stopping.is_set():
                return
        while True:
            self._woken.clear()
            pause = self._try_round()
            if self._stopping.is_set():
                return
            self._woken.wait(pause)
            if self._stopping.is_set():
                return

    def _try_round(self) -> float | None:
        try:
            pause = self._round()
        except Exception:
            log.exception(f"{self._name.replace('-', '_')}_failed")
            return self._after_failure
        return self._pause if pause is None else pause
