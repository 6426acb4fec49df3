"""What Rasa's tracker of a conversation is called, and how it is deleted with everything that the customer said.

Rasa's file is not the system of record, but it holds the customer's words all the same.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path

PREFIX = "odziv:"  # Rasa's names of trackers begin with it: what came through our channel


def sender_of(conversation_id: str, epoch: int) -> str:
    """How the web process names a conversation to our channel; with each change of owner, a new one."""
    return f"{conversation_id}-{epoch}"


def tracker_of(sender: str) -> str:
    """What Rasa calls the tracker of a sender."""
    return PREFIX + sender


def conversation_of(tracker: str) -> str:
    """The id of the conversation that a tracker is about. The inverse of the two above."""
    return tracker.removeprefix(PREFIX).rpartition("-")[0]


def forget_trackers(var: Path, conversation_ids: Iterable[str]) -> int:
    """Deletes what Rasa remembers of these conversations, also from its write-ahead log; returns how many trackers.

    Rasa writes only what is new in a dialogue that it has in memory, so what is deleted here doesn't come back.
    """
    return _delete(var, lambda connection: _named_for(connection, conversation_ids))


def sweep_trackers(var: Path, is_known: Callable[[str], bool], *, compact: bool = False) -> int:
    """Deletes the trackers of conversations that are not known (any more); returns how many there were.

    With `compact` the file is also written anew, without the remains of what was deleted before.
    """
    return _delete(var, lambda connection: _unknown(connection, is_known), compact=compact)


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
        if names or compact:
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


def _unknown(connection: sqlite3.Connection, is_known: Callable[[str], bool]) -> list[str]:
    names = [name for (name,) in connection.execute("SELECT DISTINCT sender_id FROM events")]
    return [name for name in names if not is_known(conversation_of(name))]
