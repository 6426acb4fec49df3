"""Saved views: the filters of a list under a name, an agent's own or everybody's."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, Select, delete, func, insert, or_, select, update

from odziv.store.audit import record
from odziv.store.engine import Store
from odziv.store.schema import agents, saved_views

MOST_VIEWS = 50  # of one agent


class TooManyViews(Exception):
    """The agent has MOST_VIEWS already."""


@dataclass(frozen=True)
class SavedView:
    """`query` is what stands in the page's address; `shared` says whether everybody sees it."""

    id: int
    agent_id: int
    owner: str
    name: str
    query: str
    shared: bool


def list_views(store: Store, agent_id: int) -> list[SavedView]:
    """The agent's own and everybody's, by name."""
    seen = or_(saved_views.c.agent_id == agent_id, saved_views.c.shared)
    with store.read() as connection:
        rows = connection.execute(_select().where(seen).order_by(func.lower(saved_views.c.name), saved_views.c.id))
        return [SavedView(**row) for row in rows.mappings()]


def find_view(store: Store, view_id: int) -> SavedView | None:
    """One of them, whoever it belongs to; or None."""
    with store.read() as connection:
        row = connection.execute(_select().where(saved_views.c.id == view_id)).mappings().first()
        return SavedView(**row) if row else None


def add_view(store: Store, agent_id: int, name: str, query: str, *, shared: bool) -> int:
    """Stores a new one; returns its id. Raises TooManyViews."""
    values = {"agent_id": agent_id, "name": name, "query": query, "shared": shared, "created_at": store.clock()}
    with store.write() as connection:
        mine = select(func.count()).select_from(saved_views).where(saved_views.c.agent_id == agent_id)
        if connection.execute(mine).scalar_one() >= MOST_VIEWS:
            raise TooManyViews
        view_id: int = connection.execute(insert(saved_views).values(**values).returning(saved_views.c.id)).scalar_one()
        _record(connection, "view_saved", agent_id, view_id, shared=shared)
        return view_id


def change_view(store: Store, view_id: int, by: int, **changed: str | bool) -> bool:
    """Sets name, query or shared. False: it is gone."""
    with store.write() as connection:
        found = connection.execute(update(saved_views).where(saved_views.c.id == view_id).values(**changed))
        if found.rowcount:
            _record(connection, "view_saved", by, view_id, **{k: v for k, v in changed.items() if k == "shared"})
        return found.rowcount == 1


def delete_view(store: Store, view_id: int, by: int) -> bool:
    """Removes one. False: it is gone already."""
    with store.write() as connection:
        found = connection.execute(delete(saved_views).where(saved_views.c.id == view_id))
        if found.rowcount:
            _record(connection, "view_deleted", by, view_id)
        return found.rowcount == 1


def _record(connection: Connection, action: str, by: int, view_id: int, **detail: object) -> None:
    record(connection, action, by, f"view:{view_id}", **detail)


def _select() -> Select:
    c = saved_views.c
    columns = (c.id, c.agent_id, agents.c.name.label("owner"), c.name, c.query, c.shared)
    return select(*columns).join(agents, agents.c.id == c.agent_id)
