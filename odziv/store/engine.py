"""Opens the database and hands out connections: any number of readers, one writer at a time."""

from __future__ import annotations

import contextlib
import fcntl
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, select
from sqlalchemy.engine import ExceptionContext, make_url
from sqlalchemy.exc import OperationalError, SQLAlchemyError

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
from odziv.store.files import Files
from odziv.store.search.entries import keep_customers
from odziv.store.steady_clock import SteadyClock

StoreFailed = SQLAlchemyError  # whatever goes wrong with the database, for those who know no SQL
StoreAway = OperationalError  # of these, what is nobody's fault and passes: it is locked, full, or not there
LISTS = "lists"  # touched by whatever may show in a list of the desk: the queue, an inbox, who is there
HOUR_MS = 60 * 60 * 1000
DAY_MS = 24 * HOUR_MS
BUSY_MS = round(BUSY_SECONDS * 1000)
SCRUB_MS = 200  # for which a reader, such as a backup, is waited for while everybody who writes waits too
LOCK_SECONDS = 30.0  # for which our own processes and threads wait for each other
# How long to try whether something can be stored, and for how long the answer counts.
PROBE_SECONDS, GOOD_NEWS_SECONDS, BAD_NEWS_SECONDS = 1.5, 5.0, 1.0
# secure_delete: what a customer had deleted must not stay in pages that are free.
WRITER_PRAGMAS = (
    "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_MS}", "secure_delete=ON",
)  # fmt: skip


def now_ms() -> int:
    """The machine's clock: milliseconds since 1970-01-01 UTC. Only a store reads it; everybody else asks the store."""
    return time.time_ns() // 1_000_000


