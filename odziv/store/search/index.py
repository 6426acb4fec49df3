"""The index of the database in use. Each kind of database has a module of its own, with the same functions."""

from __future__ import annotations

from types import ModuleType

from sqlalchemy import Connection

from odziv.store.search import index_postgresql, index_sqlite

KINDS: dict[str, ModuleType] = {"postgresql": index_postgresql, "sqlite": index_sqlite}


class NoIndex(Exception):
    """There is no module for this kind of database."""


def index_of(connection: Connection) -> ModuleType:
    """The module with `create`, `add`, `remove`, `find` and the others. Raises NoIndex, which names the databases."""
    name = connection.dialect.name
    if name not in KINDS:
        raise NoIndex(f"Search knows no database called {name}; it can be {', '.join(sorted(KINDS))}.")
    return KINDS[name]
