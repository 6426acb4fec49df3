"""The macros there are: everybody's, and each agent's own, in an order that people give them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, insert, or_, select, update

from odziv.store.audit import record
from odziv.store.engine import Store, moment_of
from odziv.store.lists.ordering import place_row, raise_row
from odziv.store.schema import macros

MOST_MACROS = 100  # of everybody, and of one agent


class TooManyMacros(Exception):
    """There are MOST_MACROS already."""


@dataclass(frozen=True)
class Macro:
    """`agent_id` None: everybody's. `steps` is what odziv.cases.macros.steps reads."""

    id: int
    agent_id: int | None
    name: str
    steps: dict[str, Any]
    position: int

    @property
    def is_shared(self) -> bool:
        """Whether everybody has it."""
        return self.agent_id is None


_SHOWN = tuple(macros.c[name] for name in Macro.__dataclass_fields__)
# Everybody's first.
_IN_ORDER = (macros.c.agent_id.is_not(None), macros.c.position, macros.c.id)


def list_macros(store: Store, agent_id: int) -> list[Macro]:
    """Everybody's, and the agent's own, each in their order."""
    seen = or_(macros.c.agent_id.is_(None), macros.c.agent_id == agent_id)
    with store.read() as connection:
        return [Macro(**row) for row in connection.execute(select(*_SHOWN).where(seen).order_by(*_IN_ORDER)).mappings()]


def find_macro(store: Store, macro_id: int) -> Macro | None:
    """One of them, whoever it belongs to; or None."""
    with store.read() as connection:
        return _find(connection, macro_id)


def add_macro(store: Store, by: int, owner: int | None, name: str, steps: dict[str, Any]) -> int:
    """Stores a new one behind its owner's others; returns its id. Raises TooManyMacros."""
    with store.write() as connection:
        count, last = connection.execute(
            select(func.count(), func.coalesce(func.max(macros.c.position), 0)).where(_is_of(owner))
        ).one()
        if count >= MOST_MACROS:
            raise TooManyMacros
        values = {"agent_id": owner, "name": name, "steps": steps, "position": last + 1}
        statement = insert(macros).values(**values, updated_by=by, updated_at=moment_of(connection))
        macro_id: int = connection.execute(statement.returning(macros.c.id)).scalar_one()
        record(connection, "macro_saved", by, f"macro:{macro_id}", name=name, shared=owner is None)
        return macro_id


def change_macro(store: Store, macro_id: int, by: int, owner: int | None, name: str, steps: dict[str, Any]) -> bool:
    """Gives it other steps, another name or owner. False: it is gone. Raises TooManyMacros."""
    with store.write() as connection:
        former = _find(connection, macro_id)
        if former is None:
            return False
        position = former.position
        if former.agent_id != owner:
            count, last = connection.execute(
                select(func.count(), func.coalesce(func.max(macros.c.position), 0)).where(_is_of(owner))
            ).one()
            if count >= MOST_MACROS:
                raise TooManyMacros
            position = last + 1
        values = {"agent_id": owner, "name": name, "steps": steps, "position": position}
        statement = update(macros).where(macros.c.id == macro_id)
        connection.execute(statement.values(**values, updated_by=by, updated_at=moment_of(connection)))
        record(connection, "macro_saved", by, f"macro:{macro_id}", name=name, shared=owner is None)
        return True


def delete_macro(store: Store, macro_id: int, by: int) -> bool:
    """Removes it. False: it is gone already."""
    with store.write() as connection:
        name = connection.execute(delete(macros).where(macros.c.id == macro_id).returning(macros.c.name)).scalar()
        if name is None:
            return False
        record(connection, "macro_deleted", by, f"macro:{macro_id}", name=name)
        return True


def raise_macro(store: Store, macro_id: int) -> bool:
    """Puts it before the one that stands before it. False: it is gone. The first one stays where it is."""
    with store.write() as connection:
        this = _find(connection, macro_id)
        return this is not None and raise_row(connection, macros, _is_of(this.agent_id), macro_id)


def place_macro(store: Store, macro_id: int, before: int | None) -> bool:
    """Puts it before another one of the same owner, or last (None). False: one of them is gone, or another's."""
    with store.write() as connection:
        this = _find(connection, macro_id)
        return this is not None and place_row(connection, macros, _is_of(this.agent_id), macro_id, before)


def _find(connection: Connection, macro_id: int) -> Macro | None:
    row = connection.execute(select(*_SHOWN).where(macros.c.id == macro_id)).mappings().first()
    return Macro(**row) if row else None


def _is_of(owner: int | None) -> ColumnElement[bool]:
    return macros.c.agent_id.is_(None) if owner is None else macros.c.agent_id == owner
