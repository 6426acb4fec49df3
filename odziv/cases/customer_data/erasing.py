"""Erasure of a customer from every store, with a receipt; one that is cut short goes on at the next start."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import structlog

from bot.trackers import forget_trackers
from odziv.cases.customer_data.desk_exports import remove_withdrawn
from odziv.cases.customer_data.files import ExportFailed, new_file
from odziv.cases.customer_data.whose import Customer
from odziv.cases.elsewhere.workers import WorkerClient, WorkersAway
from odziv.settings import Settings
from odziv.store import Store
from odziv.store.agents.mail_drafts import forget_mail_drafts_to
from odziv.store.backups.state import read_state
from odziv.store.conversations.attachments import remove_condemned
from odziv.store.conversations.conversation import delete_conversation
from odziv.store.customers.erasures import (
    Erasure,
    begin_erasure,
    find_next_erasure,
    finish_erasure,
    list_erasures,
    note_erased,
    take_erasure,
)
from odziv.store.customers.exports import withdraw_of_conversations, withdraw_of_customers
from odziv.store.customers.other_addresses import forget_addresses
from odziv.store.engine import iso_time
from odziv.store.mail.strays import forget_strays_of
from odziv.store.queue import Worker
from odziv.texts.desk import N_

log = structlog.get_logger()
AT_ONCE = 20  # conversations, before what they left in logs and in Rasa's memory is overwritten
TRIES = 3
AFTER_FAILURE_SECONDS = 30.0
FORGET_SECONDS = 15.0  # for which a worker may wait for Rasa's file
# What no erasure reaches, in the words of the receipt.
REMAINS = (
    N_("exports that somebody downloaded or made by command before, and copies by hand"),
    N_("e-mails in the mailbox and at those they were sent to"),
    N_("what other programs were told by webhooks or have fetched"),
    N_("articles and phrasings that editors made of conversations"),
)
VACUUM = N_("what PostgreSQL's vacuum has not passed over yet, and its write-ahead log and copies of it")
Told = Callable[[int], None]


class NotErased(Exception):
    """Something can't be overwritten now; the erasure stays open and is tried again. The message says what."""


def erase_customer(
    store: Store, settings: Settings, customer: Customer, by: int | None, told: Told = lambda _count: None
) -> dict[str, Any]:
    """Erases all that is theirs, and returns the receipt; `by` is an administrator's id, None a command.

    `told` hears how many conversations are gone. Raises NotErased; whatever ends it, the server goes on with it.
    """
    erasure = begin_erasure(store, customer.conversation_ids, customer.addresses, by)
    return go_on(store, settings, erasure, told)


def have_erased(store: Store, customer: Customer, by: int) -> None:
    """The same, in the background: `Erasures` begins with it within a second."""
    begin_erasure(store, customer.conversation_ids, customer.addresses, by, lease_ms=0)


def go_on(store: Store, settings: Settings, erasure: Erasure, told: Told = lambda _count: None) -> dict[str, Any]:
    """Does what is left of an erasure, and returns the receipt. Raises NotErased, and Overtaken."""
    for first in range(0, len(erasure.conversation_ids), AT_ONCE):
        some = erasure.conversation_ids[first : first + AT_ONCE]
        for number, conversation_id in enumerate(some, first + 1):
            _delete(store, erasure, conversation_id)
            told(number)
        _forget_dialogues(store, settings, erasure, some)
    _delete_mails(store, erasure)
    _withdraw_exports(store, settings, erasure)
    if left := remove_condemned(store):
        raise NotErased(f"{left} files in {store.files.name} can't be deleted")
    finish_erasure(store, erasure)
    if not any(store.scrub() for _ in range(TRIES)):
        log.warning("deleted_text_still_in_log", why="the database is being read; cleared within the hour")
    return _write_receipt(store, settings, erasure)


def _delete(store: Store, erasure: Erasure, conversation_id: str) -> None:
    delete_conversation(
        store,
        conversation_id,
        by=erasure.agent_id,
        senders=erasure.addresses,
        noting=lambda connection, counts: note_erased(connection, erasure, counts),
    )


def _forget_dialogues(store: Store, settings: Settings, erasure: Erasure, conversation_ids: tuple[str, ...]) -> None:
    """Takes them out of Rasa's memory, on every machine that has a worker: what the receipt says is so everywhere. A
    conversation that the bot was just answering can't come back there."""
    try:
        _note_dialogues(store, erasure, forget_trackers(settings.var, conversation_ids))
    except Exception as error:  # its file is held, or damaged: whatever it is, the words are still there
        raise NotErased(f"what Rasa remembers can't be deleted ({type(error).__name__})") from error
    try:
        _note_dialogues(store, erasure, _forget_elsewhere(settings, conversation_ids))
    except WorkersAway as away:
        raise NotErased(f"not every worker says that the Rasa beside it has forgotten ({away})") from away


