"""Macros by a token: listed, told what one would do, and run at once, once."""

from __future__ import annotations

import pytest

from odziv.cases.labels.catalogue import NewLabel, add_label
from odziv.cases.macros.catalogue import save_macro
from odziv.cases.macros.steps import Steps
from odziv.store.agents.agent import find_agent
from odziv.store.agents.saved_replies import add_saved_reply
from odziv.store.conversations.messages import list_messages


@pytest.fixture
def macro(store, app, boss) -> int:
    settings, agent = app.extensions["odziv"].settings, find_agent(store, boss.agent.id)  # an administrator since
    label = add_label(store, settings, agent, NewLabel("VIP", "purple")).id
    reply = add_saved_reply(store, "hi", "Hello", {"sl": "Dober dan, tukaj {{agent.first_name}}."}, agent.id)
    return save_macro(store, settings, agent, "Greet", Steps(labels_on=(label,), reply=reply), shared=True)


def test_told_and_run_once(store, ana, waiting, macro):
    [listed] = ana.get("/macros").get_json()["macros"]
    assert (listed["id"], listed["name"], listed["shared"]) == (macro, "Greet", True)
    path = f"/conversations/{waiting.id}/macros/{macro}"
    shown = ana.get(path).get_json()
    assert shown["reply"] == "Dober dan, tukaj Ana." and shown["does"][0] == "Puts the label VIP on."
    assert "take it first" in shown["problem"]
    assert ana.post(path, {"client_id": "one"}).status_code == 409
    ana.post(f"/conversations/{waiting.id}/claim")
    assert ana.get(path).get_json()["problem"] is None
    for _ in range(2):
        answer = ana.post(path, {"client_id": "one"})
        assert answer.status_code == 200 and [one["name"] for one in answer.get_json()["labels"]] == ["VIP"]
    texts = [message.text for message in list_messages(store, waiting.id)]
    assert texts.count("Dober dan, tukaj Ana.") == 1


@pytest.mark.parametrize("body", [{}, {"client_id": ""}, {"client_id": "a b"}, {"client_id": "x", "seen": -1},
                                  {"client_id": "x", "more": 1}])  # fmt: skip
def test_a_press_is_checked(ana, waiting, macro, body):
    assert ana.post(f"/conversations/{waiting.id}/macros/{macro}", body).status_code == 400


def test_what_there_isn_t_is_not_found(ana, waiting, macro):
    for path in (f"/conversations/nowhere/macros/{macro}", f"/conversations/{waiting.id}/macros/4711"):
        assert ana.get(path).status_code == ana.post(path, {"client_id": "x"}).status_code == 404
