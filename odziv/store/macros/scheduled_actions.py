"""What agents asked for and can still take back: a macro, or something for several conversations at once.

Nothing of it has happened while it waits, so taking it back leaves no trace with a customer. Each conversation's row is
finished in the very transaction of what is done, so nothing is lost and nothing happens twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from odziv.store.audit import record
from odziv.store.conversations.messages import NewMessage, append_message
from odziv.store.engine import DAY_MS, Store, moment_of, touch
from odziv.store.queue import Queue
from odziv.store.schema import conversations, scheduled_actions

MACRO, SEVERAL, PROGRAM = "macro", "several", "program"  # what a program asks for is for several too
LEASE_MS = 60_000
_UNDONE = {MACRO: "macro_undone", SEVERAL: "several_undone", PROGRAM: "several_undone"}


@dataclass(frozen=True)
class ScheduledAction:
    """What is to be done with one conversation at `due_at` (milliseconds). `status` is waiting, done, refused (then
    `problem` says why) or undone. `steps` is what odziv.cases.macros.steps reads."""

    id: int
    batch: str
    kind: str
    name: str
    conversation_id: str
    agent_id: int
    seen: int | None
    steps: dict[str, Any]
    status: str
    problem: str | None
    attempts: int
    due_at: int
    created_at: int


_SHOWN = tuple(scheduled_actions.c[name] for name in ScheduledAction.__dataclass_fields__)
_QUEUE = Queue(scheduled_actions, scheduled_actions.c.due_at)
_IN_ORDER = (scheduled_actions.c.due_at, scheduled_actions.c.id)


def schedule_actions(
    store: Store,
    agent_id: int,
    batch: str,
    kind: str,
    name: str,
    steps: dict[str, Any],
    chosen: Sequence[tuple[str, int | None]],
    due_at: int,
) -> None:
    """Keeps what is to be done at `due_at` with the conversations `chosen`, each with the number of the last message
    that was seen of it. A batch that is kept already stays as it is."""
    with store.write() as connection:
        if connection.execute(select(scheduled_actions.c.id).where(_is_batch(batch)).limit(1)).first():
            return
        there = set(connection.execute(_those([one for one, _ in chosen])).scalars())
        begun = {"status": "waiting", "attempts": 0, "due_at": due_at, "created_at": moment_of(connection)}
        rows = [
            {"conversation_id": one, "seen": seen, "batch": batch, "kind": kind, "name": name, "agent_id": agent_id,
             "steps": steps, **begun}
            for one, seen in chosen if one in there
        ]  # fmt: skip
        if rows:
            connection.execute(insert(scheduled_actions), rows)
            _tell(connection, kind, [one for one, _ in chosen if one in there])
        if rows and kind != MACRO:  # what is done with each is noted as that; this is that it was one press
            _record_several(connection, agent_id, name, len(rows))


def note_done(
    connection: Connection,
    agent_id: int,
    batch: str,
    name: str,
    steps: dict[str, Any],
    conversation_id: str,
) -> bool:
    """Keeps that a macro was run at once, in the caller's transaction. False: it was, before."""
    if not note_outcome(connection, MACRO, agent_id, batch, name, steps, conversation_id):
        return False
    record(connection, "macro_run", agent_id, f"conversation:{conversation_id}", name=name)
    return True


def note_outcome(
    connection: Connection,
    kind: str,
    agent_id: int,
    batch: str,
    name: str,
    steps: dict[str, Any],
    conversation_id: str,
    problem: str | None = None,
) -> bool:
    """Keeps that something was done at once with one conversation, or (`problem`) couldn't be, in the caller's
    transaction. False, with nothing kept: it was, before; or the conversation is gone."""
    here = _is_batch(batch) & (scheduled_actions.c.conversation_id == conversation_id)
    is_there = connection.execute(_those([conversation_id])).first() is not None
    if not is_there or connection.execute(select(scheduled_actions.c.id).where(here)).first():
        return False
    now = moment_of(connection)
    ended = {"status": "refused" if problem else "done", "problem": problem, "attempts": 1, "finished_at": now}
    what = {"batch": batch, "kind": kind, "name": name, "steps": steps, "agent_id": agent_id}
    row = insert(scheduled_actions).values(conversation_id=conversation_id, **what, **ended)
    connection.execute(row.values(due_at=now, created_at=now))
    return True


def note_several(store: Store, agent_id: int, name: str, ids: Sequence[str]) -> None:
    """Notes in the audit trail that an agent asked for it with these, as far as they are there, at once."""
    with store.write() as connection:
        if there := len(list(connection.execute(_those(ids)))):
            _record_several(connection, agent_id, name, there)


