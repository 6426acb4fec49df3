"""Deletion for good, and what is left outside the rows: mails put aside, Rasa's memory, the logs of two databases."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterable
from functools import partial
from pathlib import Path

import structlog

from bot.trackers import forget_trackers, sweep_trackers
from odziv.cases.mail_addresses import is_machine, is_of_company, read_sender_address
from odziv.processes.periodic import PeriodicTask
from odziv.settings import Settings
from odziv.store import Store
from odziv.store.agents.mail_drafts import forget_mail_drafts_to
from odziv.store.audit import record
from odziv.store.conversations.attachments import sweep_attachments
from odziv.store.conversations.conversation import Conversation, delete_conversation, find_conversation
from odziv.store.customers.other_addresses import forget_addresses
from odziv.store.customers.verified import forget_customer
from odziv.store.engine import gone_of
from odziv.store.mail.notifications import list_proven_addresses
from odziv.store.mail.strays import forget_strays_of
from odziv.store.search.filling import fill_some, tidy_index

log = structlog.get_logger()
MINUTE_SECONDS, HOUR_SECONDS = 60.0, 60 * 60.0
TRIES = 3
GATHER_SECONDS = 1.0
FIRST_LOOK_SECONDS, FILLING_PAUSE_SECONDS = 5.0, 0.05  # others write in between


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


def delete_for_good(store: Store, settings: Settings, conversation_id: str, by: int) -> None:
    """What an administrator deletes, at the desk or by a program; `by` is their id."""
    delete_conversation(store, conversation_id, by=by, senders=list_senders(store, settings, conversation_id))
    forget_remains(store, settings.var, [conversation_id])


def forget_for_customer(
    store: Store, settings: Settings, conversation: Conversation, *, all_of_theirs: bool
) -> list[str]:
    """What a customer has deleted: this conversation, or all that the site says are theirs. Returns their ids."""
    senders_of = partial(list_senders, store, settings)
    deleted = forget_customer(store, conversation, all_of_theirs=all_of_theirs, senders_of=senders_of)
    forget_remains(store, settings.var, deleted)
    return deleted


def list_senders(store: Store, settings: Settings, conversation_id: str) -> set[str]:
    """The addresses whose mails, where they were put aside, are this conversation's customer's.

    Only such as are known to be theirs, never one that was only typed. Nor one that many write from: a machine's, as of
    a service for forms, and those of our own company, the forms on its website among them.
    """
    proven = list_proven_addresses(store, conversation_id, also_quiet=True)
    addresses = {address for each in proven if (address := read_sender_address(each))}
    return {
        address
        for address in addresses
        if not is_machine(address) and not is_of_company(address, settings.mail.domains)
    }


def forget_sender(store: Store, addresses: Iterable[str]) -> int:
    """Deletes what these addresses sent that was put aside, and says so in the audit trail. Returns how many mails.

    What is deleted is overwritten with `sweep_remains`.
    """
    with store.write() as connection:
        count, files = forget_strays_of(store, connection, set(addresses))
        forget_mail_drafts_to(connection, set(addresses))
        forget_addresses(connection, set(addresses))
        if count:
            record(connection, "forgotten", e_mails_put_aside=count)
    store.files.remove(files)
    return count


def sweep_remains(store: Store, var: Path, *, compact: bool = False) -> int:
    """The same for all that was deleted at any time, by a process that was killed in between or a version that
    forgot it; and Rasa's memory of what nobody goes on with. Returns how many dialogues those were.

    `compact` takes seconds to minutes.
    """
    swept = sweep_trackers(var, partial(_goes_on, store), now=store.clock() / 1000, compact=compact)
    tidy_index(store)
    store.scrub(compact=compact)
    return swept


def _goes_on(store: Store, conversation_id: str, epoch: int | None) -> bool:
    """Whether the bot still has the conversation as it had it then."""
    conversation = find_conversation(store, conversation_id)
    return conversation is not None and (conversation.status, conversation.epoch) == ("bot", epoch)


class SearchFilling(PeriodicTask):
    """After an upgrade, makes what was written before findable, some messages at a time; then it has nothing to do."""

    def __init__(self, store: Store) -> None:
        super().__init__("search-filling", pause=HOUR_SECONDS, first=FIRST_LOOK_SECONDS, after_failure=MINUTE_SECONDS)
        self._store = store

    def _run_once(self) -> float | None:
        looked_at = fill_some(self._store)
        return FILLING_PAUSE_SECONDS if looked_at else None


class RemainsSweep(PeriodicTask):
    """Looks for remains at the start and then once an hour: dialogues, text in a log, files never sent.

    When any process deletes a conversation, its dialogues in this one's data folder go within seconds.
    """

    def __init__(self, store: Store, var: Path) -> None:
        super().__init__("remains-sweep", pause=HOUR_SECONDS, after_failure=MINUTE_SECONDS)
        self._store, self._var = store, var
        self._gone: set[str] = set()
        self._noting = threading.Lock()
        self._sweeps_at = 0.0  # by the monotonic clock
        store.listen(self._hear)

    def _hear(self, touched: set[str]) -> None:
        if gone := gone_of(touched):
            with self._noting:
                self._gone |= gone
            self.wake()

    def _run_once(self) -> float | None:
        self._forget_gone()
        if (left := self._sweeps_at - time.monotonic()) > 0:
            return left
        self._sweep()
        self._sweeps_at = time.monotonic() + HOUR_SECONDS
        return None

    def _forget_gone(self) -> None:
        """Those that were deleted; where that fails, they are tried again."""
        if not self._gone:
            return
        self._stopping.wait(GATHER_SECONDS)  # many may go, one after the other
        with self._noting:
            gone, self._gone = self._gone, set()
        try:
            forget_trackers(self._var, gone)
        except Exception:
            with self._noting:
                self._gone |= gone
            raise

    def _sweep(self) -> None:
        files, dialogues = sweep_attachments(self._store), sweep_remains(self._store, self._var)
        if files or dialogues:
            log.info("remains_swept", dialogues=dialogues, files=files)
