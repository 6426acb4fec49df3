"""What administrators see and change of people: roles, who was here when, and invitations still open."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, delete, select, update

from odziv.store.agents.agent import check_admin, check_role, follow_key, keep_an_admin, void_links_of
from odziv.store.audit import record
from odziv.store.engine import Store, touch
from odziv.store.schema import agents, invitations, second_factors


@dataclass(frozen=True)
class Person:
    """An agent as administrators see them."""

    id: int
    email: str
    name: str
    role: str
    disabled: bool
    created_at: int
    last_seen_at: int | None
    has_second_factor: bool


@dataclass(frozen=True)
class OpenInvitation:
    """An invitation nobody has used yet. Its id is the hash of its token, and leads nowhere."""

    id: str
    email: str | None
    role: str
    expires_at: int
    invited_by: str | None


def list_people(store: Store) -> list[Person]:
    """Everybody by name, those who can't come in any more at the end."""
    columns = [agents.c[name] for name in ("id", "email", "name", "role", "disabled", "created_at", "last_seen_at")]
    has_second_factor = second_factors.c.confirmed_at.is_not(None).label("has_second_factor")
    statement = select(*columns, has_second_factor).select_from(
        agents.outerjoin(second_factors, second_factors.c.agent_id == agents.c.id)
    )
    with store.read() as connection:
        rows = connection.execute(statement).mappings()
        return sorted((Person(**row) for row in rows), key=lambda person: (person.disabled, person.name.casefold()))


def change_role(store: Store, agent_id: int, role: str, by: int | None = None) -> bool:
    """Gives an agent another role. Raises LastAdmin, or ValueError for a role that doesn't exist.

    Returns whether that changed anything.
    """
    check_role(role)
    with store.write() as connection:
        check_admin(connection, by)
        before = connection.execute(select(agents.c.role).where(agents.c.id == agent_id)).scalar_one_or_none()
        if before is None or before == role:
            return False
        give_role(connection, agent_id, before, role, by)
        return True


def give_role(connection: Connection, agent_id: int, before: str, role: str, by: int | None, **detail: str) -> None:
    """Another role than they had, in the caller's transaction. Raises LastAdmin."""
    if before == "admin":
        keep_an_admin(connection, agent_id)
        void_links_of(connection, agent_id)
    connection.execute(update(agents).where(agents.c.id == agent_id).values(role=role))
    touch(connection, follow_key(agent_id))
    record(connection, "role_changed", by, f"agent:{agent_id}", before=before, after=role, **detail)


def change_name(store: Store, agent_id: int, name: str) -> bool:
    """Gives an agent the name that customers and colleagues read. Returns whether that changed anything."""
    with store.write() as connection:
        before = connection.execute(select(agents.c.name).where(agents.c.id == agent_id)).scalar_one_or_none()
        if before is None or before == name:
            return False
        connection.execute(update(agents).where(agents.c.id == agent_id).values(name=name))
        touch(connection, follow_key(agent_id))
        record(connection, "name_changed", agent_id, f"agent:{agent_id}", before=before, after=name)
        return True


def change_shown_name(store: Store, agent_id: int, name: str | None) -> None:
    """Which name customers read; None for the first of the agent's own."""
    with store.write() as connection:
        this = agents.c.id == agent_id
        if connection.execute(select(agents.c.shown_name).where(this)).scalar() == name:
            return
        connection.execute(update(agents).where(this).values(shown_name=name))
        touch(connection, follow_key(agent_id))
        record(connection, "shown_name_changed", agent_id, f"agent:{agent_id}", after=name)


def change_title(store: Store, agent_id: int, title: str | None) -> None:
    """What stands below an agent's name in e-mails; None for nothing."""
    with store.write() as connection:
        before = connection.execute(select(agents.c.title).where(agents.c.id == agent_id)).scalar()
        if before == title:
            return
        connection.execute(update(agents).where(agents.c.id == agent_id).values(title=title))
        record(connection, "title_changed", agent_id, f"agent:{agent_id}", before=before, after=title)


def change_language(store: Store, agent_id: int, language: str | None) -> None:
    """In which language the desk speaks to an agent; None for what their browser asks for."""
    with store.write() as connection:
        connection.execute(update(agents).where(agents.c.id == agent_id).values(language=language))
        touch(connection, follow_key(agent_id))


def list_open_invitations(store: Store) -> list[OpenInvitation]:
    """Invitations that could still be used, the newest first."""
    statement = (
        select(
            invitations.c.token_hash.label("id"),
            invitations.c.email,
            invitations.c.role,
            invitations.c.expires_at,
            agents.c.name.label("invited_by"),
        )
        .select_from(invitations.outerjoin(agents, agents.c.id == invitations.c.invited_by))
        .where(invitations.c.used_at.is_(None), invitations.c.expires_at > store.clock())
        .order_by(invitations.c.created_at.desc())
    )
    with store.read() as connection:
        return [OpenInvitation(**row) for row in connection.execute(statement).mappings()]


def revoke_invitation(store: Store, invitation_id: str, by: int | None = None) -> bool:
    """Makes an unused invitation worthless; False when it was used or revoked before."""
    with store.write() as connection:
        gone = connection.execute(
            delete(invitations)
            .where(invitations.c.token_hash == invitation_id, invitations.c.used_at.is_(None))
            .returning(invitations.c.email, invitations.c.role)
        ).first()
        if gone is not None:
            record(connection, "invitation_revoked", by, email=gone.email, role=gone.role)
        return gone is not None
