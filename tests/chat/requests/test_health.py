"""Is everything there, and does a message go all the way round?"""

from __future__ import annotations

import fcntl
import shutil
import sqlite3
from contextlib import closing, contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from bot.train import note_outcome
from odziv.store import engine, sqlite
from odziv.store.conversations.conversation import create_conversation
from odziv.store.handoffs.handoff import list_queue
from odziv.store.webhooks.deliveries import Attempt, finish_delivery, take_delivery
from odziv.store.webhooks.events import EVENTS
from odziv.store.webhooks.subscriptions import add_webhook, set_enabled
from odziv.web.inner.round import CHECK_TEXT
from tests.fixtures import RASA_TOKEN


def test_all_is_well(client):
    answer = client.get("/health")
    parts = {"web": "ok", "rasa": "ok", "knowledge_base": "ok", "store": "ok", "webhooks": "ok"}
    assert (answer.status_code, answer.get_json()) == (
        200,
        {"status": "ok", "parts": parts, "webhooks": {"waiting": 0, "failing": 0}},
    )


def test_without_rasa_customers_are_still_answered(client, services):
    services.bot.ready = False
    answer = client.get("/health")
    assert (answer.status_code, answer.get_json()["status"]) == (200, "degraded")
    assert answer.get_json()["parts"]["rasa"] == "down"


def test_a_failed_training_is_told_while_the_old_model_serves(client, services):
    (services.settings.var / "rasa").mkdir()
    note_outcome(services.settings.var, "YamlException: secret words")
    answer = client.get("/health")
    assert (answer.status_code, answer.get_json()["status"]) == (200, "degraded")
    assert answer.get_json()["parts"]["rasa"] == "training failed" and "secret" not in answer.text


def test_broken_articles_are_counted(client, services):
    found = [("a.md", True), ("a.md", True), ("b.md", True), ("c.md", False)]
    services.kb.problems = [SimpleNamespace(path=path, is_broken=broken) for path, broken in found]
    answer = client.get("/health").get_json()
    assert (answer["status"], answer["parts"]["knowledge_base"]) == ("degraded", "2 article files set aside")


def test_a_folder_of_articles_that_is_away_is_told(client, services):
    services.knowledge.away = "the articles' folder is not there; 5 files serve as they were read last"
    answer = client.get("/health").get_json()
    assert (answer["status"], answer["parts"]["knowledge_base"]) == ("degraded", services.knowledge.away)


def test_without_a_store_nobody_is_answered(client, services, monkeypatch):
    monkeypatch.setattr(services.store, "is_up", lambda: False)
    answer = client.get("/health")
    assert (answer.status_code, answer.get_json()["status"]) == (503, "down")


@pytest.fixture
def hurried(monkeypatch):
    """Nothing is remembered of the last look, and locks are soon given up."""
    for name in ("GOOD_NEWS_SECONDS", "BAD_NEWS_SECONDS"):
        monkeypatch.setattr(engine, name, -1.0)
    monkeypatch.setattr(engine, "PROBE_SECONDS", 0.05)


