"""Several conversations at once, with seconds in which all of it can be taken back: until then nothing has happened."""

from __future__ import annotations

import re

import pytest

from odziv.cases.labels.catalogue import NewLabel, add_label
from odziv.desk.finding.several import MOST_AT_ONCE, SHOWN_MS
from odziv.store.audit import list_entries
from odziv.store.conversations.conversation import create_conversation, find_conversation
from odziv.store.conversations.messages import add_customer_message, list_messages
from odziv.store.handoffs.handoff import list_handoffs_of
from odziv.store.labels.marks import list_labels_of
from odziv.store.macros.scheduled_actions import list_recent_several
from tests.desk.conftest import hand_off


@pytest.fixture
def settings(settings):
    return settings.model_copy(update={"desk": settings.desk.model_copy(update={"undo_seconds": 5})})


@pytest.fixture
def three(store):
    return [hand_off(store, text) for text in ("Prva", "Druga", "Tretja")]


@pytest.fixture
def work(app, clock):
    def work(milliseconds: int = 5_000) -> None:
        clock.advance(milliseconds)
        app.extensions["odziv"].scheduled_actions.look()

    return work


def ask(person, do: str, *values: str, **more: str):
    answer = person.post("/desk/conversations/several", do=do, chosen=list(values), **more)
    assert answer.status_code == 303, answer.text
    return state(person)


def state(person) -> str:
    """What stands above the list, in one line."""
    shown = person.get("/desk/conversations/several", **{"HX-Request": "true"}).text
    return " ".join(re.sub(r"<[^>]+>", " ", shown).split())


def undo_address(person) -> str:
    shown = person.get("/desk/conversations/several", **{"HX-Request": "true"}).text
    return re.search(r'action="(/desk/conversations/several/[^"]+/undo)"', shown)[1]


def everything(store, those) -> list:
    """All that undo has to leave as it was."""
    return [
        (find_conversation(store, one.id), list_messages(store, one.id, internal=True),
         list_handoffs_of(store, one.id), list_labels_of(store, [one.id]))
        for one in those
    ]  # fmt: skip


@pytest.fixture
def label(store, settings, boss) -> str:
    return str(add_label(store, settings, boss.agent, NewLabel("VIP", "red")).id)


def test_each_happens_after_the_seconds_and_says_what_came_of_it(store, ana, three, work, label):
    before = everything(store, three)
    for do, more in (("label", {"label": label}), ("priority", {"priority": "urgent"}), ("spam", {})):
        said = ask(ana, do, *(one.id for one in three), **more)
        assert "3 conversations" in said and "Undo" in said
        assert everything(store, three) == before
        work()
        before = everything(store, three)
    assert [find_conversation(store, one.id).status for one in three] == ["spam"] * 3
    assert {one.name for one in list_labels_of(store, [three[0].id])[three[0].id]} == {"VIP"}
    assert list_handoffs_of(store, three[0].id)[0].priority == "urgent"
    shown = state(ana)
    assert "3 labelled." in shown and "3 set." in shown and "3 marked as spam." in shown and "Undo" not in shown
    asked = list_entries(store, action="several_changed")
    assert [entry.detail["what"] for entry in asked] == ["spam", "priority", "label"]
    ask(ana, "unlabel", three[0].id, label=label)
    work()
    assert not list_labels_of(store, [three[0].id])


@pytest.mark.parametrize("do", ["label", "priority", "spam", "resolve", "assign"])
def test_undone_all_is_exactly_as_it_was(store, ana, marek, boss, three, work, label, do):
    ana.post(f"/desk/handoffs/{three[0].handoff}/claim")
    before = everything(store, three)
    more = {"label": label, "priority": "high", "to": str(marek.agent.id)}
    ask(boss, do, *(one.id for one in three), **more)
    address = undo_address(boss)
    assert ana.post(address).status_code == 409  # another's
    assert "Taken back. Nothing was changed." in boss.post_fragment(address).text
    assert boss.post(address).location == "/desk/conversations"  # asked again
    work()
    assert everything(store, three) == before
    assert list_entries(store, action="several_undone")[0].detail == {"conversations": 3}


def test_too_late_nothing_is_taken_back(store, ana, three, work, label):
    ask(ana, "label", *(one.id for one in three), label=label)
    address = undo_address(ana)
    work()
    assert ana.post(address).status_code == 409 and "3 labelled." in state(ana)


def test_what_changed_meanwhile_is_named_and_stops_none_of_the_others(store, ana, marek, three, work):
    for one in three:
        ana.post(f"/desk/handoffs/{one.handoff}/claim")
    seen = [f"{one.id}.{find_conversation(store, one.id).last_seq}" for one in three]
    ask(ana, "resolve", *seen)
    add_customer_message(store, three[1].id, "later", "Še nekaj!", "")
    ana.post(f"{three[2].path}/release", status="bot")
    work()
    shown = state(ana)
    assert "1 resolved." in shown and f"Not resolved: {three[1].id[:6]}. The customer has written meanwhile" in shown
    assert f"Not resolved: {three[2].id[:6]}. The bot has this conversation." in shown
    assert [find_conversation(store, one.id).status for one in three] == ["resolved", "open", "bot"]


def test_the_outcome_stands_for_some_minutes_and_is_its_agents_alone(store, ana, marek, three, work, label, clock):
    ask(ana, "label", three[0].id, label=label)
    assert state(marek) == ""
    work()
    assert "1 labelled." in state(ana) and "1 labelled." in ana.get("/desk/conversations").text
    clock.advance(SHOWN_MS)
    assert state(ana) == ""
    assert ana.get("/desk/conversations/several").location == "/desk/conversations"


def test_all_that_the_filters_show_up_to_500(store, ana, work, label):
    for number in range(MOST_AT_ONCE):
        made = create_conversation(store, "demo", "sl")
        add_customer_message(store, made.id, f"c{number}", "Kje je moj paket?", "")
    ask(ana, "label", everything="1", filters="q=paket", label=label)
    assert len(list_recent_several(store, ana.agent.id, 0)) == MOST_AT_ONCE
    work()
    assert f"{MOST_AT_ONCE} labelled." in state(ana)
    made = create_conversation(store, "demo", "en")
    add_customer_message(store, made.id, "more", "Where is my paket?", "")
    ask(ana, "priority", everything="1", filters="language=en", priority="high")
    work()
    assert "0 set. Not set:" in state(ana)  # it waits for nobody
    for filters in ("", "q=paket"):
        answer = ana.post("/desk/conversations/several", do="label", everything="1", filters=filters, label=label)
        assert answer.status_code == 422 and "At most 500 at once" in answer.text


@pytest.mark.parametrize("priority", ["", "<b>", "HIGH"])
def test_a_priority_that_is_none_is_refused(store, ana, three, priority):
    fields = {"do": "priority", "chosen": three[0].id, "priority": priority}
    assert ana.post("/desk/conversations/several", **fields).status_code == 400 and state(ana) == ""


def test_made_up_ones_are_left_out(ana, three, work, label):
    assert "1 conversation " in ask(ana, "label", "nowhere", "<b>.7", three[0].id, three[0].id, label=label)
    assert ask(ana, "label", "nowhere", label=label).count("conversation") == 1
