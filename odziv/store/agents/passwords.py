"""Changing a password: by its owner, or through a link that works once. Both end the other sessions."""

from __future__ import annotations

import secrets

from sqlalchemy import Connection, delete, insert, select, update

from odziv.store.agents.agent import Agent, check_admin, end_sessions, find_agent, hash_token
from odziv.store.audit import record
from odziv.store.engine import Store
from odziv.store.schema import agents, resets

RESET_HOURS = 24


class ResetInvalid(Exception):
    """The link is unknown, used or too old, or the agent is disabled."""


def change_password(store: Store, agent_id: int, password_hash: str, token: str) -> None:
    """Stores the new hash and ends every session but the one with this token."""
    with store.write() as connection:
        _replace(connection, agent_id, password_hash, token)
        record(connection, "password_changed", agent_id, f"agent:{agent_id}")


def make_reset(store: Store, agent_id: int, by: int | None = None) -> str:
    """A token with which the agent can choose a new password, once; earlier ones are void."""
    token, now = secrets.token_urlsafe(32), store.clock()
    with store.write() as connection:
        check_admin(connection, by)
        connection.execute(delete(resets).where((resets.c.agent_id == agent_id) | (resets.c.expires_at < now)))
        connection.execute(
            insert(resets).values(
                token_hash=hash_token(token),
                agent_id=agent_id,
                made_by=by,
                created_at=now,
                expires_at=now + RESET_HOURS * 60 * 60 * 1000,
            )
        )
        record(connection, "reset_link_made", by, f"agent:{agent_id}")
    return token


def find_reset(store: Store, token: str) -> Agent | None:
    """Whose password the token would change; None when it can't be used."""
    with store.read() as connection:
        agent_id = connection.execute(
            select(resets.c.agent_id).where(_usable(token, store.clock()))
        ).scalar_one_or_none()
    agent = find_agent(store, agent_id) if agent_id is not None else None
    return None if agent is None or agent.disabled else agent


def use_reset(store: Store, token: str, password_hash: str) -> None:
    """Stores the new hash and ends all sessions. Raises ResetInvalid; a token works once even when raced."""
    with store.write() as connection:
        statement = delete(resets).where(_usable(token, store.clock())).returning(resets.c.agent_id)
        agent_id = connection.execute(statement).scalar_one_or_none()
        if agent_id is None:
            raise ResetInvalid
        if connection.execute(select(agents.c.disabled).where(agents.c.id == agent_id)).scalar_one():
            raise ResetInvalid
        _replace(connection, agent_id, password_hash, None)
        record(connection, "password_reset", agent_id, f"agent:{agent_id}")


def _replace(connection: Connection, agent_id: int, password_hash: str, but: str | None) -> None:
    connection.execute(update(agents).where(agents.c.id == agent_id).values(password_hash=password_hash))
    # A link that was made before would be a second way in.
    connection.execute(delete(resets).where(resets.c.agent_id == agent_id))
    end_sessions(connection, agent_id, but=but)


def _usable(token: str, now: int):
    return (resets.c.token_hash == hash_token(token)) & (resets.c.expires_at > now)
