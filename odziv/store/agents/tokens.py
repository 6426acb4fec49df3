"""Tokens by which programs act as an agent. Stored as hashes only."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select, update

from odziv.store.agents.agent import ROLES, Agent, check_admin, check_role, hash_token
from odziv.store.audit import record
from odziv.store.engine import DAY_MS, Store
from odziv.store.schema import agents, api_tokens

PREFIX = "odz_"
# "Last used" is that exact, so that not every call writes to the database.
USED_MS = 60_000


class NoSuchAgent(Exception):
    """A token needs an agent who can sign in."""


@dataclass(frozen=True)
class ApiToken:
    """A token as administrators see it. `role` is what it was given; its agent's role may allow less by now."""

    id: int
    name: str
    agent_id: int
    agent_name: str
    agent_email: str
    role: str
    created_at: int
    expires_at: int | None
    last_used_at: int | None


@dataclass(frozen=True)
class Bearer:
    """Who comes with a token: the agent, with the role that counts here."""

    token_id: int
    name: str
    agent: Agent


_TOKEN = [
    *(api_tokens.c[name] for name in ("id", "name", "agent_id", "role", "created_at", "expires_at", "last_used_at")),
    agents.c.name.label("agent_name"),
    agents.c.email.label("agent_email"),
]
_AGENT = [agents.c[name] for name in Agent.__dataclass_fields__]


def make_token(
    store: Store, agent_id: int, name: str, role: str, *, days: int | None, by: int | None = None
) -> tuple[int, str]:
    """Returns the token's id and the token, which is shown once. Raises NoSuchAgent, or ValueError for a wrong role."""
    check_role(role)
    token, now = PREFIX + secrets.token_urlsafe(32), store.clock()
    enabled = select(agents.c.id).where(agents.c.id == agent_id, agents.c.disabled.is_(False))
    with store.write() as connection:
        check_admin(connection, by)
        if connection.execute(enabled).first() is None:
            raise NoSuchAgent(agent_id)
        values = {
            "token_hash": hash_token(token),
            "name": name,
            "agent_id": agent_id,
            "role": role,
            "created_at": now,
            "created_by": by,
            "expires_at": now + days * DAY_MS if days else None,
        }
        token_id = connection.execute(api_tokens.insert().values(**values)).inserted_primary_key[0]
        record(connection, "token_made", by, f"agent:{agent_id}", name=name, role=role, days=days)
        return token_id, token


def list_tokens(store: Store) -> list[ApiToken]:
    """The tokens that work, newest first."""
    statement = select(*_TOKEN).join(agents, agents.c.id == api_tokens.c.agent_id).where(_works(store.clock()))
    with store.read() as connection:
        rows = connection.execute(statement.order_by(api_tokens.c.id.desc())).mappings()
        return [ApiToken(**row) for row in rows]


def revoke_token(store: Store, token_id: int, by: int | None = None) -> bool:
    """Makes a token worthless at once; False when it was already."""
    with store.write() as connection:
        check_admin(connection, by)
        gone = connection.execute(
            update(api_tokens)
            .where(api_tokens.c.id == token_id, api_tokens.c.revoked_at.is_(None))
            .values(revoked_at=store.clock())
            .returning(api_tokens.c.name, api_tokens.c.agent_id)
        ).first()
        if gone is not None:
            record(connection, "token_revoked", by, f"agent:{gone.agent_id}", name=gone.name)
        return gone is not None


def find_bearer(store: Store, token: str) -> Bearer | None:
    """Who comes with this token; None when it is unknown, revoked, too old, or its agent is disabled."""
    statement = (
        select(*_AGENT, *(api_tokens.c[name].label(f"token_{name}") for name in ("id", "name", "role", "last_used_at")))
        .join(api_tokens, api_tokens.c.agent_id == agents.c.id)
        .where(api_tokens.c.token_hash == hash_token(token), _works(store.clock()), agents.c.disabled.is_(False))
    )
    with store.read() as connection:
        row = connection.execute(statement).mappings().first()
    if row is None:
        return None
    values = {name: row[name] for name in Agent.__dataclass_fields__}
    values["role"] = lesser(row["role"], row["token_role"])
    _mark_used(store, row["token_id"], row["token_last_used_at"])
    return Bearer(row["token_id"], row["token_name"], Agent(**values))


def lesser(one: str, other: str) -> str:
    """Of two roles, the one that may do less. What is no role may do nothing."""
    if one not in ROLES or other not in ROLES:
        return ""
    return max(one, other, key=ROLES.index)


def _mark_used(store: Store, token_id: int, last: int | None) -> None:
    now = store.clock()
    if last is None or now - last >= USED_MS:
        with store.write() as connection:
            connection.execute(update(api_tokens).where(api_tokens.c.id == token_id).values(last_used_at=now))


def _works(now: int) -> Any:
    in_time = or_(api_tokens.c.expires_at.is_(None), api_tokens.c.expires_at > now)
    return api_tokens.c.revoked_at.is_(None) & in_time
