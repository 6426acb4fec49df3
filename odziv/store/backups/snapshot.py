"""Copies of SQLite databases as they stand at one moment, made while others write."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from sqlalchemy import text

from odziv.store.engine import Store

PAGES = 2000  # of a step: some eight megabytes
COUNTED = ("conversations", "messages", "agents", "attachments")
SLOW_WRITER_SECONDS = 10


def copy_database(store: Store, target: Path, told: Callable[[int, int], None]) -> None:
    """Writes the store's database, as it is when this begins, into a new file.

    The copy is read in a transaction of its own, so nobody who writes waits for it, and nothing that is written
    meanwhile is in it. `told` hears after each step how many pages are left, and of how many. The database is a file
    of SQLite.
    """
    with store.read() as connection:
        # The transaction sees from its first reading on what was committed until then.
        connection.execute(text("SELECT count(*) FROM sqlite_master"))
        source = connection.connection.driver_connection
        assert isinstance(source, sqlite3.Connection)
        _copy(source, target, told)


def copy_trackers(source: Path, target: Path) -> None:
    """Writes what Rasa remembers of running conversations, as it is at one moment, into a new file."""
    address = f"{source.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, uri=True, timeout=SLOW_WRITER_SECONDS)) as connection:
        connection.execute("BEGIN")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        _copy(connection, target, lambda _left, _all: None)


def _copy(source: sqlite3.Connection, target: Path, told: Callable[[int, int], None]) -> None:
    with closing(sqlite3.connect(target)) as copy:
        copy.execute("PRAGMA journal_mode=OFF")
        copy.execute("PRAGMA synchronous=OFF")  # of a draft; what is made of it is synced
        source.backup(copy, pages=PAGES, progress=lambda _status, left, every: told(left, every))
        copy.execute("PRAGMA journal_mode=DELETE").fetchone()  # one file, without a log beside it


def read_revision(database: Path) -> str | None:
    """Which version's schema a database has; None where it has none of ours."""
    with closing(_open(database)) as connection:
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone():
            return None
        found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return found and str(found[0])


def count_rows(database: Path, tables: tuple[str, ...] = COUNTED) -> dict[str, int]:
    """How many rows each of these tables has; those that an older version has not are left out."""
    with closing(_open(database)) as connection:
        names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        return {
            table: connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]
            for table in tables
            if table in names
        }


def list_tables(database: Path) -> tuple[str, ...]:
    """The names of all tables but those of indexes, whose rows can't always be counted: a virtual one, and its own."""
    with closing(_open(database)) as connection:
        found = connection.execute(
            "SELECT name, sql LIKE 'CREATE VIRTUAL %' FROM sqlite_master"
            " WHERE type = 'table' AND name NOT LIKE 'sqlite~_%' ESCAPE '~'"
        ).fetchall()
        indexes = tuple(name for name, is_virtual in found if is_virtual)
        its_own = tuple(f"{name}_" for name in indexes)
        return tuple(name for name, _ in found if name not in indexes and not name.startswith(its_own))


def list_attachment_ids(database: Path) -> set[str]:
    """The files that conversations in this database have."""
    with closing(_open(database)) as connection:
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'attachments'").fetchone():
            return set()
        return {file_id for (file_id,) in connection.execute("SELECT id FROM attachments")}


def _open(database: Path) -> sqlite3.Connection:
    """To be read. Without a log nobody else has the file open, and none is made beside it."""
    immutable = "" if database.with_name(f"{database.name}-wal").exists() else "&immutable=1"
    address = f"{database.absolute().as_uri()}?mode=ro{immutable}"
    return sqlite3.connect(address, uri=True, timeout=SLOW_WRITER_SECONDS)
