"""Exports begun at the desk: what is to be in them, how far they are, and that their files go in time."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from odziv.store.audit import record
from odziv.store.engine import DAY_MS, Store, moment_of
from odziv.store.lengths import LONGEST_ERROR
from odziv.store.queue import Queue
from odziv.store.schema import agents, conversations, exports

CONVERSATIONS, CUSTOMER = "conversations", "customer"
LEASE_MS = 60_000  # from the last sign of life of who makes it
KEPT_MS = DAY_MS  # a file that is ready
TOLD_MS = 30 * DAY_MS  # what became of one
MOST_AT_ONCE = 10  # that wait or are ready
MOST_SHOWN = 50
_QUEUE = Queue(exports, exports.c.due_at)
_LIVE = exports.c.status.in_(("waiting", "ready"))


class TooManyExports(Exception):
    """So many wait, or are ready, that no other is begun."""


class Stopped(Exception):
    """It was cancelled, or is another's by now: who makes it stops, and keeps nothing."""


@dataclass(frozen=True)
class Export:
    """One in the making. `attempts` counts the present one."""

    id: str
    kind: str
    wanted: dict[str, Any]
    agent_id: int
    attempts: int


@dataclass(frozen=True)
class Exported:
    """How one stands. `status`: waiting, ready, cancelled, failed, withdrawn or gone. Moments are ms since 1970."""

    id: str
    kind: str
    status: str
    wanted: dict[str, Any] | None
    count: int
    total: int
    bytes: int | None
    reason: str | None
    agent_name: str
    attempts: int
    created_at: int
    finished_at: int | None


def begin_export(store: Store, kind: str, wanted: dict[str, Any], total: int, agent_id: int, **detail: Any) -> str:
    """Has one made, and says so in the audit trail; returns its id. Raises TooManyExports."""
    export_id = secrets.token_hex(16)
    with store.write() as connection:
        if connection.execute(select(func.count()).where(_LIVE)).scalar_one() >= MOST_AT_ONCE:
            raise TooManyExports
        now = moment_of(connection)
        row = {"id": export_id, "kind": kind, "status": "waiting", "wanted": wanted, "count": 0, "total": total}
        connection.execute(insert(exports).values(**row, agent_id=agent_id, attempts=0, due_at=now, created_at=now))
        record(connection, "export_begun", agent_id, kind, **detail)
    return export_id


def take_export(store: Store) -> Export | None:
    """The next one to make; None when there is none."""
    return _QUEUE.take(store, LEASE_MS, _load)


def find_next_export(store: Store) -> int | None:
    """When one may be taken, milliseconds since 1970; None when none waits."""
    return _QUEUE.find_next_due(store)


def note_progress(store: Store, export: Export, count: int) -> None:
    """So many conversations are in it. Raises Stopped where nobody wants it any more."""
    with store.write() as connection:
        if not _QUEUE.try_later(connection, [export], moment_of(connection) + LEASE_MS, count=count):
            raise Stopped(export.id)


def finish_export(store: Store, export: Export, count: int, size: int, **detail: Any) -> None:
    """Its file is there, so many bytes. Raises Stopped where nobody wants it any more."""
    with store.write() as connection:
        if not _QUEUE.finish(connection, [export], "ready", count=count, total=count, bytes=size):
            raise Stopped(export.id)
        record(connection, "exported", export.agent_id, export.kind, **detail)


def fail_export(store: Store, export: Export, reason: str) -> None:
    """It can't be made; `reason` says why."""
    with store.write() as connection:
        _QUEUE.finish(connection, [export], "failed", reason=reason[:LONGEST_ERROR], **_forgotten(export.kind))


def give_back(store: Store, export: Export) -> None:
    """Who makes it has to end: it is begun anew by who comes next."""
    with store.write() as connection:
        _QUEUE.try_later(connection, [export], moment_of(connection), count=0)


def cancel_export(store: Store, export_id: str, agent_id: int) -> bool:
    """Ends one that waits, is in the making or is ready; False where there is nothing to end."""
    this = (exports.c.id == export_id) & _LIVE
    with store.write() as connection:
        kind = connection.execute(select(exports.c.kind).where(this)).scalar()
        if kind is None:
            return False
        values = {"status": "cancelled", "finished_at": moment_of(connection), **_forgotten(kind)}
        connection.execute(update(exports).where(this).values(**values))
        record(connection, "export_cancelled", agent_id, kind)
        return True


