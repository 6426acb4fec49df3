"""Whether the customers who wait are there: who has gone counts as having come later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select, update

from odziv.store.engine import Store, touch
from odziv.store.schema import conversations, handoffs


@dataclass(frozen=True)
class WaitingCustomer:
    """Of a waiting handoff, what tells whether its customer is there; `deferred_to` is None while they are."""

    handoff_id: int
    conversation_id: str
    channel: str
    language: str
    created_at: int
    deferred_to: int | None
    mailbox: str | None = None


def list_waiting_customers(store: Store) -> list[WaitingCustomer]:
    """Everybody who waits for a person, by arrival."""
    c = handoffs.c
    statement = (
        select(
            c.id.label("handoff_id"),
            c.conversation_id,
            conversations.c.channel,
            c.language,
            c.created_at,
            c.deferred_to,
            conversations.c.mailbox,
        )
        .join(conversations, conversations.c.id == c.conversation_id)
        .where(c.status == "waiting")
        .order_by(c.id)
    )
    with store.read() as connection:
        return [WaitingCustomer(**row) for row in connection.execute(statement).mappings()]


def defer(store: Store, moments: Mapping[int, int | None]) -> int:
    """Sets by handoff as what arrival it counts, None: as its own. Returns how many still waited."""
    changed = 0
    with store.write() as connection:
        for handoff_id, moment in moments.items():
            row = connection.execute(
                update(handoffs)
                .where(handoffs.c.id == handoff_id, handoffs.c.status == "waiting")
                .values(deferred_to=moment)
                .returning(handoffs.c.conversation_id)
            ).first()
            if row is not None:
                touch(connection, row.conversation_id)
                changed += 1
    return changed
