"""Opens the database and hands out connections: any number of readers, one writer at a time."""

from __future__ import annotations

import contextlib
import secrets
import threading
import time
from collections.abc import Callable, Collection, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from odziv.bus.bus import TOUCHED, Bus, Transport
from odziv.store.damage import DatabaseBroken
from odziv.store.files import Files
from odziv.store.search.entries import keep_customers
from odziv.store.sqlite import SQLiteFile
from odziv.store.steady_clock import SteadyClock

if TYPE_CHECKING:
    from odziv.store.postgresql import PostgreSQLDatabase

StoreFailed = SQLAlchemyError  # whatever goes wrong with the database, for those who know no SQL
StoreAway = OperationalError  # of these, what is nobody's fault and passes: it is locked, full, or not there
LISTS = "lists"  # touched by whatever may show in a list of the desk: the queue, an inbox, who is there
GONE = "gone:"  # before the id of a conversation that a commit deleted
HOUR_MS = 60 * 60 * 1000
DAY_MS = 24 * HOUR_MS
# How long to try whether something can be stored, and for how long the answer counts.
PROBE_SECONDS, GOOD_NEWS_SECONDS, BAD_NEWS_SECONDS = 1.5, 5.0, 1.0


def now_ms() -> int:
    """The machine's clock: milliseconds since 1970-01-01 UTC. Only a store reads it; everybody else asks the store."""
    return time.time_ns() // 1_000_000


def iso_time(milliseconds: int) -> str:
    """ISO 8601 in UTC with milliseconds."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Store:
    """A database by URL. `read()` and `write()` yield connections; listeners hear what a commit touched.

    `clock` gives milliseconds since 1970; every moment that is stored, or compared with one that is, is read from it.
    `files` is what customers and agents attach, or the folder of it: beside the database unless it says otherwise.
    """

    def __init__(self, url: str, clock: Callable[[], int] | None = None, files: Files | Path | None = None) -> None:
        self.url, self.clock = make_url(url), clock or SteadyClock(now_ms)
        folder = Path(self.url.database or "").parent / "attachments"
        self.files = files if isinstance(files, Files) else Files(files or folder)
        self._listeners: list[Callable[[set[str]], None]] = []
        # By what others know this process, and how it tells them where the database doesn't.
        self.origin = secrets.token_hex(8)
        self._announce: Callable[[set[str]], None] | None = None
        self._probing, self._probed_until = threading.Lock(), 0.0
        self._probe_says: str | None = None
        # What stands after the @ of our e-mail address; None: no mail goes out.
        self.mail_domain: str | None = None
        self._database = open_database(self.url)
        self._writer, self._reader = self._database.writer, self._database.reader

    def possible_moments(self) -> tuple[int, ...]:
        """What time it may be, to compare with others' clocks: our own says, and the machine's, if that differs."""
        return tuple(dict.fromkeys((self.clock(), getattr(self.clock, "machine", self.clock)())))

    @classmethod
    def in_folder(cls, folder: Path) -> Store:
        """The SQLite database of a data folder, made if missing."""
        folder.mkdir(parents=True, exist_ok=True)
        return cls(f"sqlite:///{folder / 'odziv.sqlite'}")

    def listen(self, listener: Callable[[set[str]], None]) -> None:
        """Call `listener` after each commit with what it changed: ids of conversations, keys of agents, LISTS.

        Once the store has joined a bus, after those of other processes too.
        """
        self._listeners.append(listener)

    def make_transport(self, folder: Path, name: str) -> Transport:
        """The way to other processes with this database: its own, or sockets in `folder`, of which ours is `name`."""
        return self._database.make_transport(folder, name)

    def join(self, bus: Bus) -> None:
        """From now on the others on the bus hear of our commits, and our listeners of theirs."""
        bus.subscribe(TOUCHED, lambda items: self._tell({key for (key,) in items}))
        if not self._database.tells_others:
            self._announce = bus.announce

    def _tell(self, touched: set[str]) -> None:
        for listener in self._listeners:
            listener(touched)

    @contextlib.contextmanager
    def read(self) -> Iterator[Connection]:
        """A view of one moment; anything written on it fails."""
        with self._database.reading() as connection:
            connection.info["clock"] = self.clock
            yield connection

    @contextlib.contextmanager
    def write(self, *, lasting: bool = True) -> Iterator[Connection]:
        """One transaction: committed when the block ends, rolled back when it raises.

        It is on the disk then. One that need not be `lasting` may be lost with the machine, by a power cut, until
        another is committed after it; so nobody waits for the disk. Processes that end lose neither.
        """
        touched: set[str] = set()
        with self._database.writing(lasting) as connection:
            connection.info.update(touched=touched, mail_domain=self.mail_domain, clock=self.clock, by_rule=False)
            yield connection
            if touched:  # whoever changed what is known of a customer: they are found by it from now on
                keep_customers(connection, touched)
                self._database.tell(connection, self.origin, touched)
        if touched:
            self._tell(touched)
            if self._announce is not None:
                self._announce(touched)

    def scrub(self, *, compact: bool = False) -> bool:
        """Takes what was deleted out of the write-ahead log too; False when readers kept it from that.

        With `compact` the file is also written anew, without the remains of what earlier versions deleted.
        PostgreSQL sees to both itself.
        """
        return self._database.scrub(compact=compact)

    @property
    def name(self) -> str:
        """What messages call the database: the path of its file, or its address without a password."""
        return self._database.name

    def keeps(self) -> bool:
        """Whether this process does what is to be done once for the database, however many servers it has: the first
        one does, until it ends. Raises StoreAway where that can't be known."""
        return self._database.keeps()

    @property
    def writer_engine(self) -> Engine:
        """For migrations only."""
        return self._writer

    def migrating(self) -> contextlib.AbstractContextManager[Connection]:
        """The writer's connection with nobody else writing; Alembic commits on it by itself."""
        return self._database.migrating()

    def is_up(self) -> bool:
        """Whether the database answers."""
        try:
            with self.read() as connection:
                return connection.execute(select(1)).scalar_one() == 1
        except SQLAlchemyError:
            return False

    def why_not_storing(self) -> str | None:
        """Why nothing can be stored now, in words for an operator; None when it can. Known anew every few seconds.

        Damage that was met counts until the end, though much may still be read and written. Else it is tried. Takes no
        longer than some seconds, whoever holds a lock.
        """
        if self._database.damage is not None:
            return self._database.damage
        with self._probing:
            if self._probed_until < time.monotonic():
                self._probe_says = self._probe()
                self._probed_until = time.monotonic() + (BAD_NEWS_SECONDS if self._probe_says else GOOD_NEWS_SECONDS)
            return self._probe_says

    def _probe(self) -> str | None:
        return self._database.probe(PROBE_SECONDS)

    def close(self) -> None:
        """Closes every connection."""
        self._database.close()


