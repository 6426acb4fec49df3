"""The queue and the inbox: who waits, and who gets whom."""

from __future__ import annotations

import re
import threading

import pytest
from sqlalchemy import update

from kb.render import render_plain
from odziv.desk.queue import queue
from odziv.store.conversations.conversation import find_conversation
from odziv.store.conversations.messages import NewMessage, add_customer_message, list_messages
from odziv.store.handoffs.handoff import list_queue
from odziv.store.handoffs.withdrawals import withdraw
from odziv.store.handoffs.workload import measure_workload
from odziv.store.schema import handoffs
from tests.desk.conftest import Person, hand_off


def text_of(response) -> str:
    return response.get_data(as_text=True)


def test_the_queue_shows_who_waits_how_long_why_and_in_which_language(ana, store):
    waiting = hand_off(store, "Paczka jest uszkodzona", "pl", "complaint")
    with store.write() as connection:
        connection.execute(update(handoffs).values(created_at=store.clock() - 75 * 60_000))
    page = text_of(ana.get("/desk/queue"))
    for shown in ("Paczka jest uszkodzona", "1 h 15 min", "Complaint", "Polish", "Smreka", f"take-{waiting.handoff}"):
        assert shown in page
    assert '<span class="card-text" lang="pl">' in page


def test_longest_waiting_comes_first(ana, store):
    first, second = hand_off(store, "Prva"), hand_off(store, "Druga")
    page = text_of(ana.get("/desk/list/queue"))
    assert page.index(first.id) < page.index(second.id)
    assert "<html" not in page


def test_taking_gives_the_conversation_and_tells_the_customer(ana, store, waiting):
    response = ana.post(f"/desk/handoffs/{waiting.handoff}/claim")
    assert (response.status_code, response.location) == (303, waiting.path)
    conversation = find_conversation(store, waiting.id)
    assert (conversation.status, conversation.agent_id) == ("open", ana.agent.id)
    assert list_messages(store, waiting.id)[-1].text == "V pogovor se vključuje Ana."
    assert waiting.id in text_of(ana.get("/desk/inbox"))
    assert list_queue(store) == []


def test_taking_twice_is_no_loss(ana, taken, store):
    said = len(list_messages(store, taken.id))
    again = ana.post(f"/desk/handoffs/{taken.handoff}/claim")
    assert (again.status_code, again.location) == (303, taken.path)
    assert len(list_messages(store, taken.id)) == said


def test_the_loser_is_told_who_has_it(marek, taken):
    response = marek.post(f"/desk/handoffs/{taken.handoff}/claim")
    assert response.status_code == 409
    assert "Ana Kovač has it already." in text_of(response)


def test_who_takes_somebody_that_went_back_to_the_bot_is_told_so(ana, waiting, store):
    withdraw(store, waiting.id, NewMessage("system", "Spet pomočnik.", "<p>Spet pomočnik.</p>"))
    response = ana.post(f"/desk/handoffs/{waiting.handoff}/claim")
    assert response.status_code == 409 and "It doesn’t wait for a person any more." in text_of(response)
    assert waiting.id not in text_of(ana.get("/desk/queue"))
    page = text_of(ana.get(waiting.path))
    assert "With the bot" in page and "Spet pomočnik." in page and "Take<" not in page


