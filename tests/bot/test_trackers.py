"""What Rasa's trackers are called, and that one goes with its conversation, and nobody else's."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from bot.trackers import conversation_of, forget_trackers, sender_of, sweep_trackers, tracker_of

SECRET = "zabec4711"


def written(var, *senders: str) -> None:
    """Rasa's file with an event of each sender, in a write-ahead log, as Rasa leaves it."""
    (var / "rasa").mkdir(exist_ok=True)
    with closing(sqlite3.connect(var / "rasa" / "tracker.db")) as connection, connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE events (id INTEGER PRIMARY KEY, sender_id VARCHAR, data TEXT)")
        for sender in senders:
            connection.execute("INSERT INTO events (sender_id, data) VALUES (?, ?)", (tracker_of(sender), SECRET))


def left(var) -> list[str]:
    with closing(sqlite3.connect(var / "rasa" / "tracker.db")) as connection:
        return [row[0] for row in connection.execute("SELECT sender_id FROM events ORDER BY id")]


@pytest.mark.parametrize("conversation_id", ["a1", "0f-3c", "_check", "č"])
def test_a_trackers_name_leads_back_to_its_conversation(conversation_id):
    assert conversation_of(tracker_of(sender_of(conversation_id, 12))) == conversation_id


def test_only_the_conversations_own_trackers_go(tmp_path):
    assert forget_trackers(tmp_path, ["a1"]) == 0  # there is no file yet
    written(tmp_path, "a1-0", "a1-2", "a10-0", "a-0", "b1-0")
    assert forget_trackers(tmp_path, ["a1", "' OR 1=1 --"]) == 2
    assert left(tmp_path) == [tracker_of(sender) for sender in ("a10-0", "a-0", "b1-0")]


def test_nothing_of_it_stays_in_the_files_while_rasa_has_them_open(tmp_path):
    written(tmp_path, "a1-0", "a1-1")
    with closing(sqlite3.connect(tmp_path / "rasa" / "tracker.db")) as rasa:
        rasa.execute("SELECT * FROM events").fetchall()
        forget_trackers(tmp_path, ["a1"])
        assert not any(SECRET.encode() in path.read_bytes() for path in (tmp_path / "rasa").iterdir())


def test_what_belongs_to_no_conversation_is_swept(tmp_path):
    assert sweep_trackers(tmp_path, lambda _: False) == 0
    written(tmp_path, "a1-0", "gone-0", "gone-3")
    assert sweep_trackers(tmp_path, lambda conversation_id: conversation_id == "a1", compact=True) == 2
    assert left(tmp_path) == [tracker_of("a1-0")]


def test_a_file_without_a_table(tmp_path):
    (tmp_path / "rasa").mkdir()
    (tmp_path / "rasa" / "tracker.db").touch()
    assert forget_trackers(tmp_path, ["a1"]) == sweep_trackers(tmp_path, lambda _: False) == 0
