"""The desk's other verbs by a token: snooze, spam, merge, priority, promise, customer, flag, availability."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from odziv.store.agents.availability import find_availability
from odziv.store.conversations.conversation import create_conversation, find_conversation
from odziv.store.conversations.messages import NewMessage, append_message, list_messages
from odziv.store.handoffs.handoff import list_handoffs_of
from odziv.store.knowledge.flags import list_flags
from odziv.store.schema import conversations
from tests.desk.conftest import hand_off
from tests.fixtures import set_contact


@pytest.fixture
def mine(ana, waiting):
    """The path of a conversation that Ana has."""
    ana.post(f"/conversations/{waiting.id}/claim")
    return f"/conversations/{waiting.id}"


def message_of(answer) -> str:
    return answer.get_json()["error"]["message"]


def test_snoozed_and_woken(ana, marek, store, waiting, mine):
    assert marek.post(f"{mine}/snooze", {"minutes": 60}).status_code == 409
    assert ana.post(f"{mine}/wake").status_code == 409
    assert ana.post(f"{mine}/snooze", {"minutes": 60.0}).get_json()["conversation"]["status"] == "open"
    [handoff] = list_handoffs_of(store, waiting.id)
    assert handoff.status == "snoozed" and abs(handoff.snoozed_until - store.clock() - 3_600_000) < 60_000
    assert "(UTC)" in list_messages(store, waiting.id, internal=True)[-1].text
    assert marek.post(f"{mine}/wake").status_code == 200
    assert list_handoffs_of(store, waiting.id)[0].status == "claimed"


def test_spam_and_no_spam(ana, marek, waiting, mine):
    assert marek.post(f"{mine}/spam").status_code == 409  # a colleague's
    assert ana.post(f"{mine}/spam").get_json()["conversation"]["status"] == "spam"
    assert ana.post(f"{mine}/spam").status_code == 409
    assert [one["id"] for one in ana.get("/conversations?status=spam").get_json()["conversations"]] == [waiting.id]
    assert ana.post(f"{mine}/not-spam").get_json()["conversation"]["status"] == "queued"
    assert ana.post(f"{mine}/not-spam").status_code == 409


def test_another_of_the_same_customer_is_merged_after_a_word_that_it_is(ana, store, waiting, mine):
    other = hand_off(store, "Še enkrat jaz")
    refused = ana.post(f"{mine}/merge", {"from": other.id})
    assert (refused.status_code, refused.get_json()["error"]["code"]) == (409, "conflict")
    for each in (waiting, other):
        set_contact(store, each.id, email="nina@kranjc.example")
    refused = ana.post(f"{mine}/merge", {"from": other.id})
    assert (refused.status_code, refused.get_json()["error"]["code"]) == (409, "unconfirmed")
    assert (
        ana.post(f"{mine}/merge", {"from": other.id, "confirmed": True}).get_json()["conversation"]["id"] == waiting.id
    )
    assert find_conversation(store, other.id).status == "resolved"
    assert ana.post(f"{mine}/merge", {"from": waiting.id}).status_code == 409
    assert ana.post(f"{mine}/merge", {"from": "nope"}).status_code == 404


def test_priority_and_promise(ana, store, waiting):
    path = f"/conversations/{waiting.id}"
    assert ana.post(f"{path}/priority", {"priority": "urgent"}).status_code == 200
    promised = ana.post(f"{path}/promise", {"minutes": 60}).get_json()["handoff"]
    assert promised["promised_at"] and list_handoffs_of(store, waiting.id)[0].priority == "urgent"
    ana.post(f"{path}/claim")
    assert ana.post(f"{path}/promise", {"minutes": 60}).status_code == 409
    ana.post(f"{path}/resolve")
    assert ana.post(f"{path}/priority", {"priority": "high"}).status_code == 409


def test_who_the_customer_is(ana, store, waiting):
    path = f"/conversations/{waiting.id}/customer"
    both = {"name": "  Nina\n Kranjc ", "email": "nina@kranjc.example"}
    customer = ana.call("PATCH", path, both).get_json()["conversation"]["customer"]
    assert (customer["name"], customer["email"]) == ("Nina Kranjc", "nina@kranjc.example")
    customer = ana.call("PATCH", path, {"name": None}).get_json()["conversation"]["customer"]
    assert (customer["name"], customer["email"]) == (None, "nina@kranjc.example")
    with store.write() as connection:
        connection.execute(update(conversations).where(conversations.c.id == waiting.id).values(verified=True))
    assert ana.call("PATCH", path, {"name": "Other"}).status_code == 409


def test_a_wrong_answer_is_flagged(ana, store, waiting):
    with store.write() as connection:
        seq = append_message(connection, waiting.id, NewMessage("bot", "Vrnite ga.", "x")).seq
    path = f"/conversations/{waiting.id}/messages"
    assert ana.post(f"{path}/{seq}/flag", {"reason": "Vprašal je, kje je."}).status_code == 204
    assert ana.post(f"{path}/{seq}/flag", {}).status_code == 204
    assert [flag.reason for flag in list_flags(store)] == ["Vprašal je, kje je."]
    assert ana.post(f"{path}/999/flag", {}).status_code == 404 and ana.post(f"{path}/1/flag", {}).status_code == 404


def test_available_and_away(ana, store):
    assert ana.post("/availability", {"available": False}).status_code == 204
    assert find_availability(store, ana.agent.id).available is False
    ana.post("/availability", {"available": True})
    assert find_availability(store, ana.agent.id).available is True


@pytest.mark.parametrize(
    ("verb", "body"),
    [
        ("snooze", {"minutes": 0}),
        ("snooze", {"minutes": 525_601}),
        ("snooze", {"minutes": True}),
        ("snooze", {"minutes": "60"}),
        ("snooze", {"minutes": 1e300}),
        ("merge", {}),
        ("merge", {"from": 5}),
        ("merge", {"other": "x"}),
        ("merge", {"from": ""}),
        ("merge", {"from": "x", "confirmed": 1}),
        ("priority", {"priority": "now"}),
        ("promise", {"minutes": 31}),
        ("promise", {"minutes": True}),
        ("messages/1/flag", {"reason": "x" * 501}),
        ("messages/1/flag", []),
    ],
)
@pytest.mark.slow
def test_what_makes_no_sense_is_refused_and_changes_nothing(ana, store, waiting, mine, verb, body):
    before = find_conversation(store, waiting.id)
    answer = ana.post(f"{mine}/{verb}", body)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (400, "bad_request")
    assert find_conversation(store, waiting.id) == before


@pytest.mark.parametrize(
    "body",
    [{"email": "x"}, {"email": ""}, {"email": "a@b.example\n"}, {"name": "x" * 121}, {"name": 1}, {"id": "x"}, []],
)
def test_no_customer_of_that_kind(ana, waiting, body):
    assert ana.call("PATCH", f"/conversations/{waiting.id}/customer", body).status_code == 400


@pytest.mark.parametrize("body", [{}, {"available": 1}, {"available": "yes"}])
def test_there_is_nothing_between_available_and_away(ana, body):
    assert ana.post("/availability", body).status_code == 400


@pytest.mark.parametrize("verb", ["snooze", "wake", "spam", "not-spam", "merge", "priority", "promise"])
def test_of_a_conversation_that_is_not_there(ana, verb):
    bodies = {
        "snooze": {"minutes": 5},
        "merge": {"from": "x"},
        "priority": {"priority": "high"},
        "promise": {"minutes": 30},
    }
    assert ana.post(f"/conversations/nope/{verb}", bodies.get(verb)).status_code == 404


@pytest.mark.parametrize(
    ("verb", "body"),
    [
        ("claim", None),
        ("messages", {"client_id": "m1", "text": "Hello"}),
        ("notes", {"client_id": "n1", "text": "Hello"}),
        ("transfer", {"to": "queue"}),
        ("transfer", {"to": "queue", "topic": "no-such-topic"}),
        ("transfer", {"to": 1, "language": "en"}),
        ("hand-back", None),
        ("resolve", None),
        ("messages/1/phrasing", {"article": "orders/return", "text": "Hello"}),
    ],
)
@pytest.mark.slow
def test_whoever_looks_it_up_an_unknown_one_is_told_the_same(ana, verb, body):
    answer = ana.post(f"/conversations/nope/{verb}", body)
    assert answer.status_code == 404
    assert answer.get_json()["error"] == {"code": "not_found", "message": "There is no such conversation."}


def test_a_conversation_is_looked_up_once_before_and_once_after(ana, store, waiting, monkeypatch):
    path, looked_up = f"/conversations/{waiting.id}", []

    def find(store, conversation_id):
        looked_up.append(conversation_id)
        return find_conversation(store, conversation_id)

    for module in ("odziv.desk.api.reading", "odziv.cases.conversations.lookup"):
        monkeypatch.setattr(f"{module}.find_conversation", find)
    for verb, body, most in [
        ("claim", None, 2),
        ("messages", {"client_id": "m1", "text": "Hello"}, 2),
        ("notes", {"client_id": "n1", "text": "Hello"}, 1),
        ("priority", {"priority": "high"}, 2),
        ("snooze", {"minutes": 5}, 2),
        ("wake", None, 2),
        ("transfer", {"to": "queue"}, 2),
        ("promise", {"minutes": 30}, 2),
        ("claim", None, 2),
        ("resolve", None, 2),
        ("spam", None, 2),
        ("not-spam", None, 2),
    ]:
        looked_up.clear()
        assert ana.post(f"{path}/{verb}", body).status_code in (200, 201), verb
        assert 1 <= len(looked_up) <= most, verb
    looked_up.clear()
    assert ana.call("PATCH", f"{path}/customer", {"name": "Nina"}).status_code == 200
    assert find_conversation(store, waiting.id).name == "Nina"
    assert looked_up == []  # the transaction that changes it reads it


def test_one_the_bot_has_can_not_be_snoozed(ana, store):
    conversation = create_conversation(store, "demo", "sl")
    answer = ana.post(f"/conversations/{conversation.id}/snooze", {"minutes": 5})
    assert answer.status_code == 409 and "Take it first" in message_of(answer)


def test_an_administrators_program_takes_over_and_gives_away(program, store, waiting):
    ana, vera = program("Ana Kovač"), program("Vera Novak", "admin")
    path = f"/conversations/{waiting.id}"
    ana.post(f"{path}/claim")
    for _ in range(2):  # repeating is harmless
        taken = vera.post(f"{path}/take-over")
        assert taken.status_code == 200 and taken.get_json()["conversation"]["agent"]["name"] == "Vera Novak"
        given = vera.post(f"{path}/assign", {"to": ana.agent.id})
        assert given.get_json()["conversation"]["agent"]["name"] == "Ana Kovač"
    assert find_conversation(store, waiting.id).agent_id == ana.agent.id


def test_a_program_may_no_more_than_its_token(program, waiting):
    ana, vera = program("Ana Kovač"), program("Vera Novak", "admin", token_role="agent")
    ana.post(f"/conversations/{waiting.id}/claim")
    for path, body in (("take-over", None), ("assign", {"to": vera.agent.id})):
        refused = vera.post(f"/conversations/{waiting.id}/{path}", body)
        assert (refused.status_code, refused.get_json()["error"]["code"]) == (403, "forbidden")


@pytest.mark.parametrize(
    ("body", "status"),
    [({}, 400), ({"to": "7"}, 400), ({"to": 0}, 400), ({"to": True}, 400), ({"to": 99}, 409), ({"to": 7, "x": 1}, 400)],
)
def test_to_whom_is_an_agents_id(program, waiting, body, status):
    assert program("Vera Novak", "admin").post(f"/conversations/{waiting.id}/assign", body).status_code == status
