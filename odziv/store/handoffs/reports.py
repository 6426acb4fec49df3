"""Figures for the report: handoffs of a period, and how many conversations needed none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import exists, func, or_, select

from odziv.store.audit import record
from odziv.store.engine import Store
from odziv.store.handoffs.handoff import IS_RAISED
from odziv.store.schema import agents, conversations, handoffs

_is_no_spam = or_(handoffs.c.outcome.is_(None), handoffs.c.outcome != "spam")


@dataclass(frozen=True)
class Counts:
    """Conversations in which somebody wrote, and those of them that never came to a person."""

    conversations: int
    bot_alone: int


def list_handoffs_between(store: Store, begins: int, ends: int, language: str | None = None) -> Sequence[Any]:
    """The handoffs that came in a period, oldest first, as rows, without spam.

    `raised` says that it stood before its turn.
    """
    statement = (
        select(
            handoffs.c.id,
            handoffs.c.conversation_id,
            handoffs.c.language,
            handoffs.c.reason,
            handoffs.c.topic,
            handoffs.c.priority,
            handoffs.c.after_hours,
            handoffs.c.created_at,
            handoffs.c.first_claimed_at,
            handoffs.c.replied_at,
            handoffs.c.closed_at,
            handoffs.c.outcome,
            IS_RAISED.label("raised"),
            agents.c.name.label("agent_name"),
            conversations.c.mailbox,
        )
        .select_from(handoffs.join(conversations).outerjoin(agents, agents.c.id == handoffs.c.agent_id))
        .where(handoffs.c.created_at >= begins, handoffs.c.created_at < ends, _is_no_spam)
        .order_by(handoffs.c.created_at)
    )
    if language is not None:
        statement = statement.where(handoffs.c.language == language)
    with store.read() as connection:
        return connection.execute(statement).all()


def count_conversations(store: Store, begins: int, ends: int, language: str | None = None) -> Counts:
    """The conversations begun in a period, without spam."""
    handed_off = exists().where(handoffs.c.conversation_id == conversations.c.id)
    begun = [conversations.c.created_at >= begins, conversations.c.created_at < ends, conversations.c.last_seq > 0]
    begun.append(conversations.c.status != "spam")
    if language is not None:
        begun.append(conversations.c.language == language)
    count = select(func.count()).select_from(conversations).where(*begun)
    with store.read() as connection:
        return Counts(connection.execute(count).scalar_one(), connection.execute(count.where(~handed_off)).scalar_one())


def note_export(store: Store, agent_id: int, rows: int, begins: str, ends: str) -> None:
    """Notes in the audit trail that somebody exported the figures."""
    with store.write() as connection:
        record(connection, "exported", agent_id, "report", rows=rows, after=begins, before=ends)
