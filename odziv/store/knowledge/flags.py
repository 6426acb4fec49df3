"""Answers of the bot that an agent flagged as wrong, until an editor has seen to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, insert, select, update

from odziv.store.audit import record
from odziv.store.engine import Store, touch
from odziv.store.schema import agents, conversations, flags, messages

MOST_LISTED = 200


@dataclass(frozen=True)
class Flag:
    """One flagged answer: what was asked, what the bot said, from which article, and who says it is wrong."""

    id: int
    conversation_id: str
    seq: int
    reason: str | None
    created_at: int
    flagged_by: str
    language: str
    asked: str | None
    said: str
    answer: dict[str, Any] | None


_OPEN = flags.c.status == "open"


def flag_answer(store: Store, conversation_id: str, seq: int, agent_id: int, reason: str | None) -> bool:
    """Flags a message of the bot. False when it is flagged already; raises KeyError when the bot said no such thing."""
    this = (flags.c.conversation_id == conversation_id) & (flags.c.seq == seq)
    said = select(messages.c.seq).where(
        messages.c.conversation_id == conversation_id, messages.c.seq == seq, messages.c.sender == "bot"
    )
    with store.write() as connection:
        if connection.execute(said).first() is None:
            raise KeyError(seq)
        if connection.execute(select(flags.c.id).where(this, _OPEN)).first():
            return False
        row = {"conversation_id": conversation_id, "seq": seq, "reason": reason, "flagged_by": agent_id}
        connection.execute(insert(flags).values(**row, status="open", created_at=store.clock()))
        record(connection, "answer_flagged", agent_id, f"conversation:{conversation_id}", message=seq)
        touch(connection, conversation_id)
        return True


def list_flags(
    store: Store, conversation_id: str | None = None, limit: int = MOST_LISTED, *, before: int | None = None
) -> list[Flag]:
    """The flags nobody has seen to, newest first; of one conversation or all; older than the flag `before`."""
    asked = messages.alias("asked")
    words = (
        select(asked.c.text)
        .where(
            asked.c.conversation_id == flags.c.conversation_id, asked.c.seq < flags.c.seq, asked.c.sender == "customer"
        )
        .order_by(asked.c.seq.desc())
        .limit(1)
    )
    columns = (flags.c[name] for name in ("id", "conversation_id", "seq", "reason", "created_at"))
    statement = (
        select(
            *columns,
            agents.c.name.label("flagged_by"),
            conversations.c.language,
            words.scalar_subquery().label("asked"),
            messages.c.text.label("said"),
            messages.c.answer,
        )
        .join(agents, agents.c.id == flags.c.flagged_by)
        .join(conversations, conversations.c.id == flags.c.conversation_id)
        .join(messages, (messages.c.conversation_id == flags.c.conversation_id) & (messages.c.seq == flags.c.seq))
        .where(_OPEN)
        .order_by(flags.c.id.desc())
    )
    if before is not None:
        statement = statement.where(flags.c.id < before)
    if conversation_id is not None:
        statement = statement.where(flags.c.conversation_id == conversation_id)
    with store.read() as connection:
        return [Flag(**row) for row in connection.execute(statement.limit(limit)).mappings()]


def count_flags(store: Store) -> int:
    """How many wait for an editor."""
    with store.read() as connection:
        return connection.execute(select(func.count()).select_from(flags).where(_OPEN)).scalar_one()


def finish_flag(store: Store, flag_id: int, agent_id: int) -> bool:
    """Marks a flag done. Returns whether it was open."""
    with store.write() as connection:
        done = connection.execute(
            update(flags)
            .where(flags.c.id == flag_id, _OPEN)
            .values(status="done", done_by=agent_id, done_at=store.clock())
            .returning(flags.c.conversation_id)
        ).first()
        if done is not None:
            record(connection, "flag_done", agent_id, f"conversation:{done.conversation_id}")
            touch(connection, done.conversation_id)
        return done is not None
