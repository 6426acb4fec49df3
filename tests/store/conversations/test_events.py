"""Events are written with what happened, for those who want them, and hold what they should and no more."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from odziv.store.conversations.conversation import create_conversation, delete_conversation
from odziv.store.conversations.messages import NewMessage, add_customer_message, append_message
from odziv.store.conversations.ratings import NothingToRate, average_ratings, rate_conversation
from odziv.store.conversations.turns import finish_turn_with_handoff
from odziv.store.handoffs.handoff import add_agent_message, claim, list_queue, release
from odziv.store.handoffs.leases import transfer_to_agent, transfer_to_queue
from odziv.store.schema import deliveries, handoffs
from odziv.store.webhooks.events import EVENTS, emit
from odziv.store.webhooks.subscriptions import add_webhook, set_enabled
from tests.fixtures import take_turn

NOTE = NewMessage("system", "Rated.", "Rated.", internal=True)


def sent(store) -> list[dict]:
    """Every body there is, in order."""
    with store.read() as connection:
        return [
            json.loads(body)
            for body in connection.execute(select(deliveries.c.body).order_by(deliveries.c.id)).scalars()
        ]


def types(store) -> list[str]:
    return [body["type"] for body in sent(store)]


@pytest.fixture
def listening(store):
    return add_webhook(store, "https://shop.example/hook", EVENTS)[0]


@pytest.fixture
def queued(store):
    """A conversation that waits, handed off as the bot does it."""
    conversation = create_conversation(store, "demo", "sl", page="https://shop.example/")
    add_customer_message(store, conversation.id, "c1", "Kje je paket?", "<p>Kje je paket?</p>")
    assert finish_turn_with_handoff(store, take_turn(store), "requested", "sl", NewMessage("system", "Počakajte.", "…"))
    return conversation.id


def test_the_life_of_a_conversation_is_told_in_order(store, ana, listening, queued):
    [handoff] = list_queue(store)
    claim(store, handoff.id, ana.id, NewMessage("system", "Ana je tu.", "…"))
    add_agent_message(store, queued, ana.id, NewMessage("agent", "Pozdravljeni", "…", agent_id=ana.id))
    release(store, queued, ana.id, "resolved", NewMessage("system", "Zaključeno.", "…"))
    assert types(store) == [
        "conversation.created", "message.created", "message.created", "conversation.handed_off",
        "conversation.claimed", "message.created", "message.created", "message.created", "conversation.resolved",
    ]  # fmt: skip
    told = sent(store)
    assert [body["seq"] for body in told] == list(range(1, 10))
    assert len({body["id"] for body in told}) == 9
    assert told[0]["data"]["conversation"]["status"] == "bot" and told[0]["data"]["conversation"]["id"] == queued
    assert told[1]["data"]["message"]["text"] == "Kje je paket?"
    assert told[3]["data"]["handoff"]["reason"] == "requested"
    assert told[3]["data"]["conversation"]["status"] == "queued"
    assert told[4]["data"]["conversation"]["agent"] == {"id": ana.id, "name": "Ana"}
    assert told[6]["data"]["message"]["agent"]["name"] == "Ana"
    assert told[8]["data"]["conversation"]["status"] == "resolved"


def test_passing_on_is_told_and_internal_notes_never(store, ana, marek, listening, queued):
    claim(store, list_queue(store)[0].id, ana.id, NewMessage("system", "Ana je tu.", "…"))
    before = len(sent(store))
    note = NewMessage("agent", "Skrivnost", "…", agent_id=ana.id, internal=True)
    assert transfer_to_agent(store, queued, ana.id, marek.id, note)
    assert transfer_to_queue(store, queued, marek.id, note, language="hr", topic="orders")
    assert types(store)[before:] == ["conversation.claimed", "conversation.handed_off"]
    claimed, queued_again = sent(store)[before:]
    assert claimed["data"]["conversation"]["agent"]["name"] == "Marek"
    assert (queued_again["data"]["handoff"]["language"], queued_again["data"]["handoff"]["topic"]) == ("hr", "orders")
    with store.read() as connection:
        assert not any("Skrivnost" in body for body in connection.execute(select(deliveries.c.body)).scalars())


def test_each_webhook_gets_what_it_wants_under_its_own_numbers(store):
    everything = add_webhook(store, "https://a.example/", EVENTS)[0]
    messages_only = add_webhook(store, "https://b.example/", ["message.created"])[0]
    off = add_webhook(store, "https://c.example/", EVENTS)[0]
    set_enabled(store, off, False)
    conversation = create_conversation(store, "demo", "sl")
    add_customer_message(store, conversation.id, "c1", "Hej", "Hej")
    with store.read() as connection:
        rows = connection.execute(select(deliveries)).all()
    got = {(row.webhook_id, row.event, json.loads(row.body)["seq"]) for row in rows}
    assert got == {
        (everything, "conversation.created", 1),
        (everything, "message.created", 2),
        (messages_only, "message.created", 1),
    }
    ids = {row.event_id for row in rows if row.event == "message.created"}
    assert len(ids) == 1


def test_nothing_is_written_when_the_thing_itself_is_not(store, listening):
    conversation = create_conversation(store, "demo", "sl")
    with pytest.raises(RuntimeError), store.write() as connection:
        append_message(connection, conversation.id, NewMessage("system", "x", "x"))
        raise RuntimeError
    assert types(store) == ["conversation.created"]


def test_without_webhooks_and_for_the_check_of_a_start_nothing_is_written(store):
    create_conversation(store, "demo", "sl")
    add_webhook(store, "https://a.example/", EVENTS)
    create_conversation(store, "_check", "en")
    assert sent(store) == []


def test_a_later_event_goes_the_same_way_and_an_unknown_one_is_a_mistake(store, listening):
    conversation = create_conversation(store, "demo", "sl")
    with store.write() as connection:
        emit(connection, "conversation.rated", conversation.id, rating={"about": "bot", "score": 5})
        with pytest.raises(ValueError, match="no event"):
            emit(connection, "conversation.eaten", conversation.id)
    assert sent(store)[-1]["data"]["rating"] == {"about": "bot", "score": 5}


def test_a_deleted_conversation_takes_what_was_to_be_sent_with_it(store, listening, queued):
    other = create_conversation(store, "demo", "sl")
    delete_conversation(store, queued)
    assert [body["data"]["conversation"]["id"] for body in sent(store)] == [other.id]
    with store.read() as connection:
        assert connection.execute(select(handoffs)).first() is None


def test_what_is_written_is_due_at_once(store, listening):
    create_conversation(store, "demo", "sl")
    with store.read() as connection:
        row = connection.execute(select(deliveries)).one()
    assert (row.status, row.attempts) == ("waiting", 0) and row.next_at == store.clock()


def test_a_rating_is_told_with_who_was_rated_and_again_only_when_it_changes(store, ana, listening):
    conversation = create_conversation(store, "demo", "sl")
    with store.write() as connection:
        append_message(connection, conversation.id, NewMessage("agent", "x", "x", agent_id=ana.id))

    def rate(score: int, words: str | None = None) -> None:
        rate_conversation(store, conversation.id, "person", score, words, draft_note=lambda *_: NOTE)

    rate(5)
    rate(5)
    rate(4, "Hvala.")
    rated = [body["data"]["rating"] for body in sent(store) if body["type"] == "conversation.rated"]
    assert [(told["score"], told["words"]) for told in rated] == [(5, None), (4, "Hvala.")]
    assert rated[0]["about"] == "person" and rated[0]["agent"] == {"id": ana.id, "name": "Ana"}
    assert types(store).count("message.created") == 1, "the note on it is for agents"


def test_a_rating_that_is_not_kept_is_not_told(store, listening):
    conversation = create_conversation(store, "demo", "sl")
    with store.write() as connection:
        append_message(connection, conversation.id, NewMessage("bot", "x", "x"))

    def fail(*_):
        raise RuntimeError("nothing to write it with")

    with pytest.raises(RuntimeError):
        rate_conversation(store, conversation.id, "bot", 5, draft_note=fail)
    with pytest.raises(NothingToRate):
        rate_conversation(store, conversation.id, "person", 5, draft_note=lambda *_: NOTE)
    assert "conversation.rated" not in types(store) and average_ratings(store) == []