@pytest.mark.slow
def test_of_twenty_agents_one_wins_and_the_others_learn_who(sign_in, store, waiting):
    people = [sign_in(f"Agent{number} Test") for number in range(20)]
    start, outcomes = threading.Barrier(20), []

    def take(person: Person) -> None:
        start.wait()
        outcomes.append((person, person.post(f"/desk/handoffs/{waiting.handoff}/claim")))

    threads = [threading.Thread(target=take, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    winners = [person for person, response in outcomes if response.status_code == 303]
    losers = [response for _, response in outcomes if response.status_code == 409]
    assert (len(winners), len(losers)) == (1, 19)
    assert all(f"{winners[0].agent.name} has it already." in text_of(response) for response in losers)
    joined = [m for m in list_messages(store, waiting.id) if m.sender == "system"]
    assert [m.text for m in joined] == [f"V pogovor se vključuje {winners[0].agent.name_for_customers}."]


def test_take_next_takes_who_waits_longest(ana, store):
    first = hand_off(store, "Prva")
    hand_off(store, "Druga")
    assert ana.post("/desk/next").location == first.path


def test_take_next_of_an_empty_queue_leads_to_the_queue(ana):
    assert ana.post("/desk/next").location == "/desk/queue"


def test_an_unknown_handoff_is_not_found(ana):
    assert ana.post("/desk/handoffs/4711/claim").status_code == 404
    assert ana.post("/desk/handoffs/abc/claim").status_code in {404, 405}


def test_the_inbox_says_whom_the_agent_owes_an_answer(ana, taken, store):
    assert "Waits for you" not in text_of(ana.get("/desk/inbox"))  # the bot spoke last
    add_customer_message(store, taken.id, "1", "Halo?", render_plain("Halo?"))
    assert "Waits for you" in text_of(ana.get("/desk/inbox"))
    ana.post(f"{taken.path}/messages", text="Zapisek", kind="note")
    assert "Waits for you" in text_of(ana.get("/desk/inbox"))  # a note is no answer
    ana.post(f"{taken.path}/messages", text="Živjo!", kind="reply")
    assert "Waits for you" not in text_of(ana.get("/desk/inbox"))


def test_the_marks_change_exactly_when_a_list_does(ana, marek, store):
    before = measure_workload(store, ana.agent.id)
    assert (before.waiting, before.mine) == (0, 0)
    waiting = hand_off(store, "Prva")
    queued = measure_workload(store, ana.agent.id)
    assert queued.waiting == 1 and queued.queue_mark != before.queue_mark
    assert queued.inbox_mark == before.inbox_mark
    assert measure_workload(store, ana.agent.id) == queued
    ana.post(f"/desk/handoffs/{waiting.handoff}/claim")
    assert measure_workload(store, ana.agent.id).mine == 1
    assert measure_workload(store, marek.agent.id).mine == 0


def test_only_the_two_lists_exist(ana):
    assert ana.get("/desk/list/everything").status_code == 404


def test_of_a_long_queue_the_first_are_shown_and_more_on_demand(ana, store, monkeypatch):
    monkeypatch.setattr(queue, "STEP", 2)
    monkeypatch.setattr(queue, "MOST_SHOWN", 4)
    ids = [hand_off(store, f"Kje je paket {number}?").id for number in range(5)]
    page = text_of(ana.get("/desk/queue"))
    assert [each in page for each in ids] == [True, True, False, False, False]
    assert "Show more (3 left)" in page and "/desk/queue?shown=4" in page
    page = text_of(ana.get("/desk/list/queue?shown=4"))
    assert [each in page for each in ids] == [True, True, True, True, False]
    assert "1 more. It comes up here as these are done." in page


@pytest.mark.parametrize("shown", ["-1", "999999999999999999999999", "x", "", "51'--"])
def test_how_many_are_shown_stays_within_bounds(ana, waiting, shown):
    answer = ana.get(f"/desk/list/queue?shown={shown}")
    shown = int(re.search(r'name="shown" value="(\d+)"', text_of(answer))[1])
    assert answer.status_code == 200 and 50 <= shown <= 500


@pytest.mark.slow
@pytest.mark.parametrize("which", ["inbox", "snoozed"])
def test_the_other_lists_are_bounded_too(ana, store, monkeypatch, which):
    monkeypatch.setattr(queue, "STEP", 1)
    for number in range(3):
        waiting = hand_off(store, f"Kje je paket {number}?")
        ana.post(f"/desk/handoffs/{waiting.handoff}/claim")
        if which == "snoozed":
            ana.post(f"{waiting.path}/snooze", until="later", zone="UTC")
    page = text_of(ana.get(f"/desk/{which}"))
    assert page.count('class="card-link"') == 1 and "Show more (2 left)" in page
