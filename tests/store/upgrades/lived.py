"""Databases that have lived: migrated version by version, with rows written at each, as `tests/data/upgrades` has them.

A file there has the name of a migration and what people had written once they had that version, in SQL that SQLite and
PostgreSQL read alike.
"""

from __future__ import annotations

import shutil
import sqlite3
from abc import ABC, abstractmethod
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import NullPool, create_engine, inspect, text

from odziv.store import Store
from odziv.store.migrate import migrate
from odziv.store.schema import metadata
from tests.postgresql.server import PostgreSQLServer

WRITTEN = Path(__file__).parents[2] / "data" / "upgrades"
REVISIONS = sorted(path.stem for path in WRITTEN.glob("*.sql"))
# What tables and columns are called since 0015.
TABLES = {
    "duties": "availability",
    "held_replies": "scheduled_replies",
    "outbox": "mail_queue",
    "letters": "notifications",
}
COLUMNS = {"ticket": "after_hours", "promised_at": "target_at"}
# Made of what is in the others, again and again.
MADE = {"search_entries", "search_filling"}

# On PostgreSQL it first ran with this one; on SQLite with all of them.
FIRST_ON_POSTGRESQL = "0018_search"
ON_POSTGRESQL = [each for each in REVISIONS if each >= FIRST_ON_POSTGRESQL]

Rows = dict[str, list[dict[str, Any]]]


def each_version(*, slow: bool = False) -> pytest.MarkDecorator:
    """Parametrises a test with `lived` and `revision`. With `slow` all but the oldest version are."""
    cases = [("in_files", revision, ()) for revision in REVISIONS]
    cases += [("on_server", revision, (pytest.mark.postgresql,)) for revision in ON_POSTGRESQL]
    later = (pytest.mark.slow,) if slow else ()
    params = [
        pytest.param(kind, revision, marks=marks + (() if revision == REVISIONS[0] else later))
        for kind, revision, marks in cases
    ]
    return pytest.mark.parametrize(("lived", "revision"), params, indirect=["lived"])


class Lived(ABC):
    """A database for each version; `copy` makes one of them to be upgraded, and returns its address."""

    def __init__(self, files: Path) -> None:
        self._files = files
        for revision in REVISIONS:
            store = Store(self._living, files=files)
            migrate(store, revision)
            store.close()
            self._write((WRITTEN / f"{revision}.sql").read_text(encoding="utf-8"))
            self._keep(revision)

    _living: str

    @abstractmethod
    def _write(self, statements: str) -> None: ...

    @abstractmethod
    def _keep(self, revision: str) -> None: ...

    @abstractmethod
    def copy(self, revision: str) -> str: ...

    def open(self, revision: str) -> Store:
        """A copy, not yet upgraded."""
        return Store(self.copy(revision), files=self._files)


class LivedInFiles(Lived):
    """SQLite's."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._copies = folder, 0
        self._file = folder / "odziv.sqlite"
        self._living = f"sqlite:///{self._file}"
        super().__init__(folder / "attachments")

    def _write(self, statements: str) -> None:
        with closing(sqlite3.connect(self._file)) as connection:
            connection.executescript(f"PRAGMA foreign_keys=ON; BEGIN; {statements}; COMMIT")

    def _keep(self, revision: str) -> None:
        shutil.copyfile(self._file, self._folder / f"{revision}.sqlite")

    def copy(self, revision: str) -> str:
        self._copies += 1
        copy = self._folder / f"copy-{self._copies}.sqlite"
        shutil.copyfile(self._folder / f"{revision}.sqlite", copy)
        return f"sqlite:///{copy}"


class LivedOnServer(Lived):
    """PostgreSQL's."""

    def __init__(self, server: PostgreSQLServer, folder: Path) -> None:
        self._server, self._copies = server, 0
        server.run("CREATE DATABASE living")
        self._living = server.url("living")
        super().__init__(folder / "attachments")

    def _write(self, statements: str) -> None:
        self._server.run(statements, database="living")

    def _keep(self, revision: str) -> None:
        if revision in ON_POSTGRESQL:
            self._server.create(f"lived_{revision}", "living")

    def copy(self, revision: str) -> str:
        self._copies += 1
        return self._server.create(f"copy_{self._copies}", f"lived_{revision}")


def read_rows(url: str) -> Rows:
    """Every row of every table by the names that tables and columns have now, in an order of its own."""
    found: Rows = {}
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"), poolclass=NullPool)
    with engine.connect() as connection:
        ours = (metadata.tables.keys() | TABLES.keys()) - MADE
        for table in sorted(ours & set(inspect(connection).get_table_names())):
            rows = connection.execute(text(f"SELECT * FROM {table}")).mappings()
            named = [{COLUMNS.get(name, name): value for name, value in row.items()} for row in rows]
            found[TABLES.get(table, table)] = sorted(named, key=repr)
    return found


def only_columns_of(before: Rows, rows: Rows) -> Rows:
    """The rows, with no tables and columns but those that were there before."""
    found = {}
    for table, old in before.items():
        columns = old[0].keys() if old else ()
        found[table] = sorted(({name: row[name] for name in columns} for row in rows[table]), key=repr)
    return found


def version_of(url: str) -> str:
    """Which migration ran last."""
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"), poolclass=NullPool)
    with engine.connect() as connection:
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
