"""Whom an identity provider knows an agent as: found, joined to an account, or given one, at each sign-in there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from odziv.store.agents.accounts import give_role
from odziv.store.agents.agent import (
    Agent,
    LastAdmin,
    check_role,
    end_sessions,
    normalise_email,
    read_agent,
)
from odziv.store.audit import record
from odziv.store.engine import Store, moment_of
from odziv.store.schema import agents, identities

# Of whom no password is right: they come in by their provider only.
NO_PASSWORD = ""


class NotAdmitted(Exception):
    """Whoever it is may not come in; nothing was changed. `agent_id` is whose account it was about, if there is one."""

    def __init__(self, reason: str, agent_id: int | None = None) -> None:
        super().__init__(reason)
        self.reason, self.agent_id = reason, agent_id


@dataclass(frozen=True)
class Identity:
    """Who somebody is as their provider says; `email` only where that is sure to be theirs.

    `role` None: whoever has an account keeps theirs. `first_role` is that of a new account; None: there is to be none.
    """

    issuer: str
    subject: str
    email: str | None
    name: str
    role: str | None
    first_role: str | None


@dataclass(frozen=True)
class Admitted:
    """The agent as they are now. `kept_admin`: the only administrator, who should have got another role and didn't."""

    agent: Agent
    kept_admin: bool = False


def admit(store: Store, who: Identity, *, through: str, may_join: bool, may_make: bool) -> Admitted:
    """The agent behind an identity, with the role their provider gives them; raises NotAdmitted.

    Where the identity is new, `may_join` lets it have the account of its e-mail address, and `may_make` a new one.
    `through` is the provider's name, for the audit trail.
    """
    with store.write() as connection:
        agent = _find(connection, who) or _join(connection, who, through, may_join)
        if agent is None:
            return Admitted(_make(connection, who, through, may_make))
        if agent.disabled:
            raise NotAdmitted("disabled", agent.id)
        if who.role is None or who.role == agent.role:
            return Admitted(agent)
        try:
            give_role(connection, agent.id, agent.role, who.role, agent.id, through=through)
        except LastAdmin:
            return Admitted(agent, kept_admin=True)
        return Admitted(replace(agent, role=who.role))


def has_identity(store: Store, agent_id: int) -> bool:
    """Whether an agent is known to a provider."""
    with store.read() as connection:
        return connection.execute(_identities_of(agent_id)).first() is not None


def remove_identities(store: Store, agent_id: int, by: int | None = None) -> bool:
    """Parts an account from its provider and ends its sessions; False when it was joined to none."""
    with store.write() as connection:
        gone = connection.execute(delete(identities).where(identities.c.agent_id == agent_id)).rowcount
        if gone:
            end_sessions(connection, agent_id)
            record(connection, "identity_parted", by, f"agent:{agent_id}")
        return gone > 0


def _find(connection: Connection, who: Identity) -> Agent | None:
    known = (identities.c.issuer == who.issuer) & (identities.c.subject == who.subject)
    agent_id = connection.execute(select(identities.c.agent_id).where(known)).scalar_one_or_none()
    return None if agent_id is None else read_agent(connection, agents.c.id == agent_id)


def _join(connection: Connection, who: Identity, through: str, may_join: bool) -> Agent | None:
    """Gives the identity the account of its address. An address may pass to somebody else: an account that another
    identity of this provider has stays theirs."""
    if who.email is None:
        return None
    agent = read_agent(connection, agents.c.email == normalise_email(who.email))
    if agent is None:
        return None
    if agent.disabled:
        raise NotAdmitted("disabled", agent.id)
    taken = _identities_of(agent.id).where(identities.c.issuer == who.issuer)
    if not may_join or connection.execute(taken).first() is not None:
        raise NotAdmitted("not_joined", agent.id)
    _add_identity(connection, who, agent.id)
    record(connection, "identity_joined", agent.id, f"agent:{agent.id}", through=through)
    return agent


def _make(connection: Connection, who: Identity, through: str, may_make: bool) -> Agent:
    if not may_make or who.email is None or who.first_role is None:
        raise NotAdmitted("no_account")
    check_role(who.first_role)
    values: dict[str, Any] = {
        "email": normalise_email(who.email),
        "name": who.name,
        "password_hash": NO_PASSWORD,
        "role": who.first_role,
        "disabled": False,
        "created_at": moment_of(connection),
    }
    agent_id: int = connection.execute(insert(agents).values(**values).returning(agents.c.id)).scalar_one()
    _add_identity(connection, who, agent_id)
    record(connection, "account_made", agent_id, f"agent:{agent_id}", role=who.first_role, through=through)
    return Agent(id=agent_id, **values)


def _add_identity(connection: Connection, who: Identity, agent_id: int) -> None:
    connection.execute(
        insert(identities).values(
            issuer=who.issuer, subject=who.subject, agent_id=agent_id, created_at=moment_of(connection)
        )
    )


def _identities_of(agent_id: int):
    return select(identities.c.subject).where(identities.c.agent_id == agent_id)
