"""What Rasa's tracker of a conversation is called, and how it is deleted with everything that the customer said.

Rasa's file is not the system of record, but it holds the customer's words all the same.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path

PREFIX = "odziv:"  # Rasa's names of trackers begin with it: what came through our channel
# Rasa remembers a dialogue for so long after its last message: "and abroad?" is asked within the day, or not at all.
RETENTION_SECONDS = 24 * 60 * 60.0


def sender_of(conversation_id: str, epoch: int) -> str:
    """How the worker names a conversation to our channel; with each change of owner, a new one."""
    return f"{conversation_id}-{epoch}"


def tracker_of(sender: str) -> str:
    """What Rasa calls the tracker of a sender."""
    return PREFIX + sender


def conversation_of(tracker: str) -> str:
    """The id of the conversation that a tracker is about. The inverse of the two above."""
    return tracker.removeprefix(PREFIX).rpartition("-")[0]


def epoch_of(tracker: str) -> int | None:
    """The epoch it is about; None for a name that isn't ours."""
    epoch = tracker.rpartition("-")[2]
    return int(epoch) if tracker.startswith(PREFIX) and epoch.isascii() and epoch.isdecimal() else None


def forget_trackers(var: Path, conversation_ids: Iterable[str]) -> int:
    """Deletes what Rasa remembers of these conversations, also from its write-ahead log; returns how many trackers.

    Rasa writes only what is new in a dialogue that it has in memory, so what is deleted here doesn't come back.
    """
    return _delete(var, lambda connection: _named_for(connection, conversation_ids))


def sweep_trackers(
    var: Path, is_needed: Callable[[str, int | None], bool], *, now: float, compact: bool = False
) -> int:
    """Deletes the trackers that no turn will read again; returns how many there were.

    Those are the ones in which nothing has happened for RETENTION_SECONDS before `now` (seconds since 1970), and those
    of which `is_needed(conversation id, epoch)` says no. With `compact` the file is also written anew, without the
    remains of what was deleted before.
    """
    return _delete(var, lambda connection: _no_longer_needed(connection, is_needed, now), compact=compact)


def _delete(var: Path, find: Callable[[sqlite3.Connection], list[str]], *, compact: bool = False) -> int:
    file = var / "rasa" / "tracker.db"
    if not file.exists():
        return 0
    with closing(sqlite3.connect(file, timeout=10)) as connection:
        connection.execute("PRAGMA secure_delete=ON")
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'events'").fetchone():
            return 0
        with connection:
            names = find(connection)
            connection.executemany("DELETE FROM events WHERE sender_id = ?", [(name,) for name in names])
        if compact:
            connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return len(names)


def _named_for(connection: sqlite3.Connection, conversation_ids: Iterable[str]) -> list[str]:
    statement = "SELECT DISTINCT sender_id FROM events WHERE sender_id >= ? AND sender_id < ?"
    names: list[str] = []
    for conversation_id in conversation_ids:
        every_epoch = tracker_of(f"{conversation_id}-")
        rows = connection.execute(statement, (every_epoch, f"{every_epoch[:-1]}."))  # "." comes after "-"
        names += [name for (name,) in rows]
    return names


def _no_longer_needed(
    connection: sqlite3.Connection, is_needed: Callable[[str, int | None], bool], now: float
) -> list[str]:
    every = connection.execute("SELECT sender_id, max(timestamp) FROM events GROUP BY sender_id").fetchall()
    return [
        name
        for name, at in every
        if (at or 0) < now - RETENTION_SECONDS or not is_needed(conversation_of(name), epoch_of(name))
    ]
