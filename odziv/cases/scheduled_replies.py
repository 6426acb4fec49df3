"""Sends the replies that could still be taken back, when their time has come. A restart sends what waited meanwhile."""

from __future__ import annotations

import structlog

from odziv.processes.periodic import Rounds
from odziv.store import Store
from odziv.store.engine import StoreFailed
from odziv.store.handoffs.scheduled_replies import find_next_due, forget_taken_back, list_due, send_due

log = structlog.get_logger()
# Held replies are announced by `wake`. This is for those of another process, and for a clock that was set back.
LOOK_SECONDS = 1.0
# After a failure (a full disk), not at once again.
PAUSE_SECONDS = 2.0


class Outbox(Rounds):
    """Sleeps until the next held reply is due. What is held at a stop is sent after the next start."""

    def __init__(self, store: Store) -> None:
        super().__init__("outbox", pause=LOOK_SECONDS, after_failure=PAUSE_SECONDS)
        self._store = store

    def _round(self) -> float:
        return self.look()

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
        except StoreFailed:
            log.exception("reply_not_sent", conversation=conversation_id)
            return False
        log.info("reply_sent", conversation=conversation_id)
        return True
