"""Rows in which the database is locked, full, read only, cut off or started again while everybody is at work."""

from __future__ import annotations

import contextlib
import fcntl
import random
import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg

from bench.faults.load import Load
from bench.faults.row import Row, Scene, under_load
from odziv.store.postgresql import WRITING

ROOMY = 1_000_000_000  # pages
# The kernel ends the server with the thread that started it, so one that lives long does.
STARTER = ThreadPoolExecutor(1)
WRITTEN = ("messages", "turns", "conversations", "handoffs", "search_entries")
FULL_DISK = f"""
    CREATE TABLE IF NOT EXISTS full_disk (is_full boolean);
    CREATE OR REPLACE FUNCTION find_no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF random() < 0.3 AND EXISTS (SELECT FROM full_disk) THEN
            RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full';
        END IF;
        RETURN NEW;
    END $$;
    {
    "".join(
        f"CREATE OR REPLACE TRIGGER no_room BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW"
        " EXECUTE FUNCTION find_no_room();"
        for table in WRITTEN
    )
}
"""
TOLD = "ALTER DATABASE {name} SET default_transaction_read_only = {value}"


def lock(scene: Scene, ending: threading.Event) -> None:
    """Again and again somebody else writes for up to half a second: a command beside the server, or one at a prompt."""
    while not scene.wait(ending, 0.02, 0.2):
        locked = locked_by_prompt if scene.luck.random() < 0.5 else locked_by_command
        with locked(scene):
            scene.wait(ending, 0.05, 0.5)


@contextlib.contextmanager
def locked_by_command(scene: Scene) -> Iterator[None]:
    """As our own commands do."""
    if scene.installation.kind == "postgresql":
        with at_prompt(scene) as connection:
            connection.execute(f"SELECT pg_advisory_lock({WRITING})")
            yield
        return
    with open(scene.installation.folder / "odziv.sqlite.lock", "a+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def locked_by_prompt(scene: Scene) -> Iterator[None]:
    """As somebody does who knows nothing of us."""
    if scene.installation.kind == "postgresql":
        with at_prompt(scene) as connection:
            connection.execute("BEGIN")
            connection.execute("LOCK TABLE messages IN EXCLUSIVE MODE")
            yield
        return
    with contextlib.closing(sqlite3.connect(scene.installation.folder / "odziv.sqlite", timeout=5)) as connection:
        connection.isolation_level = None
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


def at_prompt(scene: Scene) -> psycopg.Connection:
    """A connection that is none of ours."""
    return psycopg.connect(scene.installation.url, autocommit=True)


def fill_disk(scene: Scene, ending: threading.Event) -> None:
    """Again and again there is room for a few more pages only; SQLite says then what it says of a full disk.

    PostgreSQL is made to say so, too, of some of the rows: it would end for good where its own log found no room.
    """
    if scene.installation.kind == "postgresql":
        fill_servers_disk(scene, ending)
        return
    while not scene.wait(ending, 0.05, 0.2):
        with writers_connection(scene) as connection:
            pages = connection.execute("PRAGMA page_count").fetchone()[0]
            connection.execute(f"PRAGMA max_page_count={pages + scene.luck.randrange(4)}")
        scene.wait(ending, 0.1, 0.4)
        with writers_connection(scene) as connection:
            connection.execute(f"PRAGMA max_page_count={ROOMY}")


def fill_servers_disk(scene: Scene, ending: threading.Event) -> None:
    """While a row stands in a table of its own, one of three that are written finds no room."""
    with at_prompt(scene) as connection:
        connection.execute(FULL_DISK)
        while not scene.wait(ending, 0.05, 0.2):
            connection.execute("INSERT INTO full_disk VALUES (true)")
            scene.wait(ending, 0.1, 0.4)
            connection.execute("DELETE FROM full_disk")


def read_only(scene: Scene, ending: threading.Event) -> None:
    """Again and again nothing can be written."""
    while not scene.wait(ending, 0.05, 0.2):
        set_read_only(scene, True)
        scene.wait(ending, 0.1, 0.3)
        set_read_only(scene, False)


def set_read_only(scene: Scene, value: bool) -> None:
    """For all who write; on PostgreSQL for those who connect from now on, so who is connected is cut off."""
    if scene.installation.kind == "sqlite":
        with writers_connection(scene) as connection:
            connection.execute(f"PRAGMA query_only={'ON' if value else 'OFF'}")
        return
    server, name = scene.installation.server, scene.installation.name
    assert server is not None
    server.run(TOLD.format(name=name, value="on" if value else "off"))
    cut_all(scene)


@contextlib.contextmanager
def writers_connection(scene: Scene) -> Iterator[sqlite3.Connection]:
    """The one that writes, while nobody does."""
    store = scene.store
    with store.migrating() as connection:
        yield connection.connection.driver_connection  # type: ignore[misc]


def cut(scene: Scene, ending: threading.Event) -> None:
    """Connections are cut, some of them in a transaction."""
    while not scene.wait(ending, 0.01, 0.1):
        cut_all(scene)


def cut_all(scene: Scene) -> None:
    server = scene.installation.server
    assert server is not None
    server.run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{scene.installation.name}'")


def restart_server(scene: Scene, ending: threading.Event) -> None:
    """The server falls over, and is back a moment later."""
    server = scene.installation.server
    assert server is not None
    while not scene.wait(ending, 0.3, 0.8):
        server.stop()
        scene.wait(ending, 0.0, 0.3)
        STARTER.submit(server.start).result()


def longer(_luck: random.Random) -> Load:
    """Time for a few faults."""
    return Load(seconds=1.5)


ROWS: tuple[Row, ...] = (
    under_load("the database is locked", lock, load=longer),
    under_load("the disk is full", fill_disk, load=longer),
    under_load("the database is read only", read_only, load=longer),
    under_load("connections are cut", cut, load=longer, kinds=("postgresql",)),
    under_load("PostgreSQL is started again", restart_server, load=lambda _: Load(seconds=2.5), kinds=("postgresql",)),
)
