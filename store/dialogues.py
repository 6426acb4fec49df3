"""What Rasa remembers of a conversation: not the system of record, but a customer's words all the same."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path


def forget_dialogues(var: Path, conversation_ids: list[str]) -> None:
    """Takes them out of Rasa's tracker file, if there is one; its trackers are named `<conversation>-<epoch>`.

    Rasa reads a tracker again only while its conversation goes on, and these go on no more.
    """
    file = var / "rasa" / "tracker.db"
    if not file.exists():
        return
    with closing(sqlite3.connect(file, timeout=10)) as connection, connection:
        connection.execute("PRAGMA secure_delete=ON")
        if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'events'").fetchone():
            for conversation_id in conversation_ids:
                first, last = f"{conversation_id}-", f"{conversation_id}."  # "." comes after "-"
                connection.execute("DELETE FROM events WHERE sender_id >= ? AND sender_id < ?", (first, last))
