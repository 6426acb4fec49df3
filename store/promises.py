"""What is promised to those who wait for a person: the priority an agent sets, and who was told when it takes long."""

from __future__ import annotations

from sqlalchemy import update

from store.engine import Store
from store.messages import Draft, append_message
from store.schema import handoffs

PRIORITIES = ("normal", "high", "urgent")


def set_priority(store: Store, handoff_id: int, priority: str, entry: Draft) -> str | None:
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
        return row.conversation_id


def mark_told(store: Store, handoff_id: int, entry: Draft) -> bool:
    """Notes, once for a handoff, that it waits too long and somebody was told. False when that was done, or is past."""
    with store.write() as connection:
        row = connection.execute(
            update(handoffs)
            .where(handoffs.c.id == handoff_id, handoffs.c.status == "waiting", handoffs.c.told_at.is_(None))
            .values(told_at=store.clock())
            .returning(handoffs.c.conversation_id)
        ).first()
        if row is None:
            return False
        append_message(connection, row.conversation_id, entry)
        return True
