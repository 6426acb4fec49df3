"""Passing on and telling a time, as the pages do it."""

from __future__ import annotations

import re

import pytest

from odziv.store.agents.agent import set_disabled
from odziv.store.agents.availability import end_presence, set_available
from odziv.store.conversations.conversation import find_conversation
from odziv.store.conversations.messages import list_messages
from odziv.store.handoffs.handoff import find_handoff, list_inbox, list_queue
from tests.desk.conftest import hand_off


def text_of(response) -> str:
    return response.get_data(as_text=True)


def test_a_colleague_gets_it_and_sees_the_note_first(ana, marek, taken, store):
    page = text_of(ana.get(taken.path))
    assert f'<option value="{marek.agent.id}">Marek Zieliński (0 of 6)</option>' in page
    response = ana.post(f"{taken.path}/transfer", to=str(marek.agent.id), note="Stranka je **jezna**.")
    assert (response.status_code, response.location) == (303, "/desk/inbox")
    assert find_conversation(store, taken.id).agent_id == marek.agent.id
    theirs = text_of(marek.get(taken.path))
    assert theirs.index("Stranka je <strong>jezna</strong>.") < theirs.index('id="log"')
    assert "Note from Ana Kovač" in text_of(marek.get("/desk/inbox"))
    assert "Marek Zieliński has it now." in text_of(ana.get("/desk/inbox"))
    said = list_messages(store, taken.id)
    assert said[-1].text == "V pogovor se vključuje Marek."
    assert "jezna" not in str([m.text for m in said])


def test_the_queue_gets_it_back_with_language_topic_note_and_target(ana, marek, taken, store):
    hand_off(store, "Po njem.")
    fields = {"to": "queue", "language": "pl", "topic": "delivery", "promise": "30", "note": "Po poljsko, prosim."}
    assert ana.post(f"{taken.path}/transfer", **fields).status_code == 303
    first = list_queue(store)[0]
    assert (first.conversation_id, first.language, first.topic, first.raised_by) == (
        taken.id,
        "pl",
        "delivery",
        "promise",
    )
    page = text_of(marek.get("/desk/queue"))
    for shown in ("Raised:", "promised by", "Note from Ana Kovač", "Delivery", "Polish"):
        assert shown in page
    said = [m.text for m in list_messages(store, taken.id, internal=True)]
    passed = "Ana Kovač passed this on to the queue: Polish, Delivery. Promised an answer in 30 minutes."
    assert passed in said
    assert said[-1].startswith("Ana predaja pogovor sodelavcu")
    marek.post(f"/desk/handoffs/{first.id}/claim")
    assert text_of(marek.get(taken.path)).index("Po poljsko, prosim.") < text_of(marek.get(taken.path)).index(
        'id="log"'
    )


@pytest.mark.parametrize(
    ("fields", "status", "problem"),
    [
        ({}, 409, "isn’t at the desk"),
        ({"to": "4711"}, 409, "isn’t at the desk"),
        ({"to": "self"}, 409, "isn’t at the desk"),
        ({"to": "-1' OR 1=1"}, 409, "isn’t at the desk"),
        ({"to": "queue"}, 400, "languages served"),
        ({"to": "queue", "language": "xx"}, 400, "languages served"),
        ({"to": "queue", "language": "sl", "topic": "../../etc"}, 400, "no such topic"),
        ({"to": "queue", "language": "sl", "promise": "31"}, 400, "times offered"),
        ({"to": "queue", "language": "sl", "promise": "-5"}, 400, "times offered"),
        ({"to": "queue", "language": "sl", "note": "x" * 4001}, 422, "4,001"),
    ],
)
@pytest.mark.slow
def test_what_can_t_be_done_says_so_and_changes_nothing(ana, taken, store, fields, status, problem):
    if fields.get("to") == "self":
        fields = {"to": str(ana.agent.id)}
    before = list_messages(store, taken.id, internal=True)
    response = ana.post(f"{taken.path}/transfer", **fields)
    assert (response.status_code, problem in text_of(response)) == (status, True)
    assert list_messages(store, taken.id, internal=True) == before
    assert find_conversation(store, taken.id).agent_id == ana.agent.id


