"""PostgreSQL as the database: any number of readers, one writer at a time.

Each transaction that writes first takes one lock of the whole database (`pg_advisory_xact_lock`), and has it until it
is committed. Every verb was written for SQLite, where there is one writer: it reads a state, decides, and writes, and
counts the next number of a conversation. With the lock all of that holds here too, in however many processes, and what
is read after it was taken is what others have committed: that is why writers are READ COMMITTED, where each statement
looks anew, and not REPEATABLE READ, which would keep to what stood there before the lock was waited for. Numbers that
rise (audit, deliveries) are seen in their order. Two transactions of ours can't wait for each other in a circle, and
none is refused for having read what another changed; so none has to be tried again. What others do at a prompt, without
the lock, the constraints still hold to: one running turn, one message for a client's id, one reaction.

A lock by conversation would let more write at once. What it could win is small while one process serves everybody: a
commit takes a millisecond or two, a turn's arithmetic fifty. Within a process a thread's lock is taken before, so that
those who wait don't each hold a connection.

Readers are REPEATABLE READ and READ ONLY: what `Store.read()` shows is one moment, as on SQLite. READ COMMITTED would
show a log without a message and, a statement later, a conversation that counts it.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
from psycopg import IsolationLevel
from psycopg.types.string import StrDumperUnknown
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, ExceptionContext
from sqlalchemy.exc import InvalidatePoolError, OperationalError, SQLAlchemyError, TimeoutError

from odziv.bus.bus import Transport
from odziv.store.damage import DatabaseBroken, tell_broken
from odziv.store.notifications import Notifications, notify_touched
from odziv.store.postgresql_errors import hide_values, is_damage, is_postgresql, name_of_server, reason_of, tell

DRIVER = "postgresql+psycopg"
OLDEST = 15  # the oldest version that is tested
# The numbers of two locks: whoever writes has the one, the server that does what is done once the other.
WRITING, KEEPING = int.from_bytes(b"odziv", "big"), int.from_bytes(b"odzivk", "big")
RESTED_SECONDS = 1.0
LOCK_SECONDS = 30  # for which our own processes and threads wait for each other
# Streams are hundreds, but each reads for a few milliseconds and gives its connection back. More than this many at once
# only make the server slower; PostgreSQL's own limit is 100 unless it is set otherwise.
POOL = {"pool_size": 10, "max_overflow": 30, "pool_timeout": 10}
# libpq's: how long to wait for a server that doesn't answer, and when to give up one that has gone.
CONNECTING = {
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
    "application_name": "odziv",
    "client_encoding": "utf8",
}
# An acknowledged message is on the disk: a server that is set to say so before is told otherwise, one that is set to
# more than that (a copy has it too) is left so. Compiling plans costs more than our small questions take.
SETTINGS = (
    f"SET lock_timeout = '{LOCK_SECONDS}s'",
    "SET jit = off",
    "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'",
)


class PostgreSQLDatabase:
    """A database on a server. Raises DatabaseBroken where it can't be used.

    `name` is what messages call it, `damage` a sentence once the server said that its files are damaged.
    """

    def __init__(self, url: URL) -> None:
        self.name, self._url = name_of_server(url), url
        self.damage: str | None = None
        self.write_lock = threading.Lock()
        self._keeping = threading.Lock()
        self._keeper: Connection | None = None
        self.writer = self._engine(url, IsolationLevel.READ_COMMITTED, pool_size=1, max_overflow=0)
        self.reader = self._engine(url, IsolationLevel.REPEATABLE_READ, read_only=True, **POOL)
        self._keepers = self._engine(url, IsolationLevel.READ_COMMITTED, pool_size=1, max_overflow=0)
        try:
            self._check_server()
        except (SQLAlchemyError, DatabaseBroken) as error:
            self.close()
            if isinstance(error, DatabaseBroken):
                raise
            raise DatabaseBroken(tell_broken(self.name, error)) from error

    def _engine(self, url: URL, isolation: IsolationLevel, *, read_only: bool = False, **pool: Any) -> Engine:
        own = {name: value for name, value in CONNECTING.items() if name not in url.query}
        # Without hide_parameters, an error's text (and so the log) would quote what a customer wrote.
        engine = create_engine(url.set(drivername=DRIVER), hide_parameters=True, connect_args=own, **pool)
        event.listen(engine, "checkin", _note_rest)
        event.listen(engine, "checkout", _ask_rested)
        event.listen(engine, "connect", lambda connection, _record: _prepare(connection, isolation, read_only))
        event.listen(engine, "handle_error", self._note_error)
        return engine

    def _check_server(self) -> None:
        """Raises DatabaseBroken for a server, or a database, that is not fit."""
        with self.writer.connect() as connection:
            info = _driver(connection).info
            version, encoding = info.server_version // 10_000, info.parameter_status("server_encoding")
        if version < OLDEST:
            raise DatabaseBroken(f"{self.name} is PostgreSQL {version}; Odziv needs {OLDEST} or newer")
        if encoding != "UTF8":
            raise DatabaseBroken(
                f"the database {self.name} can't hold every language: its encoding is {encoding}, and has to be UTF8"
                " (CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0)"
            )

    def _note_error(self, context: ExceptionContext) -> None:
        if not is_postgresql(context.original_exception):
            return
        hide_values(context)
        if is_damage(context.original_exception):
            self.damage = tell(self.name, context.original_exception)

    @contextlib.contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one moment. Raises OperationalError where none is free in time."""
        try:
            connection = self.reader.connect()
        except TimeoutError as error:
            raise _away("no connection is free") from error
        with connection:
            yield connection

    @contextlib.contextmanager
    def writing(self, lasting: bool = True) -> Iterator[Connection]:
        """One transaction, of the only writer; `lasting` is as for `Store.write`."""
        with self._only_thread(LOCK_SECONDS), self.writer.begin() as connection:
            connection.execute(_TAKE_LOCK if lasting else _TAKE_LOCK_UNSYNCED)
            yield connection

    @contextlib.contextmanager
    def migrating(self) -> Iterator[Connection]:
        """The writer's connection, while nobody else writes; the lock is the session's, since Alembic commits."""
        with self._only_thread(LOCK_SECONDS), self.writer.connect() as connection:
            connection.execute(text(f"SELECT pg_advisory_lock({WRITING})"))
            connection.commit()
            try:
                yield connection
            finally:
                with contextlib.suppress(SQLAlchemyError):  # a connection that broke has no lock
                    connection.rollback()
                    connection.execute(text(f"SELECT pg_advisory_unlock({WRITING})"))
                    connection.commit()

    @contextlib.contextmanager
    def _only_thread(self, seconds: float) -> Iterator[None]:
        if not self.write_lock.acquire(timeout=seconds):
            raise _away("another thread has been writing for too long")
        try:
            yield
        finally:
            self.write_lock.release()

    def keeps(self) -> bool:
        """Whether this process does what is to be done once for the database: of several servers one has a lock, as
        long as its connection lasts. Raises OperationalError where it can't be asked."""
        with self._keeping:
            try:
                if self._keeper is not None:
                    self._keeper.execute(text("SELECT 1"))
                else:
                    self._try_to_keep()
                if self._keeper is not None:
                    self._keeper.commit()
            except SQLAlchemyError:
                self._keep_no_more()
                raise
            return self._keeper is not None

    def _try_to_keep(self) -> None:
        self._keeper = self._keepers.connect()
        if not self._keeper.execute(text(f"SELECT pg_try_advisory_lock({KEEPING})")).scalar_one():
            self._keep_no_more()

    def _keep_no_more(self) -> None:
        """Ends the connection, and with it the lock."""
        if self._keeper is not None:
            self._keeper.invalidate()
            self._keeper.close()
            self._keeper = None

    tells_others = True  # and does so with the commit

    def tell(self, connection: Connection, origin: str, touched: set[str]) -> None:
        """Has other processes hear of what this transaction touched, once it is committed."""
        notify_touched(connection, origin, touched)

    def make_transport(self, folder: Path, name: str) -> Transport:
        """Over the server."""
        return Notifications(self._url, CONNECTING)

    def scrub(self, *, compact: bool) -> bool:
        """Nothing: the server's own vacuum overwrites what was deleted, in its time."""
        return True

    def probe(self, seconds: float) -> str | None:
        """Why nothing can be stored now; None when it can: a row is written as it is. Takes no longer than some
        seconds, whoever holds a lock."""
        milliseconds = round(seconds * 1000)
        try:
            with self._only_thread(seconds), self.writer.begin() as connection:
                connection.execute(text(f"SET LOCAL statement_timeout = {milliseconds}"))
                connection.execute(_TAKE_LOCK)
                connection.execute(text("UPDATE alembic_version SET version_num = version_num"))
        except SQLAlchemyError as error:
            return f"nothing can be stored: {reason_of(error)}"
        return None

    def close(self) -> None:
        """Closes every connection that is not in use."""
        with self._keeping:
            self._keep_no_more()
        for engine in (self.reader, self.writer, self._keepers):
            engine.dispose()


