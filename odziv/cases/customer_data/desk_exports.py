"""Exports that administrators begin at the desk: made in the background, fetched within a day, gone after it."""

from __future__ import annotations

import contextlib
import shutil
import time
from functools import partial
from pathlib import Path
from typing import Any

import structlog

from odziv.cases.customer_data.all_conversations import Range, write_conversations
from odziv.cases.customer_data.exporting import write_customer
from odziv.cases.customer_data.files import ExportFailed
from odziv.cases.customer_data.whose import Customer
from odziv.cases.refused import Kind, Refused
from odziv.settings import Settings
from odziv.store import Store
from odziv.store.agents.agent import Agent
from odziv.store.customers import exports
from odziv.store.customers.exports import (
    CONVERSATIONS,
    CUSTOMER,
    MOST_AT_ONCE,
    Export,
    Exported,
    Stopped,
    TooManyExports,
)
from odziv.store.files import RESERVE_BYTES
from odziv.store.queue import Worker
from odziv.texts.desk import N_, _

log = structlog.get_logger()
TELL_SECONDS = 1.0  # between two signs of life
REST_SECONDS = 0.01  # after some conversations, so that the bot's turns in the same process are not held up
MOST_ATTEMPTS = 5  # whatever ends the process each time is not to end it for ever
AFTER_FAILURE_SECONDS = 30.0
ENDINGS = {CONVERSATIONS: "jsonl", CUSTOMER: "zip"}
TOO_MANY = N_("%(most)s exports wait or are ready. Delete one that is no longer needed, then begin this one again.")
NO_ROOM = N_("Less than 512 MB would have been left on the server’s disk.")
BROKEN_OFF = N_("It was broken off again and again, perhaps because the server was restarted. Please begin it again.")


class Ending(Exception):
    """The process ends; the next one begins the export anew."""


def export_path(settings: Settings, export_id: str) -> Path:
    """Where the file of an export is, while it is ready."""
    return settings.var / "exports" / export_id


def begin_conversations(store: Store, agent: Agent, wanted: Range) -> str:
    """Has all conversations of a range exported. Raises Refused."""
    if wanted.since is not None and wanted.until is not None and wanted.since >= wanted.until:
        raise Refused(Kind.INVALID, _("The second day has to be after the first one."))
    told: dict[str, Any] = {"site": wanted.site, "since": wanted.since, "until": wanted.until}
    total = exports.count_conversations(store, site=wanted.site, since=wanted.since, until=wanted.until)
    return _begin(store, CONVERSATIONS, told, total, agent, site=wanted.site)


def begin_customer(store: Store, agent: Agent, customer: Customer, conversation_id: str) -> str:
    """Has all that is known of a customer exported, which was asked for in that conversation. Raises Refused."""
    ids = list(customer.conversation_ids)
    wanted: dict[str, Any] = {"conversations": ids, "addresses": sorted(customer.addresses), "from": conversation_id}
    return _begin(store, CUSTOMER, wanted, len(ids), agent, conversations=len(ids))


def _begin(store: Store, kind: str, wanted: dict[str, Any], total: int, agent: Agent, **detail: Any) -> str:
    try:
        return exports.begin_export(store, kind, wanted, total, agent.id, **detail)
    except TooManyExports as error:
        raise Refused(Kind.TOO_MANY, _(TOO_MANY, most=MOST_AT_ONCE)) from error


def cancel(store: Store, settings: Settings, agent: Agent, export_id: str) -> None:
    """Ends one that waits or is in the making, or deletes the file of one that is ready. Raises Refused."""
    if not exports.cancel_export(store, export_id, agent.id):
        raise Refused(Kind.CONFLICT, _("This export is over: it was cancelled, or its day has passed."))
    export_path(settings, export_id).unlink(missing_ok=True)


def fetch(store: Store, settings: Settings, agent: Agent, export_id: str) -> tuple[Exported, Path]:
    """The export and its file, whose way out is noted. Raises Refused where it is not there (any more)."""
    found = exports.list_exports(store, export_id)
    path = export_path(settings, export_id) if found else None
    if path is None or found[0].status != "ready" or not path.is_file():
        raise Refused(
            Kind.NOT_FOUND, _("There is no such file: it is not ready yet, was deleted, or its day has passed.")
        )
    exports.note_download(store, found[0], agent.id)
    return found[0], path


def clear_exports(store: Store, settings: Settings) -> None:
    """Removes each file in the folder that no export has ready. Not while one is made: its file is among them."""
    kept = exports.expire_exports(store)
    with contextlib.suppress(FileNotFoundError):
        for path in (settings.var / "exports").iterdir():
            if path.name not in kept:
                path.unlink(missing_ok=True)


def remove_withdrawn(store: Store, settings: Settings) -> None:
    """Removes the files of what an erasure took away, whoever makes another meanwhile."""
    for export in exports.list_exports(store):
        if export.status == "withdrawn":
            export_path(settings, export.id).unlink(missing_ok=True)


class Exports(Worker):
    """Makes what was begun, one after the other, and removes what is over."""

    def __init__(self, store: Store, settings: Settings) -> None:
        super().__init__(
            store,
            "exports",
            self._make_next,
            lambda: exports.find_next_export(store),
            after_failure=AFTER_FAILURE_SECONDS,
        )
        self.settings = settings
        self._told_at = 0.0

    def _run_once(self) -> float | None:
        clear_exports(self._store, self.settings)
        return super()._run_once()

    def _make_next(self) -> bool:
        export = exports.take_export(self._store)
        if export is None:
            return False
        if export.attempts > MOST_ATTEMPTS:
            exports.fail_export(self._store, export, BROKEN_OFF)
            return True
        try:
            self._make(export)
        except Ending:
            exports.give_back(self._store, export)
        except Stopped:
            log.info("export_stopped", export=export.id)
        except (ExportFailed, OSError) as error:
            log.warning("export_failed", export=export.id, why=str(error))
            exports.fail_export(self._store, export, _say_why(error))
        finally:
            clear_exports(self._store, self.settings)
        return True

    def _make(self, export: Export) -> None:
        path = export_path(self.settings, export.id)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.unlink(missing_ok=True)  # of one that was killed before it could say that it is ready
        told, detail = partial(self._tell, export, path), {}
        if export.kind == CONVERSATIONS:
            wanted = Range(**export.wanted)
            count, detail = write_conversations(self._store, path, wanted, told), {"site": wanted.site}
        else:
            ids = tuple(export.wanted["conversations"])
            customer = Customer(ids, frozenset(export.wanted["addresses"]), ())
            write_customer(self._store, self.settings, customer, path, language=None, told=told)
            count = len(ids)
        exports.finish_export(self._store, export, count, path.stat().st_size, conversations=count, **detail)
        log.info("export_ready", export=export.id, conversations=count)

    def _tell(self, export: Export, path: Path, count: int) -> None:
        """Says how far it is, now and then. Raises Ending, Stopped, and ExportFailed before the disk is full."""
        if self._stopping.is_set():
            raise Ending
        if shutil.disk_usage(path.parent).free < RESERVE_BYTES:
            raise ExportFailed(NO_ROOM)
        if time.monotonic() - self._told_at >= TELL_SECONDS:
            exports.note_progress(self._store, export, count)
            self._told_at = time.monotonic()
        time.sleep(REST_SECONDS)


def _say_why(error: Exception) -> str:
    """Why it failed, for an administrator: no paths."""
    cause = error.__cause__ if isinstance(error.__cause__, OSError) else error
    if isinstance(cause, OSError):
        return N_("It could not be written: %(error)s.") % {"error": cause.strerror or cause}
    return str(error)
