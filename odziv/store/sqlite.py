"""SQLite as the database: a file in the data folder, any number of readers, one writer at a time.

SQLite before 3.51.3 can corrupt a write-ahead log when two connections write or checkpoint at the same instant. So one
connection does both, readers do neither, and a lock file keeps a second process (a command beside the server) out for
the length of a transaction; a killed process frees it.
"""

from __future__ import annotations

import contextlib
import fcntl
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.engine import URL, ExceptionContext
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from odziv.bus.bus import Transport
from odziv.bus.sockets import LocalSockets
from odziv.store.damage import (
    BUSY_SECONDS,
    DatabaseBroken,
    examine,
    has_room,
    is_damage,
    reason_of,
    tell_broken,
    tell_damaged,
)

BUSY_MS = round(BUSY_SECONDS * 1000)
SCRUB_MS = 200  # for which a reader, such as a backup, is waited for while everybody who writes waits too
LOCK_SECONDS = 30.0  # for which our own processes and threads wait for each other
FIRST_PAUSE, LONGEST_REST = 0.0005, 0.02  # seconds between two looks whether another process is done
# secure_delete: what a customer had deleted must not stay in pages that are free.
WRITER_PRAGMAS = ("journal_mode=WAL", "foreign_keys=ON", f"busy_timeout={BUSY_MS}", "secure_delete=ON")
# Whether a commit waits for the disk. The log is in order either way, and a commit that waits has all before it there.
SYNCHRONOUS = {True: "FULL", False: "NORMAL"}


class SQLiteFile:
    """The file, opened. Raises DatabaseBroken where it can't be used.

    `name` is what messages call it, `damage` a sentence once SQLite met some.
    """

    def __init__(self, url: URL) -> None:
        self.path = Path(url.database or "")
        self.name = str(self.path)
        self.damage: str | None = None
        self.write_lock = threading.Lock()
        self._keeping = threading.Lock()
        self._keeper: BinaryIO | None = None
        with self._told():
            self._lock_file = open(self.path.with_name(self.path.name + ".lock"), "a+b")  # noqa: SIM115
        try:
            with self._told():
                self._connect(url)
        except DatabaseBroken:
            self._lock_file.close()
            raise

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (OSError, sqlite3.Error, SQLAlchemyError) as error:
            raise DatabaseBroken(tell_broken(self.name, error)) from error

    def _connect(self, url: URL) -> None:
        # Without hide_parameters, an error's text (and so the log) would quote what a customer wrote.
        self.writer = create_engine(url, pool_size=1, max_overflow=0, pool_timeout=30, hide_parameters=True)
        self.reader = create_engine(url, pool_size=8, max_overflow=64, hide_parameters=True)
        event.listen(self.writer, "connect", _prepare_writer)
        event.listen(self.reader, "connect", _prepare_reader)
        for engine in (self.writer, self.reader):
            event.listen(engine, "handle_error", self._note_damage)
        event.listen(self.writer, "begin", lambda c: c.exec_driver_sql("BEGIN IMMEDIATE"))
        event.listen(self.reader, "begin", lambda c: c.exec_driver_sql("BEGIN"))
        with self.exclusive():
            _begin_file(self.path)
            examine(self.path, wholly=False)
            with self.writer.connect() as connection:  # the first connection sets WAL mode
                connection.exec_driver_sql("SELECT count(*) FROM sqlite_master")
            self._inode = self.path.stat().st_ino

    @contextlib.contextmanager
    def exclusive(self) -> Iterator[None]:
        """Nobody else writes meanwhile, in this process or another. Raises OperationalError when a lock is not to be
        had in time."""
        ends = time.monotonic() + LOCK_SECONDS
        if not self.write_lock.acquire(timeout=LOCK_SECONDS):
            raise _locked("another thread has been writing for too long")
        try:
            try:
                _flock_within(self._lock_file, ends - time.monotonic())
            except TimeoutError as error:
                raise _locked(str(error)) from error
            try:
                yield
            finally:
                fcntl.flock(self._lock_file, fcntl.LOCK_UN)
        finally:
            self.write_lock.release()

    def reading(self) -> Connection:
        """A connection that sees one moment from its first statement on, and can't write."""
        return self.reader.connect()

    @contextlib.contextmanager
    def writing(self, lasting: bool = True) -> Iterator[Connection]:
        """One transaction, of the only writer; `lasting` is as for `Store.write`."""
        with self.exclusive(), self.writer.connect() as connection:
            _set_lasting(connection, lasting)
            with connection.begin():
                yield connection

    @contextlib.contextmanager
    def migrating(self) -> Iterator[Connection]:
        """The writer's connection, while nobody else writes; Alembic begins and commits on it."""
        with self.exclusive(), self.writer.connect() as connection:
            _set_lasting(connection, True)
            yield connection

    def _note_damage(self, context: ExceptionContext) -> None:
        """Remembers that damage was met, wherever that was: it is told as long as this process runs."""
        if is_damage(context.original_exception):
            self.damage = tell_damaged(self.name, reason_of(context.original_exception))

    tells_others = False  # SQLite has no way to

    def tell(self, connection: Connection, origin: str, touched: set[str]) -> None:
        """Nothing, inside a transaction."""

    def make_transport(self, folder: Path, name: str) -> Transport:
        """Who shares a file is on one machine."""
        return LocalSockets(folder, name)

    def scrub(self, *, compact: bool) -> bool:
        """Takes what was deleted out of the write-ahead log; False when readers kept it from that.

        With `compact` the file is also written anew, without the remains of what earlier versions deleted.
        """
        with self.exclusive(), contextlib.closing(self.writer.raw_connection()) as connection:
            if compact:
                connection.execute("VACUUM")
            connection.execute(f"PRAGMA busy_timeout={SCRUB_MS}")
            try:
                is_busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            finally:
                connection.execute(f"PRAGMA busy_timeout={BUSY_MS}")
        return not is_busy

    def keeps(self) -> bool:
        """Whether this process does what is to be done once for the database: of several one has a lock on a file, as
        long as it runs. Raises OperationalError where that can't be known."""
        with self._keeping:
            if self._keeper is None:
                try:
                    self._keeper = _take_keeper(self.path.with_name(f"{self.path.name}.keeper"))
                except OSError as error:
                    raise _locked(f"it can't be known who looks after it: {error}") from error
            return self._keeper is not None

    def probe(self, seconds: float) -> str | None:
        """Why nothing can be stored now; None when it can: a number in the file's head is written. Takes no longer
        than some seconds, whoever holds a lock; for each is waited so many."""
        if not self.path.exists() or self.path.stat().st_ino != self._inode:
            return f"nothing can be stored: {self.path.name} is gone, or another file than it was"
        if not has_room(self.path):
            return "nothing can be stored: the disk is full"
        try:
            self._store_a_number(seconds)
        except (SQLAlchemyError, sqlite3.Error, OSError) as error:
            why = getattr(error, "orig", None) or error
            return f"nothing can be stored: {str(why)[:200]}"
        return None

    def _store_a_number(self, seconds: float) -> None:
        """Commits what changes nothing. Raises what SQLite raises, and TimeoutError when a lock is not to be had."""
        if not self.write_lock.acquire(timeout=seconds):
            raise TimeoutError("another thread has been writing for seconds")
        try:
            _flock_within(self._lock_file, seconds)
            try:
                with contextlib.closing(self.writer.raw_connection()) as connection:
                    _count_up(connection, seconds)
            finally:
                fcntl.flock(self._lock_file, fcntl.LOCK_UN)
        finally:
            self.write_lock.release()

    def close(self) -> None:
        """Closes every connection. The last one to close checkpoints, so it does that under the lock."""
        if self._lock_file.closed:
            return
        with self._keeping:
            if self._keeper is not None:
                self._keeper.close()
                self._keeper = None
        self.reader.dispose()
        with contextlib.suppress(OperationalError), self.exclusive():
            self.writer.dispose()
        self._lock_file.close()


