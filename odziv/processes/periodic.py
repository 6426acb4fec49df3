"""Threads that go on: one that is begun again whatever ends it, and one that does something again and again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

import structlog

log = structlog.get_logger()
FIRST_PAUSE, LAST_PAUSE = 1.0, 30.0  # seconds before a thread is begun again; doubled each time
WELL_AFTER = 60.0  # seconds a thread has run, after which an end counts as the first again


class WatchedThread:
    """A thread that does `target` until stopped, and is begun again, with a longer pause each time, when that ends.

    `target` ends when it is to stop, and only then: whatever else ends it is logged, and told by `failure` until it
    goes on. `revive` begins a new thread where the old one could not even do that.
    """

    def __init__(self, name: str, target: Callable[[], object], stopping: threading.Event) -> None:
        self.name, self.restarts = name, 0
        self._target, self._stopping = target, stopping
        self._failure: str | None = None
        self._pause = FIRST_PAUSE
        self._thread: threading.Thread | None = None

    @property
    def failure(self) -> str | None:
        """Why the thread does not run now; None while it does, has not begun, or is to stop."""
        if self._thread is None or self._stopping.is_set():
            return None
        return self._failure or (None if self._thread.is_alive() else "gone")

    def is_alive(self) -> bool:
        """Whether it runs."""
        return self._thread is not None and self._thread.is_alive()

    def start(self) -> None:
        """Begins."""
        self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)
        try:
            self._thread.start()
        except RuntimeError as error:  # no more threads to be had
            self._failure = str(error)
            log.exception("thread_not_begun", thread=self.name)

    def join(self, timeout: float | None = None) -> None:
        """Waits for its end."""
        if self._thread is not None and self._thread.ident is not None:
            self._thread.join(timeout)

    def revive(self) -> bool:
        """Begins it again where it should run and does not; returns whether it had to."""
        if self._thread is None or self._thread.is_alive() or self._stopping.is_set():
            return False
        self.restarts += 1
        log.error("thread_begun_again", thread=self.name, why=self.failure)
        self.start()
        return True

    def _run(self) -> None:
        while True:
            begun, self._failure = time.monotonic(), None
            try:
                self._target()
                self._failure = "it ended by itself"
            except BaseException as error:  # nothing may end it: a dead thread would be silence from then on
                self._failure = f"{type(error).__name__}: {error}"[:200]
            if self._stopping.is_set():
                return
            self._wait_to_begin_again(time.monotonic() - begun)
            if self._stopping.is_set():
                return

    def _wait_to_begin_again(self, seconds: float) -> None:
        if seconds >= WELL_AFTER:
            self._pause = FIRST_PAUSE
        self.restarts += 1
        log.error("thread_ended", thread=self.name, why=self._failure, again_in_s=self._pause)
        self._stopping.wait(self._pause)
        self._pause = min(2 * self._pause, LAST_PAUSE)


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
        self._thread = WatchedThread(name, self._work, self._stopping)
        self._may_run: Callable[[], bool] = lambda: True

    def only_while(self, may_run: Callable[[], bool]) -> None:
        """Leaves out the runs before which `may_run()` says no: another process does it."""
        self._may_run = may_run

    def start(self) -> None:
        """Begins."""
        self._thread.start()

    def threads(self) -> list[WatchedThread]:
        """The thread that does it."""
        return [self._thread]

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
            pause = self._run_once() if self._may_run() else None
        except Exception:
            log.exception(f"{self._name.replace('-', '_')}_failed")
            return self._after_failure
        return self._pause if pause is None else pause


class ThreadGuard(PeriodicTask):
    """Looks every second whether each of the threads that `list_threads` returns runs, and begins those that don't."""

    def __init__(self, list_threads: Callable[[], Sequence[WatchedThread]]) -> None:
        super().__init__("thread-guard", pause=1.0)
        self._list_threads = list_threads

    def _run_once(self) -> None:
        for thread in self._list_threads():
            thread.revive()

    def list_failures(self) -> dict[str, str]:
        """Why each thread that should run does not, by its name. The guard's own is begun again here."""
        self._thread.revive()
        threads = [*self._list_threads(), self._thread]
        return {thread.name: thread.failure for thread in threads if thread.failure}
