"""The queue in brief, for deciding who gets whom."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from store.engine import Store
from store.handoffs import PLACE
from store.schema import conversations, handoffs


@dataclass(frozen=True)
class Waiting:
    """As much of a waiting handoff as it takes to decide who gets it."""

    id: int
    conversation_id: str
    language: str
    topic: str | None
    passed_by: int | None
    spoken: str
    reason: str = ""


def list_waiting(store: Store) -> list[Waiting]:
    """The handoffs nobody has claimed, in their fair order."""
    statement = (
        select(
            handoffs.c.id,
            handoffs.c.conversation_id,
            handoffs.c.reason,
            handoffs.c.language,
            handoffs.c.topic,
            handoffs.c.passed_by,
            conversations.c.language.label("spoken"),
        )
        .join(conversations, conversations.c.id == handoffs.c.conversation_id)
        .where(handoffs.c.status == "waiting")
        .order_by(PLACE, handoffs.c.id)
    )
    with store.read() as connection:
        return [Waiting(**row) for row in connection.execute(statement).mappings()]
