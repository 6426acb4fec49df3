"""Erasures of customers: what is to go, what went, and that it is done. A killed one is due again after its lease."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select, update

from odziv.store.audit import record
from odziv.store.engine import Store, moment_of
from odziv.store.queue import Queue
from odziv.store.schema import agents, erasures

LEASE_MS = 60_000  # from the last step on
_QUEUE = Queue(erasures, erasures.c.due_at)


class Overtaken(Exception):
    """Another process has taken it, since this one was silent for too long; that one goes on with it."""


@dataclass(frozen=True)
class Erasure:
    """One under way. `attempts` counts the present one, `agent_id` is who had it begun; None: a command."""

    id: str
    conversation_ids: tuple[str, ...]
    addresses: frozenset[str]
    agent_id: int | None
    attempts: int


@dataclass(frozen=True)
class Erased:
    """How one stands: `status` is waiting or done, `counts` how many rows or files of each kind went.

    `total` is how many conversations are to go, while it waits.

    Nothing in it is of the customer. Moments are milliseconds since 1970.
    """

    id: str
    status: str
    counts: dict[str, int]
    agent_id: int | None
    agent_name: str | None
    created_at: int
    finished_at: int | None
    total: int | None


def begin_erasure(
    store: Store,
    conversation_ids: Sequence[str],
    addresses: Collection[str],
    agent_id: int | None,
    *,
    lease_ms: int = LEASE_MS,
) -> Erasure:
    """Notes what is to go, before anything does. It is the caller's to do, until it was silent for `lease_ms`."""
    number = secrets.token_hex(16)
    with store.write() as connection:
        now = moment_of(connection)
        targets = {"conversations": list(conversation_ids), "addresses": sorted(addresses)}
        row = {"id": number, "status": "waiting", "targets": targets, "counts": {}, "agent_id": agent_id}
        connection.execute(insert(erasures).values(**row, attempts=1, due_at=now + lease_ms, created_at=now))
    return Erasure(number, tuple(conversation_ids), frozenset(addresses), agent_id, 1)


def take_erasure(store: Store) -> Erasure | None:
    """One that nobody goes on with; None when there is none."""
    return _QUEUE.take(store, LEASE_MS, _load)


def find_next_erasure(store: Store) -> int | None:
    """When one may be taken, milliseconds since 1970; None when none waits."""
    return _QUEUE.find_next_due(store)


def note_erased(connection: Connection, erasure: Erasure, more: Counter[str]) -> None:
    """Adds to what went, in the transaction in which it does, and keeps the lease. Raises Overtaken."""
    this = (erasures.c.id == erasure.id) & (erasures.c.attempts == erasure.attempts)
    counts = connection.execute(select(erasures.c.counts).where(this, erasures.c.status == "waiting")).scalar()
    if counts is None:
        raise Overtaken(erasure.id)
    both = Counter(counts)
    both.update(more)
    values = {
        "counts": {key: count for key, count in both.items() if count},
        "due_at": moment_of(connection) + LEASE_MS,
    }
    connection.execute(update(erasures).where(this).values(**values))


def finish_erasure(store: Store, erasure: Erasure) -> None:
    """Nothing is left: forgets whose it was. The audit trail has the counts. Raises Overtaken."""
    with store.write() as connection:
        if not _QUEUE.finish(connection, [erasure], "done", targets=None):
            raise Overtaken(erasure.id)
        counts = connection.execute(select(erasures.c.counts).where(erasures.c.id == erasure.id)).scalar_one()
        record(connection, "erased", erasure.agent_id, f"erasure:{erasure.id}", **counts)


def list_erasures(store: Store, erasure_id: str | None = None) -> list[Erased]:
    """All, or the one of that id; the newest first."""
    names = ("id", "status", "counts", "agent_id", "created_at", "finished_at", "targets")
    statement = select(*(erasures.c[name] for name in names), agents.c.name.label("agent_name"))
    statement = statement.select_from(erasures.outerjoin(agents, agents.c.id == erasures.c.agent_id))
    if erasure_id is not None:
        statement = statement.where(erasures.c.id == erasure_id)
    with store.read() as connection:
        rows = connection.execute(statement.order_by(erasures.c.created_at.desc(), erasures.c.id)).mappings()
        return [_tell(dict(row)) for row in rows]


def _tell(row: dict[str, Any]) -> Erased:
    targets = row.pop("targets")
    return Erased(**row, total=len(targets["conversations"]) if targets else None)


def _load(connection: Connection, number: str) -> Erasure:
    row = connection.execute(select(erasures).where(erasures.c.id == number)).mappings().one()
    targets = row["targets"] or {"conversations": [], "addresses": []}
    found = tuple(targets["conversations"]), frozenset(targets["addresses"])
    return Erasure(number, *found, row["agent_id"], row["attempts"])
