"""Agents, their invitations and their signed-in sessions. Secrets are stored as hashes only."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, fields

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from odziv.store.agents.shown_name import name_for_customers
from odziv.store.audit import record
from odziv.store.engine import DAY_MS, Store, touch
from odziv.store.push.subscriptions import remove_push
from odziv.store.schema import agents, invitations, resets, sessions

ROLES = ("admin", "editor", "agent")


class InvitationInvalid(Exception):
    """The invitation is unknown, used or too old."""


class EmailTaken(Exception):
    """An agent with this e-mail address exists already."""


class LastAdmin(Exception):
    """Nobody would be left who may invite people and give them roles."""


class NotAdmin(Exception):
    """The agent who asks for this has meanwhile been disabled, or given another role."""


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
    language: str | None = None  # which the desk speaks to them; None for what their browser asks for
    title: str | None = None  # below their name in e-mails
    shown_name: str | None = None  # which customers read, where it is not the first of their own

    @property
    def first_name(self) -> str:
        """What customers read unless another name was chosen for them."""
        return name_for_customers(self.name, None)

    @property
    def name_for_customers(self) -> str:
        """What customers read."""
        return name_for_customers(self.name, self.shown_name)


@dataclass(frozen=True)
class Invitation:
    """A right to become an agent, once. `email` is None when the invited person chooses it."""

    email: str | None
    role: str
    expires_at: int


_AGENT = [agents.c[field.name] for field in fields(Agent)]


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
        return read_agent(connection, condition)


def read_agent(connection: Connection, condition) -> Agent | None:
    """The agent of whom a condition holds, in the caller's transaction."""
    row = connection.execute(select(*_AGENT).where(condition)).mappings().first()
    return Agent(**row) if row else None


def list_agents(store: Store) -> list[Agent]:
    """Every agent, by e-mail address, disabled ones included."""
    with store.read() as connection:
        return [Agent(**row) for row in connection.execute(select(*_AGENT).order_by(agents.c.email)).mappings()]


def set_disabled(store: Store, agent_id: int, disabled: bool, by: int | None = None) -> bool:
    """Lets an agent in no more, ending their sessions and links, or lets them in again. Raises LastAdmin.

    Returns whether that changed anything.
    """
    with store.write() as connection:
        check_admin(connection, by)
        if disabled:
            keep_an_admin(connection, agent_id)
        changed = connection.execute(
            update(agents).where(agents.c.id == agent_id, agents.c.disabled.is_(not disabled)).values(disabled=disabled)
        )
        if changed.rowcount == 0:
            return False
        if disabled:
            end_sessions(connection, agent_id)
            void_links_of(connection, agent_id)
            connection.execute(delete(resets).where(resets.c.agent_id == agent_id))
        record(connection, "disabled" if disabled else "enabled", by, f"agent:{agent_id}")
        return True


def keep_an_admin(connection: Connection, agent_id: int) -> None:
    """Raises LastAdmin when this agent is the only administrator who can sign in.

    The rows are locked (SQLite has one writer anyway): of two administrators who take each other's rights at the
    same instant, the second one finds only one left.
    """
    is_admin = (agents.c.role == "admin") & agents.c.disabled.is_(False)
    admins = connection.execute(select(agents.c.id).where(is_admin).with_for_update()).scalars().all()
    if admins == [agent_id]:
        raise LastAdmin


def check_admin(connection: Connection, by: int | None) -> None:
    """Raises NotAdmin unless `by` is an administrator in this very transaction; None is a command on the server.

    The page has looked before. But somebody who is just being disabled must not leave a way back in behind.
    """
    if by is None:
        return
    is_admin = (agents.c.id == by) & (agents.c.role == "admin") & agents.c.disabled.is_(False)
    if connection.execute(select(agents.c.id).where(is_admin).with_for_update()).first() is None:
        raise NotAdmin


def void_links_of(connection: Connection, agent_id: int) -> None:
    """What somebody handed out as administrator ends with that: else they could let themselves in again."""
    connection.execute(delete(invitations).where(invitations.c.invited_by == agent_id, invitations.c.used_at.is_(None)))
    connection.execute(delete(resets).where(resets.c.made_by == agent_id))


def end_sessions(connection: Connection, agent_id: int, *, but: str | None = None) -> int:
    """Signs an agent out everywhere, in the caller's transaction; `but` is the token of a session to keep."""
    statement = delete(sessions).where(sessions.c.agent_id == agent_id)
    if but is not None:
        statement = statement.where(sessions.c.token_hash != hash_token(but))
    ended = connection.execute(statement).rowcount
    remove_push(connection, agent_id, but=None if but is None else hash_token(but))
    touch(connection, follow_key(agent_id))
    return ended


