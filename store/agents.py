"""Agents, their invitations and their signed-in sessions. Secrets are stored as hashes only."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from store.engine import Store, now_ms
from store.schema import agents, invitations, sessions

DAY_MS = 24 * 60 * 60 * 1000
ROLES = ("admin", "editor", "agent")


class InvitationInvalid(Exception):
    """The invitation is unknown, used or too old."""


class EmailTaken(Exception):
    """An agent with this e-mail address exists already."""


@dataclass(frozen=True)
class Agent:
    """A person who answers customers."""

    id: int
    email: str
    name: str
    password_hash: str
    role: str
    disabled: bool
    created_at: int


@dataclass(frozen=True)
class Invitation:
    """A right to become an agent, once. `email` is None when the invited person chooses it."""

    email: str | None
    role: str
    expires_at: int


def count_agents(store: Store) -> int:
    """How many agents there are, disabled ones included."""
    with store.read() as connection:
        return connection.execute(select(func.count()).select_from(agents)).scalar_one()


def find_agent(store: Store, agent_id: int) -> Agent | None:
    """An agent by id."""
    return _find(store, agents.c.id == agent_id)


def find_agent_by_email(store: Store, email: str) -> Agent | None:
    """An agent by e-mail address, whatever its case."""
    return _find(store, agents.c.email == normalise_email(email))


def _find(store: Store, condition) -> Agent | None:
    with store.read() as connection:
        row = connection.execute(select(agents).where(condition)).mappings().first()
        return Agent(**row) if row else None


def list_agents(store: Store) -> list[Agent]:
    """Every agent, by e-mail address, disabled ones included."""
    with store.read() as connection:
        return [Agent(**row) for row in connection.execute(select(agents).order_by(agents.c.email)).mappings()]


def set_disabled(store: Store, agent_id: int, disabled: bool) -> None:
    """Lets an agent in no more, ending their sessions, or lets them in again."""
    with store.write() as connection:
        connection.execute(update(agents).where(agents.c.id == agent_id).values(disabled=disabled))
        if disabled:
            connection.execute(delete(sessions).where(sessions.c.agent_id == agent_id))


def set_password_hash(store: Store, agent_id: int, password_hash: str) -> None:
    """Stores a new hash, say after the parameters were raised."""
    with store.write() as connection:
        connection.execute(update(agents).where(agents.c.id == agent_id).values(password_hash=password_hash))


def normalise_email(email: str) -> str:
    """The form under which addresses are compared."""
    return email.strip().casefold()


def invite(store: Store, email: str | None, role: str, *, days: int = 7) -> str:
    """Makes an invitation and returns its token, which is shown once and not stored."""
    if role not in ROLES:
        raise ValueError(f"role must be one of {', '.join(ROLES)}, not {role!r}")
    token = secrets.token_urlsafe(32)
    now = now_ms()
    with store.write() as connection:
        connection.execute(
            insert(invitations).values(
                token_hash=_hash(token),
                email=normalise_email(email) if email else None,
                role=role,
                created_at=now,
                expires_at=now + days * DAY_MS,
            )
        )
    return token


def invite_first(store: Store) -> str | None:
    """A fresh invitation for the first administrator, voiding earlier ones; None once there is an agent."""
    if count_agents(store):
        return None
    with store.write() as connection:
        connection.execute(delete(invitations).where(invitations.c.email.is_(None)))
    return invite(store, None, "admin", days=1)


def find_invitation(store: Store, token: str) -> Invitation | None:
    """The invitation behind a token if it can still be used."""
    with store.read() as connection:
        row = connection.execute(select(invitations).where(_usable(token))).mappings().first()
    return Invitation(row["email"], row["role"], row["expires_at"]) if row else None


def accept_invitation(store: Store, token: str, email: str, name: str, password_hash: str) -> Agent:
    """Creates the agent. Raises InvitationInvalid or EmailTaken; a token works once even when raced."""
    try:
        with store.write() as connection:
            used = (
                connection.execute(
                    update(invitations).where(_usable(token)).values(used_at=now_ms()).returning(invitations)
                )
                .mappings()
                .first()
            )
            if used is None:
                raise InvitationInvalid
            values = {
                "email": used["email"] or normalise_email(email),
                "name": name,
                "password_hash": password_hash,
                "role": used["role"],
                "disabled": False,
                "created_at": now_ms(),
            }
            agent_id = connection.execute(insert(agents).values(**values)).inserted_primary_key[0]
            return Agent(id=agent_id, **values)
    except IntegrityError as error:
        raise EmailTaken(email) from error


def open_session(store: Store, agent_id: int, *, hours: int = 12) -> str:
    """Signs an agent in: returns the session's token, of which only a hash is stored."""
    token = secrets.token_urlsafe(32)
    now = now_ms()
    with store.write() as connection:
        connection.execute(delete(sessions).where(sessions.c.expires_at < now))
        connection.execute(
            insert(sessions).values(
                token_hash=_hash(token),
                agent_id=agent_id,
                created_at=now,
                expires_at=now + hours * 60 * 60 * 1000,
            )
        )
    return token


def find_agent_by_session(store: Store, token: str) -> Agent | None:
    """Who is signed in with this token; None when it is unknown, expired, or the agent is disabled."""
    statement = (
        select(agents)
        .join(sessions, sessions.c.agent_id == agents.c.id)
        .where(
            sessions.c.token_hash == _hash(token),
            sessions.c.expires_at > now_ms(),
            agents.c.disabled.is_(False),
        )
    )
    with store.read() as connection:
        row = connection.execute(statement).mappings().first()
        return Agent(**row) if row else None


def close_session(store: Store, token: str) -> None:
    """Signs out."""
    with store.write() as connection:
        connection.execute(delete(sessions).where(sessions.c.token_hash == _hash(token)))


def _usable(token: str):
    return (
        (invitations.c.token_hash == _hash(token))
        & invitations.c.used_at.is_(None)
        & (invitations.c.expires_at > now_ms())
    )


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
