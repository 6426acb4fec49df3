"""What is left of a conversation outside its rows, once it is deleted: Rasa's memory, the logs of two databases."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import structlog

from bot.trackers import forget_trackers, sweep_trackers
from odziv.processes.periodic import PeriodicTask
from odziv.store import Store
from odziv.store.conversations.conversation import find_conversation

log = structlog.get_logger()
DAY_SECONDS = 24 * 60 * 60.0
TRIES = 3


def forget_remains(store: Store, var: Path, conversation_ids: Iterable[str]) -> None:
    """Has every trace of conversations that were just deleted overwritten; to be called after each deletion."""
    forget_trackers(var, conversation_ids)
    if not any(store.scrub() for _ in range(TRIES)):
        log.warning("deleted_text_still_in_log", why="the database is being read; the next deletion or stop clears it")


def sweep_remains(store: Store, var: Path, *, compact: bool = False) -> int:
    """The same for all that was deleted at any time, by a process that was killed in between or a version that
    forgot it; returns how many dialogues Rasa still had. `compact` takes seconds to minutes."""
    swept = sweep_trackers(var, lambda conversation_id: find_conversation(store, conversation_id) is not None,
                           compact=compact)  # fmt: skip
    if swept or compact:
        store.scrub(compact=compact)
    return swept


class DailySweep(PeriodicTask):
    """Looks for remains at the start and then once a day."""

    def __init__(self, store: Store, var: Path) -> None:
        super().__init__("daily-sweep", pause=DAY_SECONDS)
        self._store, self._var = store, var

    def _run_once(self) -> None:
        if swept := sweep_remains(self._store, self._var):
            log.info("remains_swept", dialogues=swept)