def undo_actions(store: Store, batch: str, agent_id: int) -> list[ScheduledAction]:
    """Takes back what of an agent's batch has not begun; returns these, also when asked again."""
    mine = _is_batch(batch) & (scheduled_actions.c.agent_id == agent_id)
    with store.write() as connection:
        # The race with the thread that does it is decided here: whoever still finds the row waiting has it.
        waits = mine & _QUEUE.waiting & (scheduled_actions.c.attempts == 0)
        undone = update(scheduled_actions).where(waits).values(status="undone", finished_at=moment_of(connection))
        fresh = connection.execute(
            undone.returning(scheduled_actions.c.conversation_id, scheduled_actions.c.kind)
        ).all()
        for kind in {row.kind for row in fresh}:
            those = [row.conversation_id for row in fresh if row.kind == kind]
            _tell(connection, kind, those)
            this = f"conversation:{those[0]}" if kind == MACRO else None
            record(connection, _UNDONE[kind], agent_id, this, conversations=len(those))
        taken_back = select(*_SHOWN).where(mine, scheduled_actions.c.status == "undone").order_by(*_IN_ORDER)
        return [ScheduledAction(**row) for row in connection.execute(taken_back).mappings()]


def find_next_action(store: Store) -> int | None:
    """When the next is due; None when none waits."""
    return _QUEUE.find_next_due(store)


def take_action(store: Store) -> ScheduledAction | None:
    """Claims what is due longest, for LEASE_MS; None when nothing is due."""

    def load(connection: Connection, action_id: int) -> ScheduledAction:
        row = connection.execute(select(*_SHOWN).where(scheduled_actions.c.id == action_id)).mappings().one()
        return ScheduledAction(**row)

    return _QUEUE.take(store, LEASE_MS, load)


def finish_done(connection: Connection, action: ScheduledAction) -> bool:
    """It happens in the caller's transaction. False: another has it by now, so nothing may."""
    if not _QUEUE.finish(connection, [action], "done"):
        return False
    touch(connection, action.conversation_id)
    if action.kind == MACRO:
        record(connection, "macro_run", action.agent_id, f"conversation:{action.conversation_id}", name=action.name)
    return True


def finish_refused(store: Store, action: ScheduledAction, problem: str, *entries: NewMessage) -> bool:
    """It can't be done, and nothing of it was; with `entries` in the log. False: another has it by now."""
    with store.write() as connection:
        if not _QUEUE.finish(connection, [action], "refused", problem=problem):
            return False
        for entry in entries:
            append_message(connection, action.conversation_id, entry)
        touch(connection, action.conversation_id)
        return True


def list_scheduled_of(store: Store, conversation_id: str) -> list[ScheduledAction]:
    """The macros that wait in a conversation, in the order in which they happen."""
    this = (scheduled_actions.c.conversation_id == conversation_id) & _QUEUE.waiting
    return _list(store, this & (scheduled_actions.c.kind == MACRO))


def list_batch(store: Store, batch: str, agent_id: int) -> list[ScheduledAction]:
    """What an agent asked for with one press, of every conversation; empty when they didn't, or it is forgotten."""
    return _list(store, _is_batch(batch) & (scheduled_actions.c.agent_id == agent_id))


def list_recent_several(store: Store, agent_id: int, since: int) -> list[ScheduledAction]:
    """What an agent asked for, for several at once, since that moment, and what of it still waits."""
    mine = (scheduled_actions.c.agent_id == agent_id) & (scheduled_actions.c.kind == SEVERAL)
    return _list(store, mine & ((scheduled_actions.c.created_at >= since) | _QUEUE.waiting))


def forget_finished(store: Store) -> None:
    """Removes what was over a day ago."""
    old = scheduled_actions.c.finished_at < store.clock() - DAY_MS
    with store.read() as connection:  # a look first: mostly there is nothing to do
        if connection.execute(select(scheduled_actions.c.id).where(old).limit(1)).first() is None:
            return
    with store.write() as connection:
        connection.execute(delete(scheduled_actions).where(old))


def _list(store: Store, which: ColumnElement[bool]) -> list[ScheduledAction]:
    with store.read() as connection:
        rows = connection.execute(select(*_SHOWN).where(which).order_by(*_IN_ORDER)).mappings()
        return [ScheduledAction(**row) for row in rows]


def _is_batch(batch: str) -> ColumnElement[bool]:
    return scheduled_actions.c.batch == batch


def _those(ids: Sequence[str]) -> Any:
    return select(conversations.c.id).where(conversations.c.id.in_(ids))


def _record_several(connection: Connection, agent_id: int, name: str, count: int) -> None:
    record(connection, "several_changed", agent_id, None, what=name, conversations=count)


def _tell(connection: Connection, kind: str, conversation_ids: Sequence[str]) -> None:
    """Pages of a conversation show a macro that waits. A list of several stays in its order."""
    if kind == MACRO:
        changed: Any = update(conversations).where(conversations.c.id.in_(conversation_ids))
        connection.execute(changed.values(updated_at=moment_of(connection)))
    for one in conversation_ids:
        touch(connection, one)
