"""Mentions: colleagues who are named with an @ in an internal note, and whether they have seen it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select, tuple_, update

from odziv.store.engine import Store, moment_of
from odziv.store.schema import agents, conversations, mentions, messages

MOST_LISTED = 100
_IN_ORDER = (mentions.c.created_at, mentions.c.conversation_id, mentions.c.seq)


@dataclass(frozen=True)
class Mention:
    """An agent was named in the note `seq` of a conversation. `read_at` is None until they open the conversation."""

    conversation_id: str
    seq: int
    site: str
    html: str
    author: str | None
    created_at: int
    read_at: int | None


def add_mentions(connection: Connection, conversation_id: str, seq: int, agent_ids: tuple[int, ...]) -> None:
    """Notes who is named in a message, in the caller's transaction."""
    rows = [
        {"conversation_id": conversation_id, "seq": seq, "agent_id": agent_id, "created_at": moment_of(connection)}
        for agent_id in dict.fromkeys(agent_ids)
    ]
    if rows:
        connection.execute(insert(mentions), rows)


def list_mentions(
    store: Store, agent_id: int, limit: int = MOST_LISTED, *, after: tuple[int, str, int] | None = None
) -> list[Mention]:
    """Where an agent is named, newest first; with `after` (moment in ms, conversation, number) those behind it."""
    note = (messages.c.conversation_id == mentions.c.conversation_id) & (messages.c.seq == mentions.c.seq)
    statement = (
        select(
            mentions.c.conversation_id,
            mentions.c.seq,
            conversations.c.site,
            messages.c.html,
            func.coalesce(agents.c.name, messages.c.author).label("author"),
            mentions.c.created_at,
            mentions.c.read_at,
        )
        .select_from(
            mentions.join(messages, note)
            .join(conversations, conversations.c.id == mentions.c.conversation_id)
            .outerjoin(agents, agents.c.id == messages.c.agent_id)
        )
        .where(mentions.c.agent_id == agent_id)
        .order_by(*(column.desc() for column in _IN_ORDER))
    )
    if after is not None:
        statement = statement.where(tuple_(*_IN_ORDER) < tuple_(*after))
    with store.read() as connection:
        return [Mention(**row) for row in connection.execute(statement.limit(limit)).mappings()]


def count_unread(store: Store, agent_id: int) -> int:
    """How many of an agent's mentions they have not seen."""
    statement = select(func.count()).select_from(mentions).where(*_unread(agent_id))
    with store.read() as connection:
        return connection.execute(statement).scalar_one()


def mark_read(store: Store, agent_id: int, conversation_id: str | None = None) -> int:
    """The agent has seen their mentions in one conversation, or (None) all of them. Returns how many were new."""
    wanted = _unread(agent_id)
    if conversation_id is not None:
        wanted.append(mentions.c.conversation_id == conversation_id)
    with store.read() as connection:  # a look first: opening a page need not queue up for writing
        if connection.execute(select(mentions.c.seq).where(*wanted).limit(1)).first() is None:
            return 0
    with store.write() as connection:
        return connection.execute(update(mentions).where(*wanted).values(read_at=store.clock())).rowcount


def _unread(agent_id: int) -> list:
    return [mentions.c.agent_id == agent_id, mentions.c.read_at.is_(None)]