@contextmanager
def locked_by_another_program(store, monkeypatch):
    with closing(sqlite3.connect(store.url.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@contextmanager
def lock_file_held(store, monkeypatch):
    with open(f"{store.url.database}.lock", "ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def writing_for_long(store, monkeypatch):
    with store._database.write_lock:
        yield


@contextmanager
def disk_full(store, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=4096))
        yield


@contextmanager
def read_only(store, monkeypatch):
    """As SQLite says it of a file or a disk that may not be written to."""
    with closing(store._writer.raw_connection()) as connection:
        connection.execute("PRAGMA query_only=ON")
    yield
    with closing(store._writer.raw_connection()) as connection:
        connection.execute("PRAGMA query_only=OFF")


@contextmanager
def gone(store, monkeypatch):
    path = Path(store.url.database)
    path.rename(path.with_suffix(".aside"))
    yield
    path.with_suffix(".aside").rename(path)


@contextmanager
def replaced(store, monkeypatch):
    """As by somebody who restores a backup beneath the running server."""
    with gone(store, monkeypatch):
        Path(store.url.database).touch()
        yield


FAULTS = [
    (locked_by_another_program, "database is locked"),
    (lock_file_held, "another process holds the database's lock"),
    (writing_for_long, "another thread has been writing for seconds"),
    (disk_full, "the disk is full"),
    (read_only, "attempt to write a readonly database"),
    (gone, "odziv.sqlite is gone, or another file than it was"),
    (replaced, "odziv.sqlite is gone, or another file than it was"),
]


@pytest.mark.slow
@pytest.mark.sqlite
@pytest.mark.parametrize(("fault", "why"), FAULTS)
def test_while_nothing_can_be_stored_it_is_not_well(client, store, monkeypatch, hurried, fault, why):
    with fault(store, monkeypatch):
        answer = client.get("/health")
        assert (answer.status_code, answer.get_json()["status"]) == (503, "down")
        assert answer.get_json()["parts"]["store"] == f"nothing can be stored: {why}"
    answer = client.get("/health")
    assert (answer.status_code, answer.get_json()["status"]) == (200, "ok")


@pytest.mark.sqlite
def test_a_failing_commit_is_no_end_of_the_connection(store, monkeypatch, hurried):
    with locked_by_another_program(store, monkeypatch):
        assert store.why_not_storing()
    assert store.why_not_storing() is None
    with store.write() as connection:
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one() == sqlite.BUSY_MS


def test_what_was_found_counts_for_some_seconds(store, monkeypatch):
    looks = []
    monkeypatch.setattr(store, "_probe", lambda: looks.append(1))
    assert [store.why_not_storing() for _ in range(50)] == [None] * 50
    assert len(looks) == 1


def test_where_no_article_is_served_it_is_not_well(client, services, monkeypatch):
    monkeypatch.setattr(services.kb, "articles", lambda: [])
    answer = client.get("/health")
    assert (answer.status_code, answer.get_json()["parts"]["knowledge_base"]) == (503, "no article is served")
    services.knowledge.away = "the articles' folder is not there; no article is served"
    answer = client.get("/health")
    assert (answer.status_code, answer.get_json()["parts"]["knowledge_base"]) == (503, services.knowledge.away)


def test_a_rasa_that_hangs_is_not_well(client, services, monkeypatch):
    monkeypatch.setattr(services.bot, "state", lambda: "hangs")
    answer = client.get("/health")
    assert (answer.status_code, answer.get_json()["status"]) == (503, "down")
    assert answer.get_json()["parts"]["rasa"].startswith("hangs")


def test_while_stopping_nobody_new_is_answered(client, services):
    services.hub.close()
    assert client.get("/health").status_code == 503


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer x", "Bearer ž", RASA_TOKEN[:-1]])
def test_the_check_is_for_the_start_only(client, services, header):
    headers = {} if header is None else {"Authorization": header}
    assert client.post("/rasa/check", headers=headers).status_code == 401
    assert services.bot.calls == []


def test_the_check_goes_all_the_way_round_and_leaves_no_trace(client, services, store):
    services.turns.start()
    answer = client.post("/rasa/check", headers={"Authorization": f"Bearer {RASA_TOKEN}"}).get_json()
    services.turns.stop()
    assert (answer["went_round"], answer["by"]) == (True, "bot")
    assert [call[2] for call in services.bot.calls] == [CHECK_TEXT]
    assert list_queue(store) == []
    with store.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM conversations").scalar_one() == 0


def test_the_check_gives_up_when_nothing_comes_back(client, monkeypatch):
    monkeypatch.setattr("odziv.web.inner.round._wait_for_reply.__defaults__", (0.0,))
    answer = client.post("/rasa/check", headers={"Authorization": f"Bearer {RASA_TOKEN}"}).get_json()
    assert (answer["went_round"], answer["by"]) == (False, None)


def test_a_webhook_where_nothing_arrives_is_seen_and_events_on_their_way_are_no_trouble(client, store):
    webhook_id, _ = add_webhook(store, "https://shop.example/hook", EVENTS)
    create_conversation(store, "demo", "en")
    assert client.get("/health").get_json()["parts"]["webhooks"] == "ok"
    due = take_delivery(store, (), 1000)
    finish_delivery(store, due, Attempt(500, "", "It answered 500."), store.clock() + 1000)
    answer = client.get("/health").get_json()
    assert (answer["status"], answer["parts"]["webhooks"]) == ("degraded", "1 failing")
    assert answer["webhooks"] == {"waiting": 1, "failing": 1}
    set_enabled(store, webhook_id, False)
    assert client.get("/health").get_json()["status"] == "ok"
