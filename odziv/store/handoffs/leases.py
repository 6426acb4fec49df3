"""How a conversation leaves an agent who goes on living: lost with the lease, or passed to somebody else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, case, func, or_, select, update

from odziv.store import audit
from odziv.store.conversations.conversation import change_owner
from odziv.store.conversations.messages import NewMessage, append_message
from odziv.store.engine import Store, moment_of
from odziv.store.handoffs.scheduled_replies import send_scheduled_replies
from odziv.store.handoffs.snooze_ends import wake
from odziv.store.schema import agents, availability, conversations, handoffs


class NoSuchColleague(Exception):
    """There is no agent of that id, or the account is disabled."""


@dataclass(frozen=True)
class Lapsed:
    """A claim whose agent is gone. `spoken` is the conversation's language."""

    handoff_id: int
    conversation_id: str
    agent_id: int
    agent_name: str
    disabled: bool
    spoken: str


# The claim itself was a sign of life, and so is having been given one.
_seen_at = func.coalesce(availability.c.seen_at, 0)
_last_sign = case((_seen_at > handoffs.c.claimed_at, _seen_at), else_=handoffs.c.claimed_at)


def _is_gone(cutoff: int | None) -> Any:
    """Disabled, or without a sign of life since `cutoff`; with None, disabled alone."""
    return agents.c.disabled.is_(True) if cutoff is None else or_(agents.c.disabled.is_(True), _last_sign < cutoff)


_holders = handoffs.join(agents, agents.c.id == handoffs.c.agent_id).outerjoin(
    availability, availability.c.agent_id == handoffs.c.agent_id
)


def list_lapsed(store: Store, cutoff: int | None) -> list[Lapsed]:
    """Claims of agents who are disabled, or gave no sign of life since `cutoff` (milliseconds; None: don't ask)."""
    statement = (
        select(
            handoffs.c.id.label("handoff_id"),
            handoffs.c.conversation_id,
            handoffs.c.agent_id,
            agents.c.name.label("agent_name"),
            agents.c.disabled,
            conversations.c.language.label("spoken"),
        )
        .select_from(_holders.join(conversations, conversations.c.id == handoffs.c.conversation_id))
        .where(handoffs.c.status == "claimed", _is_gone(cutoff))
        .order_by(handoffs.c.id)
    )
    with store.read() as connection:
        return [Lapsed(**row) for row in connection.execute(statement).mappings()]


def take_back(store: Store, lapsed: Lapsed, cutoff: int | None, *entries: NewMessage) -> bool:
    """Puts a lapsed claim back to its old place in the queue, with `entries` in the log, once.

    False, with nothing changed, when the agent came back, or somebody else did this or has it now.
    """
    still_gone = select(handoffs.c.id).select_from(_holders).where(handoffs.c.id == lapsed.handoff_id, _is_gone(cutoff))
    with store.write() as connection:
        if connection.execute(still_gone).first() is None:
            return False
        if not _let_go(connection, lapsed.handoff_id, lapsed.agent_id):
            return False
        _queue_again(connection, lapsed.conversation_id, entries)
        why = "disabled" if lapsed.disabled else "no sign of life"
        audit.record(connection, "taken_back", lapsed.agent_id, f"conversation:{lapsed.conversation_id}", because=why)
        return True