def iso_time(milliseconds: int) -> str:
    """ISO 8601 in UTC with milliseconds."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Store:
    """A database by URL. `read()` and `write()` yield connections; listeners hear what a commit touched.

    `clock` gives milliseconds since 1970; every moment that is stored, or compared with one that is, is read from it.
    `files` is the folder of what customers and agents attach, beside the database unless it says otherwise.
    """

    def __init__(self, url: str, clock: Callable[[], int] | None = None, files: Path | None = None) -> None:
        self.url, self.clock = make_url(url), clock or SteadyClock(now_ms)
        self.files = Files(files or Path(self.url.database or "").parent / "attachments")
        self._write_lock = threading.Lock()
        self._listeners: list[Callable[[set[str]], None]] = []
        self._damage: str | None = None  # what SQLite said when it met some
        self._probing, self._probed_until, self._probe_says = threading.Lock(), 0.0, None
        # What stands after the @ of our e-mail address; None: no mail goes out.
        self.mail_domain: str | None = None
        if self.url.get_backend_name() == "sqlite":
            self._open_sqlite(Path(self.url.database or ""))
        else:
            self._lock_file = None
            self._writer = self._reader = create_engine(self.url, pool_pre_ping=True, hide_parameters=True)

    def possible_moments(self) -> tuple[int, ...]:
        """What time it may be, to compare with others' clocks: our own says, and the machine's, if that differs."""
        return tuple(dict.fromkeys((self.clock(), getattr(self.clock, "machine", self.clock)())))

    @classmethod
    def in_folder(cls, folder: Path) -> Store:
        """The SQLite database of a data folder, made if missing."""
        folder.mkdir(parents=True, exist_ok=True)
        return cls(f"sqlite:///{folder / 'odziv.sqlite'}")

    def _open_sqlite(self, path: Path) -> None:
        self._lock_file = None
        try:
            self._connect_sqlite(path)
        except (OSError, sqlite3.Error, SQLAlchemyError, DatabaseBroken) as error:
            if self._lock_file is not None:
                self._lock_file.close()
            if isinstance(error, DatabaseBroken):
                raise
            raise DatabaseBroken(tell_broken(str(path), error)) from error

    def _connect_sqlite(self, path: Path) -> None:
        # SQLite before 3.51.3 can corrupt a WAL when two connections write or checkpoint at the same
        # instant. So one connection does both, readers do neither, and a lock file keeps a second process
        # (a command beside the server) out for the length of a transaction; a killed process frees it.
        self._lock_file = open(path.with_name(path.name + ".lock"), "a+b")  # noqa: SIM115
        # Without hide_parameters, an error's text (and so the log) would quote what a customer wrote.
        self._writer = create_engine(self.url, pool_size=1, max_overflow=0, pool_timeout=30, hide_parameters=True)
        self._reader = create_engine(self.url, pool_size=8, max_overflow=64, hide_parameters=True)
        event.listen(self._writer, "connect", _prepare_writer)
        event.listen(self._reader, "connect", _prepare_reader)
        for engine in (self._writer, self._reader):
            event.listen(engine, "handle_error", self._note_damage)
        event.listen(self._writer, "begin", lambda c: c.exec_driver_sql("BEGIN IMMEDIATE"))
        event.listen(self._reader, "begin", lambda c: c.exec_driver_sql("BEGIN"))
        with self._exclusive():
            _begin_file(path)
            examine(path, wholly=False)
            with self._writer.connect() as connection:  # the first connection sets WAL mode
                connection.exec_driver_sql("SELECT count(*) FROM sqlite_master")
            self._inode = path.stat().st_ino

    def listen(self, listener: Callable[[set[str]], None]) -> None:
        """Call `listener` after each commit with what it changed: ids of conversations, keys of agents, LISTS."""
        self._listeners.append(listener)

    @contextlib.contextmanager
    def read(self) -> Iterator[Connection]:
        """A consistent view; anything written on it fails on SQLite."""
        with self._reader.connect() as connection:
            connection.info["clock"] = self.clock
            yield connection

    @contextlib.contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction: committed when the block ends, rolled back when it raises."""
        touched: set[str] = set()
        with self._exclusive(), self._writer.begin() as connection:
            connection.info.update(touched=touched, mail_domain=self.mail_domain, clock=self.clock)
            yield connection
            if touched:  # whoever changed what is known of a customer: they are found by it from now on
                keep_customers(connection, touched)
        for listener in self._listeners if touched else ():
            listener(touched)

    @contextlib.contextmanager
    def _exclusive(self) -> Iterator[None]:
        if self._lock_file is None:
            yield
            return
        ends = time.monotonic() + LOCK_SECONDS
        if not self._write_lock.acquire(timeout=LOCK_SECONDS):
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
            self._write_lock.release()

    def _note_damage(self, context: ExceptionContext) -> None:
        """Remembers that damage was met, wherever that was: it is told as long as this process runs."""
        if is_damage(context.original_exception):
            self._damage = reason_of(context.original_exception)

    def scrub(self, *, compact: bool = False) -> bool:
        """Takes what was deleted out of the write-ahead log too; False when readers kept it from that.

        With `compact` the file is also written anew, without the remains of what earlier versions deleted.
        Other databases see to both themselves.
        """
        if self._lock_file is None:
            return True
        with self._exclusive(), contextlib.closing(self._writer.raw_connection()) as connection:
            if compact:
                connection.execute("VACUUM")
            connection.execute(f"PRAGMA busy_timeout={SCRUB_MS}")
            try:
                is_busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            finally:
                connection.execute(f"PRAGMA busy_timeout={BUSY_MS}")
        return not is_busy

    @property
    def writer_engine(self) -> Engine:
        """For migrations only."""
        return self._writer

    @contextlib.contextmanager
    def migrating(self) -> Iterator[Connection]:
        """The writer's connection with nobody else writing; Alembic commits on it by itself."""
        with self._exclusive(), self._writer.connect() as connection:
            yield connection

    def is_up(self) -> bool:
        """Whether the database answers."""
        try:
            with self.read() as connection:
                return connection.execute(select(1)).scalar_one() == 1
        except SQLAlchemyError:
            return False

    def why_not_storing(self) -> str | None:
        """Why nothing can be stored now, in words for an operator; None when it can. Known anew every few seconds.

        Damage that was met counts until the end, though much may still be read and written. Else it is tried: a number
        in the file's head is written. Takes no longer than some seconds, whoever holds a lock.
        """
        if self._damage is not None:
            return tell_damaged(str(self.url.database), self._damage)
        with self._probing:
            if self._probed_until < time.monotonic():
                self._probe_says = self._probe()
                self._probed_until = time.monotonic() + (BAD_NEWS_SECONDS if self._probe_says else GOOD_NEWS_SECONDS)
            return self._probe_says

    def _probe(self) -> str | None:
        if self._lock_file is None:
            return None if self.is_up() else "the database does not answer"
        path = Path(self.url.database or "")
        if not path.exists() or path.stat().st_ino != self._inode:
            return f"nothing can be stored: {path.name} is gone, or another file than it was"
        if not has_room(path):
            return "nothing can be stored: the disk is full"
        try:
            self._store_a_number()
        except (SQLAlchemyError, sqlite3.Error, OSError) as error:
            why = getattr(error, "orig", None) or error
            return f"nothing can be stored: {str(why)[:200]}"
        return None

    def _store_a_number(self) -> None:
        """Commits what changes nothing. Raises what SQLite raises, and TimeoutError when a lock is not to be had."""
        if not self._write_lock.acquire(timeout=PROBE_SECONDS):
            raise TimeoutError("another thread has been writing for seconds")
        try:
            _flock_within(self._lock_file, PROBE_SECONDS)
            try:
                with contextlib.closing(self._writer.raw_connection()) as connection:
                    _count_up(connection)
            finally:
                fcntl.flock(self._lock_file, fcntl.LOCK_UN)
        finally:
            self._write_lock.release()

    def close(self) -> None:
        """Closes every connection. The last one to close checkpoints, so it does that under the lock."""
        if self._lock_file is not None and self._lock_file.closed:
            return
        if self._reader is not self._writer:
            self._reader.dispose()
        with contextlib.suppress(StoreAway), self._exclusive():
            self._writer.dispose()
        if self._lock_file is not None:
            self._lock_file.close()


