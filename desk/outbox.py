"""Sends the replies that could still be taken back, when their time has come. A restart sends what waited meanwhile."""

from __future__ import annotations

import threading

import structlog
from sqlalchemy.exc import SQLAlchemyError

from store import Store
from store.held import find_next_due, forget_taken_back, list_due, send_due

log = structlog.get_logger()
# Held replies are announced by `wake`. This is for those of another process, and for a clock that was set back.
LOOK_SECONDS = 1.0
# After a failure (a full disk), not at once again.
PAUSE_SECONDS = 2.0


class Outbox:
    """One thread that sleeps until the next held reply is due. Everything it knows is in the store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._woken = threading.Event()
        self._stopping = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begins, with what a stop or a crash left behind."""
        self._thread = threading.Thread(target=self._work, name="outbox", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Something is held: look when it is due."""
        self._woken.set()

    def stop(self, timeout: float = 10.0) -> None:
        """Ends. What is held stays in the store, and is sent after the next start."""
        self._stopping = True
        self.wake()
        if self._thread is not None:
            self._thread.join(timeout)

    def look(self) -> float:
        """Sends what is due; returns the seconds until the next look."""
        now = self._store.clock()
        are_sent = [self._send(conversation_id, now) for conversation_id in list_due(self._store, now)]
        forget_taken_back(self._store, now)
        if not all(are_sent):
            return PAUSE_SECONDS
        due = find_next_due(self._store)
        return LOOK_SECONDS if due is None else min(LOOK_SECONDS, max(0.0, (due - self._store.clock()) / 1000))

    def _send(self, conversation_id: str, now: int) -> bool:
        """Whether what is due there was sent. What can't be, for whatever reason, holds nobody else up."""
        try:
            send_due(self._store, conversation_id, now)
        except SQLAlchemyError:
            log.exception("reply_not_sent", conversation=conversation_id)
            return False
        log.info("reply_sent", conversation=conversation_id)
        return True

    def _work(self) -> None:
        while not self._stopping:
            try:
                pause = self.look()
            except Exception:  # a dead thread would keep what agents believe sent
                log.exception("outbox_failed")
                pause = PAUSE_SECONDS
            self._woken.wait(pause)
            self._woken.clear()
