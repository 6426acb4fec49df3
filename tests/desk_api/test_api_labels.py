"""Labels by a token: listed, put on, taken off, and conversations narrowed down by them."""

from __future__ import annotations

import pytest

from odziv.cases.labels import catalogue
from odziv.cases.labels.catalogue import NewLabel


@pytest.fixture
def label(store, app, ana) -> int:
    settings = app.extensions["odziv"].settings
    return catalogue.add_label(store, settings, ana.agent, NewLabel("VIP", "purple", None, "demo")).id


def test_put_on_and_taken_off(ana, waiting, label):
    vip = {"id": label, "name": "VIP", "colour": "purple"}
    assert ana.get("/labels").get_json() == {"labels": [{**vip, "site": "demo", "topic": None}]}
    path = f"/conversations/{waiting.id}/labels"
    for _ in range(2):  # repeating is harmless
        assert ana.post(path, {"label": label}).get_json()["labels"] == [vip]
    assert ana.get(f"/conversations/{waiting.id}").get_json()["labels"] == [vip]
    for _ in range(2):
        assert ana.call("DELETE", f"{path}/{label}").get_json()["labels"] == []


def test_lists_are_narrowed_down_by_a_label(ana, waiting, label):
    def found(path: str) -> int:
        answer = ana.get(path).get_json()
        return len(answer.get("conversations", answer.get("hits", [])))

    assert found(f"/conversations?label={label}") == found(f"/search?q=človekom&label={label}") == 0
    ana.post(f"/conversations/{waiting.id}/labels", {"label": label})
    assert found(f"/conversations?label={label}") == found(f"/search?q=človekom&label={label}") == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [({}, 400), ({"label": "1"}, 400), ({"label": 0}, 400), ({"label": True}, 400), ({"label": 4711}, 409)],
)
def test_which_is_a_labels_id(ana, waiting, body, status):
    assert ana.post(f"/conversations/{waiting.id}/labels", body).status_code == status


@pytest.mark.parametrize("query", ["label=", "label=0", "label=-1", "label=x", "label=" + "9" * 40])
def test_a_filter_that_is_no_id_is_refused(ana, query):
    assert ana.get(f"/conversations?{query}").status_code == 400


def test_of_an_unknown_conversation_nothing_is_said(ana, label):
    assert ana.post("/conversations/nowhere/labels", {"label": label}).status_code == 404
    assert ana.call("DELETE", f"/conversations/nowhere/labels/{label}").status_code == 404
