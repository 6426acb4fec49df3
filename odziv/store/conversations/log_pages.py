"""Pieces of a long log: what a page shows of a conversation of thousands of messages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import func, or_, select

from odziv.store.conversations.conversation import Conversation, load_conversation
from odziv.store.conversations.messages import Message, select_messages
from odziv.store.engine import Store
from odziv.store.schema import handoffs, messages


@dataclass(frozen=True)
class LogPage:
    """Some of a conversation's messages, the conversation at the same moment, and how many messages follow."""

    conversation: Conversation | None
    messages: list[Message]
    more: int


def read_page(store: Store, conversation_id: str, after: int, most: int, *, internal: bool = False) -> LogPage:
    """The first `most` messages after a number; internal ones only on request."""
    wanted = (messages.c.conversation_id == conversation_id, *(() if internal else (messages.c.internal.is_(False),)))
    some = select_messages().where(*wanted, messages.c.seq > after).order_by(messages.c.seq).limit(most)
    with store.read() as connection, connection.begin():
        conversation = load_conversation(connection, conversation_id)
        found = [Message(**row) for row in connection.execute(some).mappings()]
        rest = select(func.count()).where(*wanted, messages.c.seq > found[-1].seq) if len(found) == most else None
        more = connection.execute(rest).scalar_one() if rest is not None else 0
        return LogPage(conversation, found, more)


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
