"""What is left of a conversation outside its rows, once it is deleted: Rasa's memory, the logs of two databases."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from functools import partial
from pathlib import Path

import structlog

from bot.trackers import forget_trackers, sweep_trackers
from odziv.processes.periodic import PeriodicTask
from odziv.store import Store
from odziv.store.conversations.attachments import sweep_attachments
from odziv.store.conversations.conversation import delete_conversation, find_conversation

log = structlog.get_logger()
MINUTE_SECONDS, HOUR_SECONDS = 60.0, 60 * 60.0
TRIES = 3


def forget_remains(store: Store, var: Path, conversation_ids: Iterable[str]) -> None:
    """Has every trace of conversations that were just deleted overwritten; to be called after each deletion.

    They are gone whatever becomes of this: what can't be cleared now is cleared within the hour.
    """
    try:
        forget_trackers(var, conversation_ids)
    except sqlite3.Error as error:  # Rasa hangs in the middle of writing, or its file is damaged
        log.warning("trackers_not_forgotten", why=str(error))
    if not any(store.scrub() for _ in range(TRIES)):
        log.warning("deleted_text_still_in_log", why="the database is being read; cleared within the hour")


def delete_for_good(store: Store, var: Path, conversation_id: str, by: int) -> None:
    """What an administrator deletes, at the desk or by a program; `by` is their id."""
    delete_conversation(store, conversation_id, by=by)
    forget_remains(store, var, [conversation_id])


def sweep_remains(store: Store, var: Path, *, compact: bool = False) -> int:
    """The same for all that was deleted at any time, by a process that was killed in between or a version that
    forgot it; and Rasa's memory of what nobody goes on with. Returns how many dialogues those were.

    `compact` takes seconds to minutes.
    """
    swept = sweep_trackers(var, partial(_goes_on, store), now=store.clock() / 1000, compact=compact)
    store.scrub(compact=compact)
    return swept


def _goes_on(store: Store, conversation_id: str, epoch: int | None) -> bool:
    """Whether the bot still has the conversation as it had it then."""
    conversation = find_conversation(store, conversation_id)
    return conversation is not None and (conversation.status, conversation.epoch) == ("bot", epoch)


class RemainsSweep(PeriodicTask):
    """Looks for remains at the start and then once an hour: dialogues, text in a log, files never sent."""

    def __init__(self, store: Store, var: Path) -> None:
        super().__init__("remains-sweep", pause=HOUR_SECONDS, after_failure=MINUTE_SECONDS)
        self._store, self._var = store, var

    def _run_once(self) -> None:
        files, dialogues = sweep_attachments(self._store), sweep_remains(self._store, self._var)
        if files or dialogues:
            log.info("remains_swept", dialogues=dialogues, files=files)
