"""Fields by a token: listed, filled in, filtered by, and in everything that tells of a conversation."""

from __future__ import annotations

import pytest

from odziv.cases.fields import catalogue
from odziv.cases.fields.catalogue import NewField
from odziv.cases.labels.catalogue import NewLabel, add_label
from odziv.cases.labels.marking import put_label


@pytest.fixture
def order(store, app, ana) -> int:
    settings = app.extensions["odziv"].settings
    return catalogue.add_field(store, settings, ana.agent, NewField("Order", kind="number", site="demo"))


def test_filled_in_and_emptied(ana, waiting, order):
    [field] = ana.get("/fields").get_json()["fields"]
    assert field == {"id": order, "about": "conversation", "kind": "number", "name": "Order", "site": "demo",
                     "choices": None, "required": False, "archived": False}  # fmt: skip
    path = f"/conversations/{waiting.id}/fields/{order}"
    held = [{"id": order, "name": "Order", "about": "conversation", "value": "12.5"}]
    for _ in range(2):  # repeating is harmless
        assert ana.call("PATCH", path, {"value": "12,50"}).get_json()["conversation"]["fields"] == held
    for value in ("", None):
        assert ana.call("PATCH", path, {"value": value}).get_json()["conversation"]["fields"] == []


def test_labels_and_fields_are_in_every_list(store, app, ana, waiting, order):
    settings = app.extensions["odziv"].settings
    label = add_label(store, settings, ana.agent, NewLabel("VIP", "purple"))
    put_label(store, ana.agent, waiting.id, label.id)
    ana.call("PATCH", f"/conversations/{waiting.id}/fields/{order}", {"value": "4711"})
    [listed] = ana.get("/conversations").get_json()["conversations"]
    [hit] = ana.get("/search?q=4711&kind=field").get_json()["hits"]
    told = ana.get(f"/conversations/{waiting.id}/messages").get_json()["conversation"]
    one = ana.get(f"/conversations/{waiting.id}").get_json()["conversation"]
    for shown in (listed, hit["conversation"], told, one):
        assert [label["name"] for label in shown["labels"]] == ["VIP"]
        assert [field["value"] for field in shown["fields"]] == ["4711"]


def test_lists_are_narrowed_down_by_them(ana, waiting, order):
    def found(query: str) -> int:
        return len(ana.get(f"/conversations?{query}").get_json()["conversations"])

    ana.call("PATCH", f"/conversations/{waiting.id}/fields/{order}", {"value": "4711"})
    queries = (f"field={order}", f"field={order}&field_value=47", f"field={order}&field_value=5", "field=99")
    assert [found(query) for query in queries] == [1, 1, 0, 0]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"value": 7}, 400),
        ({"value": "x" * 201}, 400),
        ({"value": "many"}, 422),
        ({"value": "", "x": 1}, 400),
    ],
)
def test_what_it_holds_is_checked(ana, waiting, order, body, status):
    assert ana.call("PATCH", f"/conversations/{waiting.id}/fields/{order}", body).status_code == status


def test_what_there_isn_t_is_refused(ana, waiting, order):
    assert ana.call("PATCH", f"/conversations/{waiting.id}/fields/4711", {"value": "1"}).status_code == 409
    assert ana.call("PATCH", f"/conversations/nowhere/fields/{order}", {"value": "1"}).status_code == 404


@pytest.mark.parametrize("query", ["field=", "field=0", "field=x", "field=1&field_value=", "field_value=" + "x" * 201])
def test_a_filter_that_is_none_is_refused(ana, query):
    assert ana.get(f"/conversations?{query}").status_code == 400