def open_database(url: URL) -> SQLiteFile | PostgreSQLDatabase:
    """The database of that address. Raises DatabaseBroken where it can't be used."""
    if url.get_backend_name() == "sqlite":
        return SQLiteFile(url)
    try:
        from odziv.store.postgresql import PostgreSQLDatabase  # its driver is loaded by whoever uses it
    except ImportError as error:
        raise DatabaseBroken(
            f"database_url names PostgreSQL, but its driver can't be loaded ({error}); `make setup` installs psycopg"
        ) from error
    return PostgreSQLDatabase(url)


class Joined(Store):
    """Stands for a store inside a transaction that is already open: whatever is read or written belongs to it, so that
    several verbs happen together, or none of them."""

    def __init__(self, connection: Connection) -> None:
        self._connection, self.clock = connection, connection.info["clock"]
        self.mail_domain = connection.info["mail_domain"]

    @contextlib.contextmanager
    def read(self) -> Iterator[Connection]:
        """The open transaction, with what was written in it."""
        yield self._connection

    @contextlib.contextmanager
    def write(self, *, lasting: bool = True) -> Iterator[Connection]:
        """The open transaction; its owner commits."""
        yield self._connection


def moment_of(connection: Connection) -> int:
    """What the store's clock says, for those who are inside one of its transactions: milliseconds since 1970."""
    return connection.info["clock"]()


def tell_gone(connection: Connection, conversation_id: str) -> None:
    """Has every process hear that this transaction deletes the conversation: what is left of it elsewhere goes too."""
    connection.info["touched"].add(GONE + conversation_id)


def gone_of(touched: Collection[str]) -> set[str]:
    """The conversations that were deleted, of what a commit touched."""
    return {key.removeprefix(GONE) for key in touched if key.startswith(GONE)}


def touch(connection: Connection, conversation_id: str, *, listed: bool = True) -> None:
    """Notes that this transaction changes a conversation (or `follow_key` of an agent), for those who follow it.

    Not `listed` is what no list of the desk shows before or after: a conversation that is and stays the bot's.
    """
    connection.info["touched"].update((conversation_id, LISTS) if listed else (conversation_id,))
