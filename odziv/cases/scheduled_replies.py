"""Sends the replies that could still be taken back, when their time has come. A restart sends what waited meanwhile."""

from __future__ import annotations

from functools import partial

import structlog

from odziv.bus.bus import Bus
from odziv.bus.messages import Kind
from odziv.store import Store
from odziv.store.engine import StoreFailed
from odziv.store.handoffs.scheduled_replies import (
    find_next_reply,
    forget_taken_back,
    list_due_replies,
    send_due_replies,
)
from odziv.store.queue import Worker

log = structlog.get_logger()
DUE = Kind("replies", (bool,))  # told by a process that only schedules them
# After a failure (a full disk), not at once again.
PAUSE_SECONDS = 2.0


class ScheduledReplies(Worker):
    """Sleeps until the next scheduled reply is due. What is scheduled at a stop is sent after the next start."""

    def __init__(self, store: Store) -> None:
        find_next = partial(find_next_reply, store)
        super().__init__(store, "scheduled-replies", self._send_next, find_next, after_failure=PAUSE_SECONDS)
        self._due: list[str] = []  # conversations still to be seen to in this look
        self._has_failed = False  # in this look

    def join(self, bus: Bus) -> None:
        """From now on other processes can wake it."""
        bus.subscribe(DUE, lambda _items: self.wake())

    def _run_once(self) -> float | None:
        return self.look()

    def look(self) -> float | None:
        """Sends what is due; returns the seconds until the next look."""
        self._due, self._has_failed = list_due_replies(self._store, self._store.clock()), False
        self.work_off()
        forget_taken_back(self._store, self._store.clock())
        return PAUSE_SECONDS if self._has_failed else self.seconds_to_next()

    def _send_next(self) -> bool:
        """Sends what is due in one conversation, in one transaction, so nothing needs to be claimed before."""
        if not self._due:
            return False
        if not self._send(self._due.pop(0), self._store.clock()):
            self._has_failed = True
        return True

    def _send(self, conversation_id: str, now: int) -> bool:
        """Whether what is due there was sent. What can't be, for whatever reason, holds nobody else up."""
        try:
            send_due_replies(self._store, conversation_id, now)
        except StoreFailed:
            log.exception("reply_not_sent", conversation=conversation_id)
            return False
        log.info("reply_sent", conversation=conversation_id)
        return True
