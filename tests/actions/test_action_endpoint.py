from __future__ import annotations

import json

import pytest
from flask import Flask

from actions.endpoint import register
from kb.scope import scope
from tests.actions.conftest import TRACKERS

TOKEN = "a-token-for-the-tests"
URL = "/rasa/actions"


@pytest.fixture
def client(kb):
    app = Flask(__name__)
    register(app, lambda: kb, TOKEN)
    return app.test_client()


def call(client, body, token=TOKEN):
    return client.post(URL, json=body, headers={"Authorization": f"Bearer {token}"} if token else {})


def action_call(action="action_answer"):
    """What Rasa sends with selective_domain: no domain."""
    tracker = json.loads((TRACKERS / "question_sl.json").read_text(encoding="utf-8"))
    return {"next_action": action, "sender_id": "odziv:c-1-0", "tracker": tracker, "version": "3.6.21"}


def test_it_runs_the_action(client):
    answer = call(client, action_call())
    assert answer.status_code == 200
    assert answer.json["responses"][0]["custom"]["answer"]["article"] == "orders/return"
    assert {"event": "slot", "timestamp": None, "name": "unanswered", "value": 0} in answer.json["events"]


@pytest.mark.parametrize("token", [None, "", "wrong", TOKEN + "x", "ž"])
def test_only_rasas_token_opens_it(client, kb, token):
    answer = call(client, action_call(), token)
    assert answer.status_code == 401 and answer.json["error"]["code"] == "unauthorized"
    assert not kb.asked


@pytest.mark.parametrize("body", [None, [], 7, {}, {"next_action": "action_answer"}, {"tracker": {}}, "text"])
def test_what_is_no_action_call_is_refused(client, body):
    answer = call(client, body)
    assert answer.status_code == 400 and answer.json["error"]["code"] == "bad_request"
    assert "action_name" in answer.json  # Rasa reads it from a 400


def test_broken_json_is_refused(client):
    answer = client.post(URL, data=b"{", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 400


def test_an_unknown_action_is_named(client):
    answer = call(client, action_call("action_format_disk"))
    assert answer.status_code == 404 and answer.json["action_name"] == "action_format_disk"


def test_a_failing_action_tells_nothing_of_the_customers_words(client, kb, monkeypatch, caplog):
    monkeypatch.setattr(kb, "decide", lambda text, language: 1 / 0)
    answer = call(client, action_call())
    assert answer.status_code == 500 and answer.json["error"]["code"] == "action_failed"
    assert "division" not in answer.get_data(as_text=True)
    assert "action_answer failed for odziv:c-1-0" in caplog.text and "jakno" not in caplog.text


def test_without_a_token_nothing_is_opened(kb):
    with pytest.raises(ValueError, match="token"):
        register(Flask(__name__), lambda: kb, "")


def test_an_action_sees_only_the_articles_of_the_customers_site(kb, monkeypatch):
    seen = []
    monkeypatch.setattr("actions.endpoint.run", lambda executor, call: seen.append(scope()) or ({}, 200))
    app = Flask(__name__)
    register(app, lambda: kb, TOKEN, tags_of=lambda tracker: ["outlet"] if tracker == "odziv:c-1-0" else [])
    call(app.test_client(), action_call())
    call(app.test_client(), [])
    assert seen == [frozenset({"outlet"}), frozenset()]
