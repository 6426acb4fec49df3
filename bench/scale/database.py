"""What PostgreSQL does meanwhile: transactions that wrote, bytes of its log, and how long the writers' lock is held."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import psycopg

from odziv.bus.bus import TOUCHED
from odziv.bus.messages import read_message
from odziv.store.notifications import CHANNEL
from odziv.store.postgresql import WRITING
from tests.postgresql.server import PostgreSQLServer

LOOK_SECONDS = 0.01
# A lock's number stands in two halves in pg_locks.
LOCKED = f"""
    SELECT count(*) FILTER (WHERE granted), count(*) FILTER (WHERE NOT granted) FROM pg_locks
    WHERE locktype = 'advisory' AND classid = {WRITING >> 32} AND objid = {WRITING & 0xFFFFFFFF}
"""
# A number is given to a transaction with the first row that it writes, or with what it notifies others of.
COUNTED = """
    SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint, (SELECT wal_bytes FROM pg_stat_wal),
    (SELECT sum(xact_commit) FROM pg_stat_database), pg_database_size('scale'),
    (SELECT count(*) FROM pg_stat_activity WHERE datname = 'scale')
"""


@dataclass
class Watched:
    """Of a while: `looks` at the lock, how many found it `held`, and how many transactions `waited` for it in all.

    Of the `notifications`, `signs` are of no transaction that wrote: who types, whose page is there.
    """

    looks: int = 0
    held: int = 0
    waited: int = 0
    notifications: int = 0
    signs: int = 0
    before: tuple[float, ...] = ()
    after: tuple[float, ...] = ()
    seconds: float = 0.0
    errors: list[str] = field(default_factory=list)

    def figures(self, turns: int) -> dict[str, float]:
        """By turn, by second, and as a share of the time."""
        growth = [end - start for start, end in zip(self.before, self.after, strict=True)]
        numbered, log_bytes, commits, size, _ = growth
        written = numbered - self.signs  # a sign's transaction has a number too, and neither lock nor row
        share = self.held / max(1, self.looks)
        return {
            "writes_per_turn": round(written / max(1, turns), 2),
            "commits_per_turn": round(commits / max(1, turns), 2),
            "notifications_per_turn": round(self.notifications / max(1, turns), 2),
            "signs_per_turn": round(self.signs / max(1, turns), 2),
            "log_bytes_per_turn": round(log_bytes / max(1, turns)),
            "database_bytes_per_turn": round(size / max(1, turns)),
            "lock_held_share": round(share, 3),
            "lock_ms_per_turn": round(1000 * share * self.seconds / max(1, turns), 2),
            "waiting_for_lock": round(self.waited / max(1, self.looks), 2),
            "connections": self.after[4],
        }


@contextmanager
def watched(server: PostgreSQLServer) -> Iterator[Watched]:
    """Looks at the server a hundred times a second, on a connection of its own, while the block runs."""
    found, ending = Watched(), threading.Event()

    def look() -> None:
        import time

        with open_connection(server, "postgres") as connection, open_connection(server, "scale") as listening:
            listening.execute(f"LISTEN {CHANNEL}")
            found.before, began = count(connection), time.monotonic()
            while not ending.wait(LOOK_SECONDS):
                held, waiting = connection.execute(LOCKED).fetchone() or (0, 0)
                found.looks, found.held, found.waited = found.looks + 1, found.held + bool(held), found.waited + waiting
            found.after, found.seconds = count(connection), time.monotonic() - began
            told = [read_message(each.payload) for each in listening.notifies(timeout=0.5)]
            found.notifications = len(told)
            found.signs = sum(each is not None and each.kind != TOUCHED.name for each in told)

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        ending.set()
        thread.join(20.0)


def open_connection(server: PostgreSQLServer, database: str) -> psycopg.Connection:
    """As somebody at a prompt."""
    return psycopg.connect(host=str(server.folder), dbname=database, user="odziv", autocommit=True)


def count(connection: psycopg.Connection) -> tuple[float, ...]:
    """What is counted since the server began."""
    connection.execute("SELECT pg_stat_clear_snapshot()")
    row = connection.execute(COUNTED).fetchone()
    assert row is not None
    return tuple(map(float, row))
