"""Pieces of a long log: what a page shows of a conversation of thousands of messages."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import func, or_, select

from odziv.store.conversations.messages import Message, select_messages
from odziv.store.engine import Store
from odziv.store.schema import handoffs, messages


def list_parts(store: Store, conversation_id: str, parts: Iterable[tuple[int, int]]) -> list[Message]:
    """The messages whose numbers are within one of `parts` (first and last, both included), in order; internal ones
    too."""
    within = [messages.c.seq.between(first, last) for first, last in parts]
    if not within:
        return []
    wanted = select_messages().where(messages.c.conversation_id == conversation_id, or_(*within))
    with store.read() as connection:
        return [Message(**row) for row in connection.execute(wanted.order_by(messages.c.seq)).mappings()]


def find_handoff_seq(store: Store, conversation_id: str, after: int) -> int | None:
    """The number, above `after`, of the first message since the conversation was handed off last; None where there
    is none."""
    newest = select(func.max(handoffs.c.created_at)).where(handoffs.c.conversation_id == conversation_id)
    since = messages.c.created_at >= newest.scalar_subquery()
    first = select(func.min(messages.c.seq)).where(messages.c.conversation_id == conversation_id, since)
    with store.read() as connection:
        return connection.execute(first.where(messages.c.seq > after)).scalar()
