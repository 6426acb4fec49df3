"""Rasa's memory of a conversation goes with it, and nobody else's."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from store.dialogues import forget_dialogues


def test_only_the_conversations_own_trackers_go(tmp_path):
    forget_dialogues(tmp_path, ["a1"])  # there is no file yet
    (tmp_path / "rasa").mkdir()
    with closing(sqlite3.connect(tmp_path / "rasa" / "tracker.db")) as connection, connection:
        connection.execute("CREATE TABLE events (id INTEGER PRIMARY KEY, sender_id VARCHAR, data TEXT)")
        for sender in ("a1-0", "a1-2", "a10-0", "a-0", "b1-0"):
            connection.execute("INSERT INTO events (sender_id, data) VALUES (?, 'x')", (sender,))
    forget_dialogues(tmp_path, ["a1", "' OR 1=1 --"])
    with closing(sqlite3.connect(tmp_path / "rasa" / "tracker.db")) as connection:
        left = [row[0] for row in connection.execute("SELECT sender_id FROM events ORDER BY id")]
    assert left == ["a10-0", "a-0", "b1-0"]


def test_a_file_without_a_table(tmp_path):
    (tmp_path / "rasa").mkdir()
    (tmp_path / "rasa" / "tracker.db").touch()
    forget_dialogues(tmp_path, ["a1"])