def transfer_to_agent(
    store: Store,
    conversation_id: str,
    agent_id: int,
    to_id: int,
    note: NewMessage | None,
    *entries: NewMessage,
    by: int | None = None,
) -> bool:
    """Gives a conversation to a colleague, who sees `note` first. False unless `agent_id` has it.

    `by` is who takes it over, or gives it away, where that isn't `agent_id`. Raises NoSuchColleague when the colleague
    can't have it.
    """
    with store.write() as connection:
        enabled = select(agents.c.id).where(agents.c.id == to_id, agents.c.disabled.is_(False))
        if connection.execute(enabled).first() is None:
            raise NoSuchColleague(to_id)
        handoff_id = _find_claim(connection, conversation_id, agent_id)
        moved = connection.execute(
            update(handoffs)
            .where(_is_claimed(handoff_id, agent_id))
            .values(agent_id=to_id, claimed_at=store.clock(), note_seq=None)
        )
        if moved.rowcount != 1:
            return False
        send_scheduled_replies(connection, conversation_id)
        _add_note(connection, handoff_id, conversation_id, note)
        change_owner(connection, conversation_id, "open", agent_id=to_id)
        for entry in entries:
            append_message(connection, conversation_id, entry)
        _record_transfer(connection, conversation_id, agent_id, to_id, by)
        return True


def _record_transfer(connection: Connection, conversation_id: str, from_id: int, to_id: int, by: int | None) -> None:
    found = connection.execute(select(agents.c.id, agents.c.name).where(agents.c.id.in_((from_id, to_id))))
    names, this = {row.id: row.name for row in found}, f"conversation:{conversation_id}"
    if by is None:
        audit.record(connection, "passed_on", from_id, this, to=names[to_id])
    else:
        action = "taken_over" if by == to_id else "reassigned"
        audit.record(connection, action, by, this, before=names[from_id], after=names[to_id])


def transfer_to_queue(
    store: Store,
    conversation_id: str,
    agent_id: int,
    note: NewMessage | None,
    *entries: NewMessage,
    language: str,
    topic: str | None,
    target_at: int | None = None,
) -> bool:
    """Puts a conversation back to its old place in the queue, for whoever has this language and topic.

    Whoever takes it sees `note` first. An earlier target stays unless there is a new one. False unless `agent_id`
    has the conversation.
    """
    with store.write() as connection:
        handoff_id = _find_claim(connection, conversation_id, agent_id)
        values: dict[str, Any] = {"language": language, "topic": topic, "passed_by": agent_id, "note_seq": None}
        if target_at is not None:
            values["target_at"] = target_at
        if not _let_go(connection, handoff_id, agent_id, **values):
            return False
        _add_note(connection, handoff_id, conversation_id, note)
        _queue_again(connection, conversation_id, entries)
        audit.record(connection, "passed_on", agent_id, f"conversation:{conversation_id}", to="the queue")
        return True


def _find_claim(connection: Connection, conversation_id: str, agent_id: int) -> int | None:
    wake(connection, conversation_id, moment_of(connection), agent_id)  # what is passed on is snoozed no more
    return connection.execute(
        select(handoffs.c.id).where(
            handoffs.c.conversation_id == conversation_id,
            handoffs.c.status == "claimed",
            handoffs.c.agent_id == agent_id,
        )
    ).scalar()


def _is_claimed(handoff_id: int | None, agent_id: int) -> Any:
    return (handoffs.c.id == handoff_id) & (handoffs.c.status == "claimed") & (handoffs.c.agent_id == agent_id)


def _let_go(connection: Connection, handoff_id: int | None, agent_id: int, **values: Any) -> bool:
    """The race is decided here: of several who end this agent's claim, one still finds it. The arrival stays."""
    result = connection.execute(
        update(handoffs)
        .where(_is_claimed(handoff_id, agent_id))
        .values(status="waiting", agent_id=None, claimed_at=None, **values)
    )
    return result.rowcount == 1


def _queue_again(connection: Connection, conversation_id: str, entries: tuple[NewMessage, ...]) -> None:
    send_scheduled_replies(connection, conversation_id)
    change_owner(connection, conversation_id, "queued", agent_id=None)
    for entry in entries:
        append_message(connection, conversation_id, entry)


def _add_note(connection: Connection, handoff_id: int, conversation_id: str, note: NewMessage | None) -> None:
    if note is not None:
        seq = append_message(connection, conversation_id, note).seq
        connection.execute(update(handoffs).where(handoffs.c.id == handoff_id).values(note_seq=seq))
