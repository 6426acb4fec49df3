"""Is everything there, and does a message go all the way round?"""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from bot.train import note_outcome
from odziv.store.conversations.conversation import create_conversation
from odziv.store.handoffs.handoff import list_queue
from odziv.store.webhooks.deliveries import Attempt, finish_delivery, take_delivery
from odziv.store.webhooks.events import EVENTS
from odziv.store.webhooks.subscriptions import add_webhook, set_enabled
from odziv.web.health import CHECK_TEXT
from tests.conftest import RASA_TOKEN


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
    services.kb.problems = [SimpleNamespace(is_broken=broken) for broken in (True, True, False)]
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
    monkeypatch.setattr("odziv.web.health._wait_for_reply.__defaults__", (0.0,))
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
