"""Targets of those who wait for a person: the time and priority an agent sets, and who was told when it takes long."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import update

from odziv.store.audit import record
from odziv.store.conversations.messages import NewMessage, append_message
from odziv.store.engine import Store
from odziv.store.handoffs.handoff import Handoff, find_handoff
from odziv.store.mail.notifications import write_overdue
from odziv.store.schema import handoffs
from odziv.store.webhooks.events import emit
from odziv.store.webhooks.payloads import handoff_payload

PRIORITIES = ("normal", "high", "urgent")


def set_priority(store: Store, handoff_id: int, priority: str, entry: NewMessage, by: int | None = None) -> str | None:
    """Sets one of PRIORITIES on an open handoff, with an entry in the log. Returns the conversation's id.

    None when the handoff is closed or unknown. The place in the queue stays: nobody is overtaken by it.
    """
    if priority not in PRIORITIES:
        raise ValueError(f"{priority!r} is no priority")
    with store.write() as connection:
        row = connection.execute(
            update(handoffs)
            .where(handoffs.c.id == handoff_id, handoffs.c.status != "closed")
            .values(priority=priority)
            .returning(handoffs.c.conversation_id)
        ).first()
        if row is None:
            return None
        append_message(connection, row.conversation_id, entry)
        record(connection, "priority_set", by, f"conversation:{row.conversation_id}", priority=priority)
        return row.conversation_id


def set_target(store: Store, handoff_id: int, moment: int, entry: NewMessage, by: int | None = None) -> Handoff | None:
    """Notes by when the customer was told to have an answer, which may raise the handoff. None unless it waits."""
    with store.write() as connection:
        row = connection.execute(
            update(handoffs)
            .where(handoffs.c.id == handoff_id, handoffs.c.status == "waiting")
            .values(target_at=moment)
            .returning(handoffs.c.conversation_id)
        ).first()
        if row is None:
            return None
        append_message(connection, row.conversation_id, entry)
        record(connection, "time_promised", by, f"conversation:{row.conversation_id}")
    return find_handoff(store, handoff_id)


def mark_told(store: Store, handoff_id: int, entry: NewMessage, agent_ids: Sequence[int] = ()) -> bool:
    """Notes, once for a handoff, that it waits too long; these agents and other programs are told of it.

    False, with nothing done, when that was done before, or is past.
    """
    with store.write() as connection:
        row = connection.execute(
            update(handoffs)
            .where(handoffs.c.id == handoff_id, handoffs.c.status == "waiting", handoffs.c.told_at.is_(None))
            .values(told_at=store.clock())
            .returning(handoffs)
        ).first()
        if row is None:
            return False
        append_message(connection, row.conversation_id, entry)
        write_overdue(connection, row.conversation_id, agent_ids, store.clock())
        emit(connection, "conversation.waiting_too_long", row.conversation_id, handoff=handoff_payload(row))
        return True