def test_a_colleague_who_left_or_is_disabled_can_t_get_it(ana, marek, taken, store):
    end_presence(store, marek.agent.id)
    assert "Marek" not in text_of(ana.get(taken.path))
    assert ana.post(f"{taken.path}/transfer", to=str(marek.agent.id)).status_code == 409
    marek.get("/desk/alive")
    set_disabled(store, marek.agent.id, True)
    assert ana.post(f"{taken.path}/transfer", to=str(marek.agent.id)).status_code == 409


def test_a_colleague_who_is_away_can_and_is_named_so(ana, marek, taken, store):
    set_available(store, marek.agent.id, False)
    assert "Marek Zieliński (away)" in text_of(ana.get(taken.path))
    assert ana.post(f"{taken.path}/transfer", to=str(marek.agent.id)).status_code == 303
    assert list_inbox(store, marek.agent.id)


def test_only_its_agent_passes_it_on_and_a_repeat_is_refused(ana, marek, taken, store):
    fields = {"to": "queue", "language": "sl"}
    assert marek.post(f"{taken.path}/transfer", **fields).status_code == 409
    assert ana.post(f"{taken.path}/transfer", **fields).status_code == 303
    assert ana.post(f"{taken.path}/transfer", **fields).status_code == 409
    assert [m.text[:11] for m in list_messages(store, taken.id)].count("Ana predaja") == 1


def test_nothing_happens_without_a_token_or_a_session(ana, client, taken, waiting, store):
    for path in (f"{taken.path}/transfer", f"/desk/handoffs/{taken.handoff}/promise", "/desk/availability"):
        assert ana.client.post(path, data={"to": "queue", "language": "sl"}).status_code == 400
        assert client.post(path, data={}).status_code in {303, 400}
    assert find_conversation(store, taken.id).agent_id == ana.agent.id
    assert ana.post("/desk/conversations/nothing/transfer", to="queue", language="sl").status_code == 404


def test_a_target_raises_who_waits_and_says_until_when(ana, store):
    hand_off(store, "Prva")
    second = hand_off(store, "Druga")
    assert "Promise a time…" in text_of(ana.get(second.path))
    assert ana.post(f"/desk/handoffs/{second.handoff}/promise", promise="60").location == second.path
    assert list_queue(store)[0].conversation_id == second.id
    assert "Promised an answer by" in text_of(ana.get(second.path))
    assert re.search(r"Raised:\s*promised by", text_of(ana.get("/desk/list/queue")))


@pytest.mark.parametrize(("fields", "status"), [({}, 400), ({"promise": "soon"}, 400), ({"promise": "99999"}, 400)])
def test_a_target_is_one_of_those_offered(ana, waiting, store, fields, status):
    assert ana.post(f"/desk/handoffs/{waiting.handoff}/promise", **fields).status_code == status
    assert find_handoff(store, waiting.handoff).target_at is None


def test_a_target_is_for_those_who_wait(ana, taken):
    assert ana.post(f"/desk/handoffs/{taken.handoff}/promise", promise="60").status_code == 409
    for nobody in (4711, 10**30):
        assert ana.post(f"/desk/handoffs/{nobody}/promise", promise="60").status_code == 404
        assert ana.post(f"/desk/handoffs/{nobody}/claim").status_code == 404


def test_a_raised_complaint_says_so_in_the_queue(ana, store):
    hand_off(store, "Prva")
    hand_off(store, "Škandal!", reason="complaint")
    page = text_of(ana.get("/desk/list/queue"))
    assert re.search(r"Raised:\s*complaint", page)
    assert page.index("Škandal!") < page.index("Prva")
