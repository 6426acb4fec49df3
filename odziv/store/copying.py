"""Copies everything from one database into an empty one: in one transaction, and compared row by row before it ends.

Whatever goes wrong, the old database is only read, and the new one has its tables and nothing in them, as before.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    Connection,
    MetaData,
    Result,
    Select,
    String,
    Table,
    Text,
    cast,
    collate,
    func,
    insert,
    select,
    type_coerce,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.types import NullType

from odziv.store.engine import Store, StoreFailed
from odziv.store.migrate import migrate
from odziv.store.postgresql_errors import reason_of
from odziv.store.schema import metadata
from odziv.store.search.index import index_of

BATCH = 1000  # rows in memory at once


class CopyFailed(Exception):
    """The copy can't begin, or did not succeed; the message says why, and what is as it was."""


@dataclass
class Copied:
    """How many rows each table has, and how many texts had a NUL, which PostgreSQL doesn't know."""

    rows: dict[str, int] = field(default_factory=dict)
    shortened: int = 0


def read_target(told: str) -> str:
    """The address of the database that is copied to, as a store takes it. Raises CopyFailed, which doesn't repeat it:
    it may hold a password."""
    try:
        url = make_url(told)
    except (ArgumentError, ValueError):
        url = None
    if url is None or url.drivername not in ("postgresql", "postgres") or not url.database:
        raise CopyFailed("it has to be an address like postgresql://user:password@host/database")
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def copy_database(old: Store, new: Store, told: Callable[[str], None] = lambda _text: None) -> Copied:
    """Copies all of `old` into `new`, whose tables are made and have to be empty. `told` hears how far it is.

    Nobody else may write to either meanwhile. Raises CopyFailed with nothing copied.
    """
    migrate(new)
    copied = Copied()
    try:
        with old.read() as source, new.write() as target:
            _check_empty(target, new.name)
            for table in metadata.sorted_tables:
                copied.rows[table.name] = _copy_table(source, target, table, copied, told)
                _set_counter(target, table)
            _fill_index(source, target, told)
            for table in metadata.sorted_tables:
                _compare(source, target, table, told)
    except StoreFailed as error:
        raise CopyFailed(f"nothing was copied to {new.name}: {reason_of(error)}") from error
    return copied


def _check_empty(target: Connection, name: str) -> None:
    for table in metadata.sorted_tables:
        if target.execute(select(1).select_from(table).limit(1)).first() is not None:
            raise CopyFailed(
                f"the database {name} is in use: its table {table.name} has rows. An installation is copied into an"
                " empty database only, so that nothing is lost"
            )


def _copy_table(
    source: Connection, target: Connection, table: Table, copied: Copied, told: Callable[[str], None]
) -> int:
    statement, count = insert(_untyped(table)), 0
    for batch in _read(source, table).partitions(BATCH):
        rows = []
        for row in batch:
            copied.shortened += any("\0" in value for value in row if isinstance(value, str))
            rows.append(dict(zip(table.c.keys(), row, strict=True)))
        try:
            target.execute(statement, rows)
        except StoreFailed as error:
            raise CopyFailed(
                f"nothing was copied: the new database does not take rows {count + 1} to {count + len(rows)} of the"
                f" table {table.name}: {reason_of(error)}"
            ) from error
        count += len(rows)
        told(f"{table.name}: {count}")
    return count


def _untyped(table: Table) -> Table:
    """The table with JSON as the text it is stored as: read and written again, `null` might become NULL."""
    columns = [Column(c.name, NullType() if isinstance(c.type, JSON) else c.type) for c in table.c]
    return Table(table.name, MetaData(), *columns)


def _read(connection: Connection, table: Table) -> Result[Any]:
    """Its rows by primary key, as they are stored, in the same order in every database."""
    statement: Select[Any] = select(*(_as_stored(connection, column) for column in table.c))
    keys = [_in_order(connection, column) for column in table.primary_key.columns]
    return connection.execute(statement.order_by(*keys).execution_options(yield_per=BATCH))


def _as_stored(connection: Connection, column: Column[Any]) -> ColumnElement[Any]:
    if not isinstance(column.type, JSON):
        return column
    is_text = connection.dialect.name == "sqlite"
    return type_coerce(column, Text()) if is_text else cast(column, Text())


def _in_order(connection: Connection, column: Column[Any]) -> ColumnElement[Any]:
    """By their bytes, where a database would else put letters as people do."""
    is_own = isinstance(column.type, String) and connection.dialect.name == "postgresql"
    return collate(column, "C") if is_own else column


def _set_counter(target: Connection, table: Table) -> None:
    """The next row's number follows the highest there is."""
    if target.dialect.name != "postgresql" or table.autoincrement_column is None:
        return
    column = table.autoincrement_column
    highest = select(func.max(column)).scalar_subquery()
    counter = func.pg_get_serial_sequence(table.name, column.name)
    target.execute(select(func.setval(counter, func.coalesce(highest, 1), highest.is_not(None))))


def _fill_index(source: Connection, target: Connection, told: Callable[[str], None]) -> None:
    """What conversations are found by; each kind of database has an index of its own."""
    index, entries, count = index_of(target), metadata.tables["search_entries"], 0
    statement = select(entries.c.id, entries.c.folded).order_by(entries.c.id).execution_options(yield_per=BATCH)
    for batch in source.execute(statement).partitions(BATCH):
        index.add(target, [(row.id, row.folded.replace("\0", "")) for row in batch])
        count += len(batch)
        told(f"search: {count}")


def _compare(source: Connection, target: Connection, table: Table, told: Callable[[str], None]) -> None:
    """Raises CopyFailed for the first row that is not the same in both."""
    with _read(source, table) as old, _read(target, table) as new:
        for count, (before, after) in enumerate(zip_longest(old, new), start=1):
            if before is None or after is None or [_clean(value) for value in before] != list(after):
                raise CopyFailed(f"nothing was copied: row {count} of the table {table.name} came out differently")
            if not count % BATCH:
                told(f"{table.name}: {count} compared")


def _clean(value: Any) -> Any:
    return value.replace("\0", "") if isinstance(value, str) else value
