"""What Rasa's trackers are called, and that one goes with its conversation, and nobody else's."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from bot.trackers import (
    RETENTION_SECONDS,
    conversation_of,
    epoch_of,
    forget_trackers,
    sender_of,
    sweep_trackers,
    tracker_of,
)

SECRET = "zabec4711"
NOW = 1_790_000_000.0


def written(var, *senders: str, at: float = NOW) -> None:
    """Rasa's file with an event of each sender, in a write-ahead log, as Rasa leaves it."""
    (var / "rasa").mkdir(exist_ok=True)
    with closing(sqlite3.connect(var / "rasa" / "tracker.db")) as connection, connection:
        connection.execute("PRAGMA journal_mode=WAL")
        columns = "id INTEGER PRIMARY KEY, sender_id VARCHAR, timestamp FLOAT, data TEXT"
        connection.execute(f"CREATE TABLE IF NOT EXISTS events ({columns})")
        rows = [(tracker_of(sender), at, SECRET) for sender in senders]
        connection.executemany("INSERT INTO events (sender_id, timestamp, data) VALUES (?, ?, ?)", rows)


def left(var) -> list[str]:
    with closing(sqlite3.connect(var / "rasa" / "tracker.db")) as connection:
        return [row[0] for row in connection.execute("SELECT sender_id FROM events ORDER BY id")]


@pytest.mark.parametrize("conversation_id", ["a1", "0f-3c", "_check", "č"])
def test_a_trackers_name_leads_back_to_its_conversation(conversation_id):
    tracker = tracker_of(sender_of(conversation_id, 12))
    assert (conversation_of(tracker), epoch_of(tracker)) == (conversation_id, 12)


@pytest.mark.parametrize("name", ["", "default", "a1-0", "odziv:a1", "odziv:a1-x", "odziv:a1-²", "odziv:-"])
def test_what_is_no_name_of_ours_has_no_epoch(name):
    assert epoch_of(name) is None


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
    assert sweep_trackers(tmp_path, lambda *_: False, now=NOW) == 0
    written(tmp_path, "a1-0", "gone-0", "gone-3")
    assert sweep_trackers(tmp_path, lambda conversation_id, _: conversation_id == "a1", now=NOW, compact=True) == 2
    assert left(tmp_path) == [tracker_of("a1-0")]


def test_what_somebody_else_has_meanwhile_is_swept(tmp_path):
    written(tmp_path, "a1-0", "a1-1", "a1-2")
    assert sweep_trackers(tmp_path, lambda _, epoch: epoch == 2, now=NOW) == 2
    assert left(tmp_path) == [tracker_of("a1-2")]


def test_a_dialogue_is_kept_for_a_while_after_its_last_message(tmp_path):
    written(tmp_path, "old-0", "going-0", at=NOW - 2 * RETENTION_SECONDS)
    written(tmp_path, "going-0", "young-0", at=NOW - RETENTION_SECONDS + 1)
    assert sweep_trackers(tmp_path, lambda *_: True, now=NOW) == 1
    assert sorted(set(left(tmp_path))) == [tracker_of("going-0"), tracker_of("young-0")]
    assert sweep_trackers(tmp_path, lambda *_: True, now=NOW + RETENTION_SECONDS) == 2 and left(tmp_path) == []


def test_a_sweep_clears_the_log_of_a_deletion_that_was_cut_short(tmp_path):
    written(tmp_path, "a1-0", "b1-0")
    with closing(sqlite3.connect(tmp_path / "rasa" / "tracker.db")) as rasa:  # open, so that nothing clears it but us
        with rasa:
            rasa.execute("PRAGMA secure_delete=ON")
            rasa.execute("DELETE FROM events")
        assert SECRET.encode() in (tmp_path / "rasa" / "tracker.db").read_bytes()
        assert sweep_trackers(tmp_path, lambda *_: True, now=NOW) == 0
        assert not any(SECRET.encode() in path.read_bytes() for path in (tmp_path / "rasa").iterdir())


def test_a_file_without_a_table(tmp_path):
    (tmp_path / "rasa").mkdir()
    (tmp_path / "rasa" / "tracker.db").touch()
    assert forget_trackers(tmp_path, ["a1"]) == sweep_trackers(tmp_path, lambda *_: False, now=NOW) == 0