def note_download(store: Store, export: Exported, agent_id: int) -> None:
    """Somebody took its file away."""
    with store.write() as connection:
        record(connection, "export_downloaded", agent_id, export.kind)


def withdraw_of_customers(connection: Connection, held: Collection[str]) -> int:
    """Takes away the exports of customers that hold one of these conversations or addresses, in the caller's
    transaction; returns how many. `clear_exports` removes their files."""
    found = connection.execute(select(exports.c.id, exports.c.wanted).where(_LIVE, exports.c.kind == CUSTOMER)).all()
    ids = [row.id for row in found if not set(held).isdisjoint(_held_by(row.wanted or {}))]
    return _withdraw(connection, CUSTOMER, ids)


def withdraw_of_conversations(connection: Connection) -> int:
    """Takes away the exports of conversations that are ready, in the caller's transaction; returns how many.

    What is in the making is begun anew.
    """
    columns, now = exports.c, moment_of(connection)
    these = connection.execute(select(columns.id, columns.status).where(_LIVE, columns.kind == CONVERSATIONS)).all()
    anew = {"attempts": columns.attempts + 1, "due_at": now, "count": 0}
    for row in these:
        if row.status == "waiting":
            connection.execute(update(exports).where(columns.id == row.id).values(**anew))
    return _withdraw(connection, CONVERSATIONS, [row.id for row in these if row.status == "ready"])


def _withdraw(connection: Connection, kind: str, ids: list[str]) -> int:
    values = {"status": "withdrawn", "finished_at": moment_of(connection), **_forgotten(kind)}
    for export_id in ids:
        connection.execute(update(exports).where(exports.c.id == export_id).values(**values))
    return len(ids)


def _held_by(wanted: dict[str, Any]) -> list[str]:
    return [*wanted.get("conversations", ()), *wanted.get("addresses", ())]


def expire_exports(store: Store) -> set[str]:
    """Ends those whose time is over, and forgets what ended long ago; returns the ids of those whose file is kept."""
    now, columns = store.clock(), exports.c
    old = (columns.status == "ready") & (columns.finished_at <= now - KEPT_MS)
    forgotten = ~_LIVE & (columns.finished_at <= now - TOLD_MS)
    with store.read() as connection:
        is_work = connection.execute(select(columns.id).where(old | forgotten).limit(1)).first() is not None
    if is_work:
        with store.write() as connection:
            connection.execute(delete(exports).where(forgotten))
            for kind in (CUSTOMER, CONVERSATIONS):
                values = {"status": "gone", **_forgotten(kind)}
                connection.execute(update(exports).where(old, columns.kind == kind).values(**values))
    with store.read() as connection:
        return set(connection.execute(select(columns.id).where(columns.status == "ready")).scalars())


def list_exports(store: Store, export_id: str | None = None) -> list[Exported]:
    """The newest, or the one of that id."""
    names = [name for name in Exported.__dataclass_fields__ if name != "agent_name"]
    statement = select(*(exports.c[name] for name in names), agents.c.name.label("agent_name"))
    statement = statement.join_from(exports, agents)
    if export_id is not None:
        statement = statement.where(exports.c.id == export_id)
    with store.read() as connection:
        newest = statement.order_by(exports.c.created_at.desc(), exports.c.id).limit(MOST_SHOWN)
        return [Exported(**row) for row in connection.execute(newest).mappings()]


def count_conversations(store: Store, *, site: str | None, since: int | None, until: int | None) -> int:
    """How many began in that range."""
    columns = conversations.c
    wanted = [
        *([columns.site == site] if site is not None else []),
        *([columns.created_at >= since] if since is not None else []),
        *([columns.created_at < until] if until is not None else []),
    ]
    with store.read() as connection:
        return connection.execute(select(func.count()).select_from(conversations).where(*wanted)).scalar_one()


def _forgotten(kind: str) -> dict[str, Any]:
    """What of an export that is over goes: whose it was."""
    return {"wanted": None} if kind == CUSTOMER else {}


def _load(connection: Connection, export_id: str) -> Export:
    row = connection.execute(select(exports).where(exports.c.id == export_id)).mappings().one()
    return Export(row["id"], row["kind"], row["wanted"] or {}, row["agent_id"], row["attempts"])
