"""Several conversations at once: what can be done is done, what can't is named with its reason, and nothing more."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import update

from odziv.cases.labels.catalogue import NewLabel, add_label
from odziv.desk.finding.several import MOST_AT_ONCE
from odziv.store.conversations.conversation import find_conversation
from odziv.store.conversations.messages import add_customer_message
from odziv.store.handoffs.handoff import list_inbox, list_queue
from odziv.store.labels.marks import list_labels_of
from odziv.store.schema import conversations
from tests.desk.conftest import hand_off


def chosen(page: str) -> list[str]:
    """The values of the boxes in a list."""
    return re.findall(r'name="chosen" value="([^"]+)"', page)


def act(person, do: str, *values: str, **more: str):
    """The answer, and what is said of it."""
    answer = person.post("/desk/conversations/several", do=do, chosen=list(values), **more)
    said = re.findall(r'<p class="flash" role="status">(.*?)</p>', person.get("/desk/conversations").text)
    return answer, said


@pytest.fixture
def three(store):
    return [hand_off(store, text) for text in ("Prva", "Druga", "Tretja")]


def owners(store, those) -> list[int | None]:
    return [find_conversation(store, each.id).agent_id for each in those]


def test_all_that_are_chosen_are_taken_in_one_press(store, ana, three):
    boxes = chosen(ana.get("/desk/conversations").text)
    assert sorted(box.split(".")[0] for box in boxes) == sorted(each.id for each in three)
    answer, said = act(ana, "take", *boxes, filters="state=waiting")
    assert (answer.status_code, answer.location) == (303, "/desk/conversations?state=waiting")
    assert said == ["3 taken."] and owners(store, three) == [ana.agent.id] * 3 and list_queue(store) == []


def test_what_cannot_be_taken_is_named_with_the_reason_and_stops_nothing(store, ana, marek, three):
    marek.post(f"/desk/handoffs/{three[1].handoff}/claim")
    _, [said] = act(ana, "take", *(each.id for each in three))
    reason = "Only an administrator may take over or reassign conversations here."
    assert said == f"2 taken. Not taken: {three[1].id[:6]}. {reason}"
    assert owners(store, three) == [ana.agent.id, marek.agent.id, ana.agent.id]


def test_an_administrator_takes_over_what_colleagues_have(store, ana, boss, three):
    ana.post(f"/desk/handoffs/{three[0].handoff}/claim")
    ana.post(f"{three[0].path}/release", status="bot")
    ana.post(f"/desk/handoffs/{three[1].handoff}/claim")
    _, [said] = act(boss, "take", *(each.id for each in three))
    assert said == f"2 taken. Not taken: {three[0].id[:6]}. The bot has this conversation."
    assert owners(store, three) == [None, boss.agent.id, boss.agent.id]


def test_reasons_are_said_once_with_all_they_hold_for(store, ana, three):
    ana.post(f"/desk/handoffs/{three[0].handoff}/claim")
    _, [said] = act(ana, "resolve", *(each.id for each in three))
    ids = ", ".join(each.id[:6] for each in three[1:])
    assert said == f"1 resolved. Not resolved: {ids}. This conversation is waiting in the queue; take it first."
    assert find_conversation(store, three[0].id).status == "resolved"


def test_nothing_is_resolved_unread(store, ana, taken):
    [box] = chosen(ana.get("/desk/conversations").text)
    add_customer_message(store, taken.id, "later", "Še nekaj!", "")
    _, [said] = act(ana, "resolve", box)
    assert said.startswith(f"0 resolved. Not resolved: {taken.id[:6]}. The customer has written meanwhile.")
    assert find_conversation(store, taken.id).status == "open"
    _, [again] = act(ana, "resolve", *chosen(ana.get("/desk/conversations").text))
    assert again == "1 resolved."


def test_an_administrator_gives_several_to_one_colleague(store, ana, marek, boss, three):
    ana.post(f"/desk/handoffs/{three[0].handoff}/claim")
    page = boss.get("/desk/conversations").text
    assert f'<option value="{marek.agent.id}">' in page and 'value="assign"' in page
    _, said = act(boss, "assign", *(each.id for each in three), to=str(marek.agent.id))
    assert said == ["3 given."] and len(list_inbox(store, marek.agent.id)) == 3


def test_who_may_not_give_is_not_offered_it_and_refused_by_hand(store, ana, marek, three):
    assert 'value="assign"' not in ana.get("/desk/conversations").text
    _, [said] = act(ana, "assign", *(each.id for each in three), to=str(marek.agent.id))
    assert said.startswith("0 given. Not given: ") and owners(store, three) == [None] * 3


def test_several_get_a_label_if_it_is_one_for_their_website(store, settings, ana, boss, three):
    vip = add_label(store, settings, boss.agent, NewLabel("VIP", "red", None, "demo"))
    with store.write() as connection:
        this = conversations.c.id == three[2].id
        connection.execute(update(conversations).where(this).values(site="other"))
    _, [said] = act(ana, "label", *(each.id for each in three), label=str(vip.id))
    assert said.startswith(f"2 labelled. Not labelled: {three[2].id[:6]}. There is no such label for this website")
    assert set(list_labels_of(store, [each.id for each in three])) == {three[0].id, three[1].id}


@pytest.mark.parametrize("label", ["", "0", "-1", "x", "9" * 30])
def test_a_label_that_is_none_is_put_on_nothing(store, ana, waiting, label):
    _, [said] = act(ana, "label", waiting.id, label=label)
    assert said.startswith("0 labelled.") and not list_labels_of(store, [waiting.id])


def test_the_same_one_twice_is_one(store, ana, waiting):
    _, said = act(ana, "take", waiting.id, waiting.id)
    assert said == ["1 taken."]


def test_none_chosen_says_so(ana, waiting):
    assert act(ana, "take")[1] == ["Please choose some first."]


@pytest.mark.parametrize("do", ["", "delete", "TAKE", "take\x00"])
def test_nothing_else_can_be_done_with_them(store, ana, waiting, do):
    assert ana.post("/desk/conversations/several", do=do, chosen=waiting.id).status_code == 400
    assert find_conversation(store, waiting.id).status == "queued"


def test_too_many_at_once_are_refused_before_any_is_touched(store, ana, waiting):
    many = [waiting.id, *(f"{number:024x}" for number in range(MOST_AT_ONCE))]
    assert ana.post("/desk/conversations/several", do="take", chosen=many).status_code == 422
    assert find_conversation(store, waiting.id).status == "queued"


@pytest.mark.parametrize("value", ["nowhere", "<b>x</b>.3", "." * 50, "1.-1", "\u202e.9", "x" * 5000])
def test_made_up_ones_are_named_and_harm_nothing(ana, waiting, value):
    answer, [said] = act(ana, "take", value, waiting.id)
    assert answer.status_code == 303 and said.startswith("1 taken. Not taken: ") and "no such conversation" in said
    assert "<b>" not in said


def test_filters_that_were_made_up_lead_nowhere_else(ana, waiting):
    answer, _ = act(ana, "take", waiting.id, filters="//evil.example/&state=waiting&x=y")
    assert answer.location == "/desk/conversations?state=waiting"


def test_a_whole_page_of_reasons_fits_into_the_answer(store, ana):
    many = [hand_off(store, f"Halo {number}") for number in range(25)]
    with store.write() as connection:
        for number, each in enumerate(many):
            status = ("bot", "resolved", "spam", "queued")[number % 4]
            this = conversations.c.id == each.id
            connection.execute(update(conversations).where(this).values(status=status))
    _, [said] = act(ana, "resolve", *(each.id for each in many))
    assert (
        said.startswith("0 resolved.") and all(each.id[:6] in said for each in many) and said.count("Not resolved") == 4
    )