class Joined:
    """Stands for a store inside a transaction that is already open: whatever is written belongs to it."""

    def __init__(self, connection: Connection) -> None:
        self._connection, self.clock = connection, connection.info["clock"]

    @contextlib.contextmanager
    def write(self) -> Iterator[Connection]:
        """The open transaction; its owner commits."""
        yield self._connection


def moment_of(connection: Connection) -> int:
    """What the store's clock says, for those who are inside one of its transactions: milliseconds since 1970."""
    return connection.info["clock"]()


def touch(connection: Connection, conversation_id: str, *, listed: bool = True) -> None:
    """Notes that this transaction changes a conversation (or `follow_key` of an agent), for those who follow it.

    Not `listed` is what no list of the desk shows before or after: a conversation that is and stays the bot's.
    """
    connection.info["touched"].update((conversation_id, LISTS) if listed else (conversation_id,))


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
    ends = time.monotonic() + seconds
    while True:
        try:
            return fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > ends:
                raise TimeoutError("another process holds the database's lock") from None
            time.sleep(0.02)


def _count_up(connection) -> None:
    """Raises the number in the head of the file that SQLite leaves to its users, and that we have no other use for."""
    connection.execute(f"PRAGMA busy_timeout={round(PROBE_SECONDS * 1000)}")
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
    for pragma in WRITER_PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _prepare_reader(connection, _record) -> None:
    connection.isolation_level = None
    for pragma in ("query_only=ON", "wal_autocheckpoint=0", "busy_timeout=10000"):
        connection.execute(f"PRAGMA {pragma}")
