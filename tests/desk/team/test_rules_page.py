"""The page "Rules": administrators write, try and switch them; nobody else gets in."""

from __future__ import annotations

import pytest

from odziv.cases.fields.catalogue import NewField, add_field
from odziv.cases.labels.catalogue import NewLabel, add_label
from odziv.store.agents.saved_replies import add_saved_reply
from odziv.store.conversations.messages import add_customer_message
from odziv.store.labels.marks import list_labels_of
from odziv.store.rules.rules import list_rules


@pytest.fixture
def label(store, settings, boss) -> str:
    return str(add_label(store, settings, boss.agent, NewLabel("VIP", "purple")).id)


@pytest.fixture
def rule(store, boss, label) -> int:
    boss.post("/desk/rules/new", name="Ours", event="customer_wrote", label_on=label)
    return list_rules(store)[0].id


def test_written_shown_tried_switched_changed_moved_and_deleted(store, settings, app, boss, waiting, label):
    assert "There are no rules yet" in boss.get("/desk/rules").text
    reply = add_saved_reply(store, "hi", "Hello", {"sl": "Dober dan!"}, boss.agent.id)
    field = add_field(store, settings, boss.agent, NewField("Plan"))
    fields = {"event": "customer_wrote", "site": "demo", "language": "sl", "channel": "widget",
              "words": "človekom\r\n \r\ndenar", "customer": "unverified", "office": "within",
              "label_on": label, "set_priority": "high", "note": "Hm",
              "reply": str(reply), "end": "resolve", "tell": "1", "hours": "7", f"field-{field}": "Gold"}  # fmt: skip
    answer = boss.post("/desk/rules/new", name=" Returns ", **fields)
    [rule] = list_rules(store)
    assert answer.location == f"/desk/rules/{rule.id}/dry-run" and (rule.is_on, rule.hours) == (False, None)
    assert rule.conditions == {"site": "demo", "language": "sl", "channel": "widget", "words": ["človekom", "denar"],
                               "customer": "unverified", "hours": "within"}  # fmt: skip
    page = boss.get(answer.location).text
    assert "it would have run 1 time, in 1 conversation" in page and f"/desk/conversations/{waiting.id}" in page
    assert "Sends, marked as automatic, the saved reply Hello" in page and list_labels_of(store, [waiting.id]) == {}
    boss.post(f"/desk/rules/{rule.id}/on")
    page = boss.get("/desk/rules").text
    assert "Returns is on" in page and "<b>When</b> a customer writes, <b>if</b> the website is Smreka" in page
    add_customer_message(store, waiting.id, "more", "Moj denar!", "")
    app.extensions["odziv"].rules.look()
    assert label in {str(one.id) for one in list_labels_of(store, [waiting.id])[waiting.id]}
    assert "Ran 1 time" in boss.get("/desk/rules").text
    form = boss.get(f"/desk/rules/{rule.id}").text
    assert "človekom\ndenar</textarea>" in form and 'value="customer_wrote" selected' in form
    assert f'name="label_on" value="{label}" checked' in form and 'value="Gold"' in form
    boss.post(f"/desk/rules/{rule.id}", name="Changed", event="quiet", hours="3", note="x")
    boss.post("/desk/rules/new", name="Second", event="begun", note="y")
    second = list_rules(store)[1]
    boss.post(f"/desk/rules/{second.id}/up")
    assert [(one.name, one.hours) for one in list_rules(store)] == [("Second", None), ("Changed", 3)]
    boss.post(f"/desk/rules/{rule.id}/off")
    boss.post(f"/desk/rules/{rule.id}/delete")
    assert "Deleted the rule Changed." in boss.get("/desk/rules").text


def test_what_a_rule_about_a_field_an_agent_or_a_rating_asks_for_is_kept_and_shown(store, settings, ana, boss):
    field = str(add_field(store, settings, boss.agent, NewField("Plan")))
    for event, name, value, told in (
        ("field_changed", "changed", field, "a field is filled in, or emptied, <b>if</b> the field is Plan"),
        ("assigned", "given_to", str(ana.agent.id), "an agent gets a conversation, <b>if</b> it goes to Ana Kovač"),
        ("person_rated", "rating", "2", "a customer rates the agent, <b>if</b> the rating is 2 or lower"),
        ("bot_rated", "rating", "5", "a customer rates the assistant, <b>if</b> the rating is 5 or lower"),
    ):
        boss.post("/desk/rules/new", name=event, event=event, note="x", **{name: value})
        rule = list_rules(store)[-1]
        assert (rule.event, rule.conditions) == (event, {name: int(value)})
        form = boss.get(f"/desk/rules/{rule.id}").text
        select = form[form.index(f'<select id="{name}"') :]
        assert f'value="{value}" selected' in select[: select.index("</select>")]
        assert told in boss.get("/desk/rules").text


@pytest.mark.parametrize("who", ["agent", "editor"])
def test_others_are_refused(sign_in, store, rule, who):
    person = sign_in("Nik Hribar", who)
    for path in ("", "/new", f"/{rule}", f"/{rule}/dry-run"):
        assert person.get(f"/desk/rules{path}").status_code == 403
    for path in ("/new", f"/{rule}", f"/{rule}/on", f"/{rule}/off", f"/{rule}/up", f"/{rule}/delete"):
        assert person.post(f"/desk/rules{path}", name="Mine", event="begun", note="x").status_code == 403
    assert [(one.name, one.is_on) for one in list_rules(store)] == [("Ours", False)]


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "", "event": "begun", "note": "x"},
        {"name": "New", "event": "", "note": "x"},
        {"name": "New", "event": "begun"},
        {"name": "New", "event": "quiet", "note": "x"},
        {"name": "New", "event": "quiet", "hours": "-1", "note": "x"},
        {"name": "New", "event": "begun", "note": "x", "words": "x" * 10_000},
        {"name": "New", "event": "begun", "note": "x", "words": "(.*)+"},
        {"name": "New", "event": "begun", "note": "x", "words": "a\n" * 51},
        {"name": "New", "event": "begun", "note": "x" * 10_000},
        {"name": "New", "event": "begun", "note": "x", "label": "4711"},
        {"name": "New", "event": "begun", "end": "spam"},
        {"name": "New", "event": "begun", "end": "assign.4711"},
        {"name": "New", "event": "begun", "macro": "4711"},
        {"name": "New", "event": "begun", "language": "<b>", "note": "x"},
        {"name": "New", "event": "person_rated", "rating": "6", "note": "x"},
        {"name": "New", "event": "assigned", "given_to": "4711", "note": "x"},
        {"name": "New", "event": "field_changed", "changed": "4711", "note": "x"},
    ],
)
def test_what_is_none_comes_back_with_a_sentence(store, boss, fields):
    answer = boss.post("/desk/rules/new", **fields)
    assert answer.status_code == 422 and 'role="alert"' in answer.text and fields["name"] in answer.text
    assert list_rules(store) == []


def test_what_it_names_and_is_gone_is_said(store, boss, rule, label):
    boss.post(f"/desk/labels/{label}/delete")
    for path in ("", f"/{rule}/dry-run"):
        assert "a label it names is deleted." in boss.get(f"/desk/rules{path}").text


@pytest.mark.parametrize("number", ["0", "4711", str(2**63 - 1)])
def test_one_there_isn_t_is_not_found(boss, number):
    assert boss.get(f"/desk/rules/{number}").status_code == boss.get(f"/desk/rules/{number}/dry-run").status_code == 404
    for path in ("", "/on", "/off", "/up", "/delete"):
        assert boss.post(f"/desk/rules/{number}{path}", name="X", event="begun", note="x").status_code == 404
