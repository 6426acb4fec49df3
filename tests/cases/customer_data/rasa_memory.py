"""What Rasa remembers, as its file has it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from bot.trackers import sender_of, tracker_of


def remember(var: Path, *conversation_ids: str) -> None:
    """Gives Rasa something to remember of each."""
    (var / "rasa").mkdir(exist_ok=True)
    with closing(sqlite3.connect(var / "rasa" / "tracker.db")) as rasa, rasa:
        rasa.execute("CREATE TABLE IF NOT EXISTS events (id INTEGER PRIMARY KEY, sender_id VARCHAR, timestamp FLOAT)")
        for each in conversation_ids:
            name = tracker_of(sender_of(each, 0))
            rasa.execute("INSERT INTO events (sender_id, timestamp) VALUES (?, 1.0)", (name,))


def remembered(var: Path) -> int:
    """How many events there are."""
    with closing(sqlite3.connect(var / "rasa" / "tracker.db")) as rasa:
        return rasa.execute("SELECT count(*) FROM events").fetchone()[0]
