"""The queue in brief, for deciding who gets whom."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from odziv.store.engine import Store
from odziv.store.handoffs.handoff import PLACE
from odziv.store.schema import conversations, handoffs


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
    mailbox: str | None = None


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
            conversations.c.mailbox,
        )
        .join(conversations, conversations.c.id == handoffs.c.conversation_id)
        .where(handoffs.c.status == "waiting")
        .order_by(PLACE, handoffs.c.id)
    )
    with store.read() as connection:
        return [Waiting(**row) for row in connection.execute(statement).mappings()]


@dataclass(frozen=True)
class Live:
    """A handoff that waits for somebody who is there; `spoken` is the conversation's language."""

    id: int
    language: str
    spoken: str
    has_email: bool
    reason: str = ""
    mailbox: str | None = None


def list_live(store: Store) -> list[Live]:
    """The waiting handoffs whose customers were not told that nobody is there, by arrival."""
    statement = (
        select(
            handoffs.c.id,
            handoffs.c.language,
            conversations.c.language.label("spoken"),
            conversations.c.email.is_not(None).label("has_email"),
            handoffs.c.reason,
            conversations.c.mailbox,
        )
        .join(conversations, conversations.c.id == handoffs.c.conversation_id)
        .where(handoffs.c.status == "waiting", handoffs.c.absence_told_at.is_(None))
        .order_by(handoffs.c.id)
    )
    with store.read() as connection:
        return [Live(**row) for row in connection.execute(statement).mappings()]


@dataclass(frozen=True)
class Before:
    """How many of a language and a topic stand before a conversation."""

    language: str
    topic: str | None
    count: int


@dataclass(frozen=True)
class QueuePlace:
    """How a conversation stands in the queue, and who stands before it."""

    language: str
    topic: str | None
    after_hours: bool
    asks_email: bool
    before: tuple[Before, ...]


def find_place(store: Store, conversation_id: str) -> QueuePlace | None:
    """How a conversation stands in the queue, in its fair order; None when it doesn't wait."""
    c = handoffs.c
    mine = select(c.id, c.language, c.topic, c.after_hours, c.asks_email, PLACE.label("place"))
    mine = mine.where(c.conversation_id == conversation_id, c.status == "waiting")
    with store.read() as connection, connection.begin():
        row = connection.execute(mine.order_by(c.id.desc()).limit(1)).first()
        if row is None:
            return None
        is_before = (row.place > PLACE) | ((row.place == PLACE) & (c.id < row.id))
        ahead = select(c.language, c.topic, func.count().label("count")).where(c.status == "waiting", is_before)
        before = connection.execute(ahead.group_by(c.language, c.topic)).mappings()
        return QueuePlace(
            row.language,
            row.topic,
            bool(row.after_hours),
            bool(row.asks_email),
            tuple(Before(**each) for each in before),
        )