_TAKE_LOCK = text(f"SELECT pg_advisory_xact_lock({WRITING})")
_TAKE_LOCK_UNSYNCED = text(f"SELECT pg_advisory_xact_lock({WRITING}), set_config('synchronous_commit', 'off', true)")


def _driver(connection: Connection) -> psycopg.Connection[Any]:
    found = connection.connection.driver_connection
    assert isinstance(found, psycopg.Connection)
    return found


def _note_rest(_connection: Any, record: Any) -> None:
    record.info["rests_since"] = time.monotonic()


def _ask_rested(connection: Any, record: Any, _proxy: Any) -> None:
    """Asks a connection that rested whether it is still there: its server may have been started again. Asking each time
    it is taken would be a fifth of all that is asked. Raises InvalidatePoolError, and another is made."""
    if time.monotonic() - record.info.get("rests_since", time.monotonic()) < RESTED_SECONDS:
        return
    try:
        connection.execute("SELECT 1")
        connection.rollback()
    except psycopg.Error as error:
        raise InvalidatePoolError("the server has gone meanwhile") from error


def _prepare(connection: psycopg.Connection[Any], isolation: IsolationLevel, read_only: bool) -> None:
    """Before a connection is used for the first time."""
    for statement in SETTINGS:
        connection.execute(statement)
    connection.commit()
    connection.isolation_level = isolation
    connection.read_only = read_only or None  # else as the server has it: whoever made it read only meant that
    connection.adapters.register_dumper(str, _TextDumper)


class _TextDumper(StrDumperUnknown):
    """PostgreSQL has no NUL in a text, and would refuse a message with one. Every text that is sent comes by here."""

    def dump(self, obj: str) -> Any:
        return super().dump(obj.replace("\0", "") if "\0" in obj else obj)


def _away(why: str) -> OperationalError:
    """As if the driver had said so."""
    return OperationalError(None, None, psycopg.OperationalError(why))