def follow_key(agent_id: int) -> str:
    """What a stream follows to hear at once that sessions of its agent have ended."""
    return f"agent:{agent_id}"


def set_password_hash(store: Store, agent_id: int, password_hash: str) -> None:
    """Stores a new hash, say after the parameters were raised."""
    with store.write() as connection:
        connection.execute(update(agents).where(agents.c.id == agent_id).values(password_hash=password_hash))


def normalise_email(email: str) -> str:
    """The form under which addresses are compared."""
    return email.strip().casefold()


def check_role(role: str) -> None:
    """Raises ValueError for a role that doesn't exist."""
    if role not in ROLES:
        raise ValueError(f"role must be one of {', '.join(ROLES)}, not {role!r}")


def invite(store: Store, email: str | None, role: str, *, days: int = 7, by: int | None = None) -> str:
    """Makes an invitation and returns its token, which is shown once and not stored."""
    check_role(role)
    token = secrets.token_urlsafe(32)
    now = store.clock()
    with store.write() as connection:
        check_admin(connection, by)
        connection.execute(
            insert(invitations).values(
                token_hash=hash_token(token),
                email=normalise_email(email) if email else None,
                role=role,
                created_at=now,
                expires_at=now + days * DAY_MS,
                invited_by=by,
            )
        )
        record(connection, "invited", by, email=normalise_email(email) if email else None, role=role)
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
        row = connection.execute(select(invitations).where(_usable(token, store.clock()))).mappings().first()
    return Invitation(row["email"], row["role"], row["expires_at"]) if row else None


def accept_invitation(store: Store, token: str, email: str, name: str, password_hash: str) -> Agent:
    """Creates the agent. Raises InvitationInvalid or EmailTaken; a token works once even when raced."""
    try:
        with store.write() as connection:
            now = store.clock()
            used = (
                connection.execute(
                    update(invitations).where(_usable(token, now)).values(used_at=now).returning(invitations)
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
                "created_at": now,
            }
            agent_id = connection.execute(insert(agents).values(**values)).inserted_primary_key[0]
            record(connection, "invitation_used", agent_id, f"agent:{agent_id}", role=used["role"])
            return Agent(id=agent_id, **values)
    except IntegrityError as error:
        raise EmailTaken(email) from error


def open_session(
    store: Store,
    agent_id: int,
    *,
    hours: int = 12,
    device: str | None = None,
    address: str | None = None,
    through: str | None = None,
) -> str:
    """Signs an agent in: returns the session's token, of which only a hash is stored.

    `through` is the identity provider that said who they are; None: it was their password.
    """
    token = secrets.token_urlsafe(32)
    now = store.clock()
    with store.write() as connection:
        connection.execute(delete(sessions).where(sessions.c.expires_at < now))
        connection.execute(
            insert(sessions).values(
                token_hash=hash_token(token),
                agent_id=agent_id,
                created_at=now,
                expires_at=now + hours * 60 * 60 * 1000,
                last_seen_at=now,
                device=device,
                address=address,
            )
        )
        connection.execute(update(agents).where(agents.c.id == agent_id).values(last_seen_at=now))
        how = {"through": through} if through else {}
        record(connection, "sign_in", agent_id, f"agent:{agent_id}", device=device, **how)
    return token


def find_agent_by_session(store: Store, token: str) -> Agent | None:
    """Who is signed in with this token; None when it is unknown, expired, or the agent is disabled."""
    statement = (
        select(*_AGENT)
        .join(sessions, sessions.c.agent_id == agents.c.id)
        .where(
            sessions.c.token_hash == hash_token(token),
            sessions.c.expires_at > store.clock(),
            agents.c.disabled.is_(False),
        )
    )
    with store.read() as connection:
        row = connection.execute(statement).mappings().first()
        return Agent(**row) if row else None


def close_session(store: Store, token: str) -> None:
    """Signs out."""
    with store.write() as connection:
        agent_id = connection.execute(
            delete(sessions).where(sessions.c.token_hash == hash_token(token)).returning(sessions.c.agent_id)
        ).scalar_one_or_none()
        if agent_id is not None:
            remove_push(connection, agent_id, of=hash_token(token))
            touch(connection, follow_key(agent_id))
            record(connection, "sign_out", agent_id, f"agent:{agent_id}")


def _usable(token: str, now: int):
    return (
        (invitations.c.token_hash == hash_token(token))
        & invitations.c.used_at.is_(None)
        & (invitations.c.expires_at > now)
    )


def hash_token(token: str) -> str:
    """What is stored of a token that nobody could guess."""
    return hashlib.sha256(token.encode()).hexdigest()
