"""The page "Fields" for administrators, and the fields beside a conversation, in the list's filters and in macros."""

from __future__ import annotations

import pytest

from odziv.cases.fields import catalogue
from odziv.cases.fields.catalogue import NewField
from odziv.cases.fields.values import fill_in
from odziv.store.conversations.conversation import find_conversation
from odziv.store.fields.fields import list_fields
from odziv.store.fields.values import list_values
from odziv.store.macros.macros import list_macros


@pytest.fixture
def order(store, settings, boss) -> int:
    return catalogue.add_field(store, settings, boss.agent, NewField("Order", required=True))


@pytest.fixture
def plan(store, settings, boss) -> int:
    wanted = NewField("Plan", about="customer", kind="choice", choices=("Gold", "Silver"))
    return catalogue.add_field(store, settings, boss.agent, wanted)


def test_added_shown_changed_moved_archived_and_offered_again(store, boss, waiting):
    assert "There are no fields yet" in boss.get("/desk/fields").text
    fields = {"about": "customer", "kind": "choice", "choices": "Gold\r\nSilver\r\n", "site": "demo"}
    assert boss.post("/desk/fields", name=" Plan ", required="1", **fields).status_code == 303
    boss.post("/desk/fields", name="Since", about="customer", kind="date")
    [plan, since] = list_fields(store)
    assert (plan.name, plan.choices, plan.required, plan.site) == ("Plan", ["Gold", "Silver"], True, "demo")
    fill_in(store, boss.agent, waiting.id, plan.id, "Gold")
    page = boss.get("/desk/fields").text
    assert "Added: Since." in page and "1 conversation<" in page and "Gold\nSilver</textarea>" in page
    boss.post(f"/desk/fields/{plan.id}", name="Tariff", choices="Gold")
    answer = boss.post(f"/desk/fields/{plan.id}", name="Tariff", choices="Silver")
    assert answer.status_code == 409 and "1 conversation has “Gold”" in answer.text
    boss.post(f"/desk/fields/{since.id}/up")
    assert [(field.name, field.required) for field in list_fields(store)] == [("Since", False), ("Tariff", False)]
    boss.post(f"/desk/fields/{plan.id}/archive")
    assert "Archived" in boss.get("/desk/fields").text and [one.name for one in list_fields(store)] == ["Since"]
    boss.post(f"/desk/fields/{plan.id}/restore")
    assert len(list_fields(store)) == 2


@pytest.mark.parametrize("who", ["agent", "editor"])
def test_others_are_refused(sign_in, store, order, who):
    person = sign_in("Nik Hribar", who)
    assert person.get("/desk/fields").status_code == 403
    for path in ("", f"/{order}", f"/{order}/up", f"/{order}/archive", f"/{order}/restore"):
        assert person.post(f"/desk/fields{path}", name="Mine", about="customer", kind="text").status_code == 403
    assert [one.name for one in list_fields(store)] == ["Order"]


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"name": "", "about": "customer", "kind": "text"}, 422),
        ({"name": "New", "about": "", "kind": "text"}, 400),
        ({"name": "New", "about": "customer", "kind": "regex"}, 400),
        ({"name": "New", "about": "customer", "kind": "text", "site": "nowhere"}, 400),
        ({"name": "New", "about": "customer", "kind": "choice", "choices": " \n "}, 422),
        ({"name": "ORDER", "about": "customer", "kind": "text"}, 409),
    ],
)
def test_what_is_no_field_is_refused_with_a_sentence(store, boss, order, fields, status):
    answer = boss.post("/desk/fields", **fields)
    assert answer.status_code == status and ("Not saved" in answer.text or "lease choose" in answer.text)
    assert len(list_fields(store)) == 1


@pytest.mark.parametrize("number", ["0", "4711", str(2**63 - 1)])
def test_one_there_isn_t_is_not_found(boss, number):
    for path in ("", "/up", "/archive", "/restore"):
        assert boss.post(f"/desk/fields/{number}{path}", name="X").status_code == 404


def test_filled_in_beside_a_conversation(store, ana, waiting, order, plan):
    page = ana.get(waiting.path).text
    assert "Of the customer" in page and "Of this conversation" in page and page.count("needed to resolve") == 1
    mark = page.split('id="customer" data-mark="')[1][:12]
    answer = ana.post_fragment(f"{waiting.path}/fields", **{f"field-{order}": " 4711 ", f"field-{plan}": "Gold"})
    assert answer.status_code == 200 and "Saved." in answer.text and 'value="4711"' in answer.text
    page = ana.get(waiting.path).text
    assert '<option value="Gold" selected>' in page and "needed to resolve" not in page
    assert page.split('id="customer" data-mark="')[1][:12] != mark
    assert ana.post(f"{waiting.path}/fields", **{f"field-{order}": ""}).location == waiting.path
    assert list_values(store, waiting.id) == {plan: "Gold"}
    refused = ana.post_fragment(f"{waiting.path}/fields", **{f"field-{order}": "1", f"field-{plan}": "Tin"})
    assert refused.status_code == 422 and "“Plan” has to be one of its choices" in refused.text
    assert list_values(store, waiting.id) == {plan: "Gold"}


@pytest.mark.parametrize("name", ["field-4711", "field-0", "field-x", "field-", "field--1", "field-" + "9" * 30])
def test_made_up_fields_change_nothing(store, ana, waiting, order, name):
    assert ana.post(f"{waiting.path}/fields", **{name: "x"}).status_code in (303, 409)
    assert list_values(store, waiting.id) == {}


def test_of_an_unknown_conversation_nothing_is_said(ana, order):
    assert ana.post("/desk/conversations/nowhere/fields", **{f"field-{order}": "x"}).status_code == 404


def test_resolving_without_it_shows_the_conversation_and_what_is_missing(store, ana, taken, order):
    answer = ana.post(f"{taken.path}/release", status="resolved", seen="99")
    assert answer.location == taken.path and find_conversation(store, taken.id).status == "open"
    assert "Not resolved: please fill in “Order” first" in ana.get(taken.path).text
    fill_in(store, ana.agent, taken.id, order, "1")
    assert ana.post(f"{taken.path}/release", status="resolved", seen="99").location == "/desk/inbox"


def test_the_list_is_filtered_by_them_and_a_view_keeps_it(store, ana, waiting, order):
    fill_in(store, ana.agent, waiting.id, order, "Čevlji 4711")
    for query, count in (
        (f"field={order}", 1),
        (f"field={order}&value=cevlji", 1),
        (f"field={order}&value=4712", 0),
        ("field=4711", 0),
        ("field=x&value=y", 1),
        (f"field={order}&value=" + "%25" * 300, 1),
    ):
        assert ana.get(f"/desk/conversations?{query}").text.count('class="found-item"') == count, query
    answer = ana.post("/desk/views", name="Shoes", filters=f"field={order}&value=cevlji")
    assert answer.location == f"/desk/conversations?field={order}&value=cevlji"
    assert f'<option value="{order}" selected>Order' in ana.get(answer.location).text


def test_a_macro_can_fill_them_in(store, ana, order, plan):
    ana.post("/desk/macros/new", name="Gold", **{f"field-{plan}": "Gold", f"field-{order}": "", "field-x": "y"})
    [macro] = list_macros(store, ana.agent.id)
    assert macro.steps == {"fields": {str(plan): "Gold"}}
    assert "Fills in the field Plan: “Gold”." in ana.get("/desk/macros").text
    assert '<option value="Gold" selected>' in ana.get(f"/desk/macros/{macro.id}").text
    assert ana.post("/desk/macros/new", name="Tin", **{f"field-{plan}": "Tin"}).status_code == 422