def _set_lasting(connection: Connection, is_lasting: bool) -> None:
    """Said before each transaction, so that none goes by what one before it was to be."""
    driver = connection.connection.driver_connection
    assert driver is not None
    driver.execute(f"PRAGMA synchronous={SYNCHRONOUS[is_lasting]}")


def _take_keeper(path: Path) -> BinaryIO | None:
    """The file, locked for as long as it is open; None where another process has it."""
    file = open(path, "a+b")  # noqa: SIM115
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    except BaseException:
        file.close()
        raise
    return file


def _begin_file(path: Path) -> None:
    """Makes a database where none is. It appears with its first page: an empty one was cut off, and is refused."""
    if path.exists():
        return
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    with contextlib.closing(sqlite3.connect(draft)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
    draft.rename(path)


def _locked(why: str) -> OperationalError:
    """As if SQLite had said so."""
    error = sqlite3.OperationalError(f"database is locked: {why}")
    error.sqlite_errorcode = sqlite3.SQLITE_BUSY
    return OperationalError("BEGIN IMMEDIATE", None, error)


def _flock_within(file, seconds: float) -> None:
    """Waits for the lock, looking ever less often: mostly a transaction of another process is over in milliseconds."""
    ends, pause = time.monotonic() + seconds, FIRST_PAUSE
    while True:
        try:
            return fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > ends:
                raise TimeoutError("another process holds the database's lock") from None
            time.sleep(pause)
            pause = min(LONGEST_REST, pause * 1.2)


def _count_up(connection, seconds: float) -> None:
    """Raises the number in the head of the file that SQLite leaves to its users, and that we have no other use for."""
    connection.execute(f"PRAGMA busy_timeout={round(seconds * 1000)}")
    try:
        connection.execute("BEGIN IMMEDIATE")
        number = connection.execute("PRAGMA user_version").fetchone()[0]
        connection.execute(f"PRAGMA user_version={(number + 1) % 1_000_000}")
        connection.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise
    finally:
        connection.execute(f"PRAGMA busy_timeout={BUSY_MS}")


def _prepare_writer(connection, _record) -> None:
    connection.isolation_level = None  # transactions are ours (BEGIN IMMEDIATE), not the driver's
    for pragma in (*WRITER_PRAGMAS, f"synchronous={SYNCHRONOUS[True]}"):
        connection.execute(f"PRAGMA {pragma}")


def _prepare_reader(connection, _record) -> None:
    connection.isolation_level = None
    for pragma in ("query_only=ON", "wal_autocheckpoint=0", "busy_timeout=10000"):
        connection.execute(f"PRAGMA {pragma}")
