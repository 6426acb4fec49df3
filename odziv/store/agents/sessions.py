"""Where an agent is signed in: what they see of it, and how they end it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, or_, select, update

from odziv.store.agents.agent import end_sessions, follow_key, hash_token
from odziv.store.audit import record
from odziv.store.engine import Store, touch
from odziv.store.push.subscriptions import remove_push
from odziv.store.schema import agents, sessions

# "Last seen" is that exact, so that not every page that is opened writes to the database.
SEEN_MS = 60_000


@dataclass(frozen=True)
class Session:
    """One browser that is signed in. Its id is the hash of its token, and opens nothing."""

    id: str
    created_at: int
    last_seen_at: int | None
    device: str | None
    address: str | None


def list_sessions(store: Store, agent_id: int) -> list[Session]:
    """An agent's sessions, the one used last first."""
    columns = (sessions.c.created_at, sessions.c.last_seen_at, sessions.c.device, sessions.c.address)
    statement = (
        select(sessions.c.token_hash.label("id"), *columns)
        .where(sessions.c.agent_id == agent_id, sessions.c.expires_at > store.clock())
        .order_by(sessions.c.last_seen_at.desc().nulls_last())
    )
    with store.read() as connection:
        return [Session(**row) for row in connection.execute(statement).mappings()]


def mark_seen(store: Store, agent_id: int, token: str, address: str | None) -> None:
    """Notes that the agent is here, at most once a minute."""
    now = store.clock()
    is_stale = or_(sessions.c.last_seen_at.is_(None), sessions.c.last_seen_at < now - SEEN_MS)
    this = sessions.c.token_hash == hash_token(token)
    with store.read() as connection:
        if connection.execute(select(sessions.c.agent_id).where(this, is_stale)).first() is None:
            return
    with store.write() as connection:
        connection.execute(update(sessions).where(this).values(last_seen_at=now, address=address))
        connection.execute(update(agents).where(agents.c.id == agent_id).values(last_seen_at=now))


def end_session(store: Store, agent_id: int, session_id: str) -> bool:
    """Ends one session of this agent; False when they have none of that id."""
    with store.write() as connection:
        ended = connection.execute(
            delete(sessions).where(sessions.c.token_hash == session_id, sessions.c.agent_id == agent_id)
        )
        if ended.rowcount:
            remove_push(connection, agent_id, of=session_id)
            touch(connection, follow_key(agent_id))
            record(connection, "sessions_ended", agent_id, f"agent:{agent_id}", sessions=1)
        return ended.rowcount == 1


def end_other_sessions(store: Store, agent_id: int, token: str) -> int:
    """Signs the agent out everywhere but here; returns in how many places that was."""
    with store.write() as connection:
        ended = end_sessions(connection, agent_id, but=token)
        if ended:
            record(connection, "sessions_ended", agent_id, f"agent:{agent_id}", sessions=ended)
        return ended