def _note_dialogues(store: Store, erasure: Erasure, count: int) -> None:
    with store.write() as connection:
        note_erased(connection, erasure, Counter({"dialogues": count}))


def _forget_elsewhere(settings: Settings, conversation_ids: tuple[str, ...]) -> int:
    """The same beside all workers that are named; where none is, there is this machine only. Raises WorkersAway."""
    if not settings.workers:
        return 0
    workers = WorkerClient(settings.workers, settings.secret("workers"), FORGET_SECONDS)
    try:
        told = workers.ask_all("/inner/forget", {"conversations": list(conversation_ids)})
        return sum(int(each["dialogues"]) for each in told)
    except (TypeError, KeyError, ValueError) as error:  # another version's worker, say
        raise WorkersAway(f"not understood: {error}") from error
    finally:
        workers.close()


def _delete_mails(store: Store, erasure: Erasure) -> None:
    """Of somebody who has no conversation, or who wrote meanwhile."""
    with store.write() as connection:
        count, files = forget_strays_of(store, connection, erasure.addresses)
        drafts = forget_mail_drafts_to(connection, erasure.addresses)
        noted = forget_addresses(connection, erasure.addresses)
        counts = Counter({"mails_put_aside": count, "files": len(files), "mail_drafts": drafts})
        counts["customer_addresses"] = noted
        note_erased(connection, erasure, counts)
    store.files.remove(files)


def _withdraw_exports(store: Store, settings: Settings, erasure: Erasure) -> None:
    """Those at the desk in which they are, or may be. What is begun from here on has nothing of theirs any more."""
    with store.write() as connection:
        count = withdraw_of_customers(connection, {*erasure.conversation_ids, *erasure.addresses})
        count += withdraw_of_conversations(connection)
        note_erased(connection, erasure, Counter({"exports": count}))
    remove_withdrawn(store, settings)


def make_receipt(store: Store, settings: Settings, erasure_id: str) -> dict[str, Any]:
    """What was erased, when, by whom and under which number, and what remains; nothing of the customer."""
    (erased,) = list_erasures(store, erasure_id)
    is_postgresql = store.url.get_backend_name() != "sqlite"
    return {
        "product": "odziv",
        "receipt": erased.id,
        "complete": erased.status == "done",
        "begun_at": iso_time(erased.created_at),
        "finished_at": iso_time(erased.finished_at) if erased.finished_at else None,
        "by": f"agent:{erased.agent_id}" if erased.agent_id else "a command on the server",
        "erased": dict(sorted(erased.counts.items())),
        "remains": [_tell_backups(settings), *REMAINS, *([VACUUM] if is_postgresql else [])],
    }


def _tell_backups(settings: Settings) -> str:
    state = read_state(settings.var)
    if state and state.last_success:
        told = N_("backups made before, until they are deleted; the last was made at %(time)s")
        return told % {"time": iso_time(state.last_success)}
    return N_("backups made before, until they are deleted")


def receipt_path(settings: Settings, erasure_id: str) -> Path:
    """Where the receipt of an erasure is kept."""
    return settings.var / "receipts" / f"erasure-{erasure_id}.json"


def _write_receipt(store: Store, settings: Settings, erasure: Erasure) -> dict[str, Any]:
    """Its file too. Should that fail, the database has it all the same."""
    receipt = make_receipt(store, settings, erasure.id)
    path = receipt_path(settings, erasure.id)
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        with new_file(path) as file:
            file.write(json.dumps(receipt, ensure_ascii=False, indent=1).encode() + b"\n")
    except (OSError, ExportFailed):
        log.exception("receipt_not_written", erasure=erasure.id)
    log.info("customer_erased", erasure=erasure.id, conversations=receipt["erased"].get("conversations", 0))
    return receipt


class Erasures(Worker):
    """Goes on with erasures whose process was killed, or which could not be done when they were begun."""

    def __init__(self, store: Store, settings: Settings) -> None:
        super().__init__(
            store, "erasures", self._go_on, lambda: find_next_erasure(store), after_failure=AFTER_FAILURE_SECONDS
        )
        self.settings = settings

    def _go_on(self) -> bool:
        erasure = take_erasure(self._store)
        if erasure is not None:
            go_on(self._store, self.settings, erasure)
        return erasure is not None
