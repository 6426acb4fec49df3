"""The page "Macros": an agent's own are theirs alone, everybody's are an administrator's to keep."""

from __future__ import annotations

import pytest

from odziv.cases.labels.catalogue import NewLabel, add_label
from odziv.cases.macros import catalogue
from odziv.cases.macros.steps import Steps
from odziv.store.agents.saved_replies import add_saved_reply
from odziv.store.macros.macros import list_macros


@pytest.fixture
def label(store, settings, boss) -> int:
    return add_label(store, settings, boss.agent, NewLabel("VIP", "purple")).id


@pytest.fixture
def reply(store, boss) -> int:
    return add_saved_reply(store, "hi", "Hello", {"sl": "Pozdravljeni, {{customer.name}}!"}, boss.agent.id)


def test_made_shown_changed_ordered_and_deleted(store, ana, label, reply):
    assert ana.get("/desk/macros").text.count("None yet.") == 2
    fields = {"label_on": str(label), "priority": "high", "note": "Hm", "reply": str(reply), "end": "snooze.week"}
    assert ana.post("/desk/macros/new", name=" Greet ", **fields).status_code == 303
    [macro] = list_macros(store, ana.agent.id)
    assert (macro.name, macro.agent_id) == ("Greet", ana.agent.id)
    assert macro.steps == {"labels_on": [label], "priority": "high", "note": "Hm", "reply": reply,
                           "end": "snooze", "snooze": "week"}  # fmt: skip
    page = ana.get("/desk/macros").text
    assert "Saved: Greet." in page and "Puts the label VIP on." in page and "the saved reply Hello" in page
    form = ana.get(f"/desk/macros/{macro.id}").text
    assert 'value="snooze.week" selected' in form and f'value="{reply}" selected' in form
    assert f'name="label_on" value="{label}" checked' in form and "For everybody" not in form
    ana.post(f"/desk/macros/{macro.id}", name="Greeting", end=f"assign.{ana.agent.id}")
    [changed] = list_macros(store, ana.agent.id)
    assert (changed.name, changed.steps) == ("Greeting", {"end": "assign", "to": ana.agent.id})
    ana.post("/desk/macros/new", name="Second", end="queue.orders")
    second = list_macros(store, ana.agent.id)[1]
    assert second.steps == {"end": "queue", "topic": "orders"}
    ana.post(f"/desk/macros/{second.id}/up")
    assert [one.name for one in list_macros(store, ana.agent.id)] == ["Second", "Greeting"]
    ana.post(f"/desk/macros/{second.id}/delete")
    assert "Deleted the macro Second." in ana.get("/desk/macros").text


@pytest.mark.parametrize("who", ["agent", "editor"])
def test_everybodys_are_an_administrators(store, settings, sign_in, boss, who):
    boss.post("/desk/macros/new", name="Ours", shared="1", end="resolve")
    [ours] = list_macros(store, boss.agent.id)
    person = sign_in("Nik Hribar", who)
    assert ours.is_shared and "Ours" in person.get("/desk/macros").text
    assert person.get(f"/desk/macros/{ours.id}").status_code == 403
    for path in ("", "/delete", "/up"):
        assert person.post(f"/desk/macros/{ours.id}{path}", name="Mine").status_code == 403
    assert person.post("/desk/macros/new", name="All", shared="1", end="resolve").status_code == 403
    assert [one.name for one in list_macros(store, boss.agent.id)] == ["Ours"]


def test_anothers_own_is_not_found(store, settings, ana, marek, boss):
    mine = catalogue.save_macro(store, settings, ana.agent, "Mine", Steps(note="x"), shared=False)
    for person in (marek, boss):
        assert "Mine" not in person.get("/desk/macros").text
        assert person.get(f"/desk/macros/{mine}").status_code == 404
        assert person.post(f"/desk/macros/{mine}/delete").status_code == 404


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "", "end": "resolve"},
        {"name": "x" * 61, "end": "resolve"},
        {"name": "New"},
        {"name": "New", "end": "fly"},
        {"name": "New", "end": "assign.4711"},
        {"name": "New", "end": "assign."},
        {"name": "New", "end": "snooze.never"},
        {"name": "New", "end": "queue.../etc"},
        {"name": "New", "priority": "<b>"},
        {"name": "New", "label_on": "4711"},
        {"name": "New", "label_on": "x"},
        {"name": "New", "reply": "4711"},
        {"name": "New", "note": "x" * 10_001},
    ],
)
def test_what_is_none_comes_back_with_a_sentence_and_what_was_typed(store, ana, fields):
    answer = ana.post("/desk/macros/new", **fields)
    assert answer.status_code == 422 and 'role="alert"' in answer.text and fields["name"] in answer.text
    assert list_macros(store, ana.agent.id) == []


def test_what_it_names_and_is_gone_is_said_on_the_page(store, settings, ana, boss, label):
    catalogue.save_macro(store, settings, ana.agent, "Vip", Steps(labels_on=(label,)), shared=False)
    boss.post(f"/desk/labels/{label}/delete")
    assert "a label it names is deleted." in ana.get("/desk/macros").text


@pytest.mark.parametrize("number", ["0", "4711", str(2**63 - 1)])
def test_one_there_isn_t_is_not_found(ana, number):
    assert ana.get(f"/desk/macros/{number}").status_code == 404
    assert ana.post(f"/desk/macros/{number}", name="X", end="resolve").status_code == 404
