"""The queue: exactly one agent gets a customer, and only that one answers or lets go."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from odziv.store import Store
from odziv.store.conversations.conversation import create_conversation, delete_conversation, find_conversation
from odziv.store.conversations.messages import NewMessage, add_customer_message, list_messages
from odziv.store.conversations.turns import finish_turn_with_handoff
from odziv.store.handoffs.handoff import (
    add_agent_message,
    claim,
    find_handoff,
    list_handoffs_of,
    list_inbox,
    list_queue,
    queue_with_messages,
    release,
)
from odziv.store.handoffs.workload import count_waiting, measure_workload
from tests.fixtures import add_agent, take_turn

NOTICE = NewMessage("system", "a notice", "<p>a notice</p>")


def hand_off(store: Store, text: str = "a person, please") -> str:
    """A conversation in the queue; returns its id."""
    conversation = create_conversation(store, "demo", "sl")
    add_customer_message(store, conversation.id, "c1", text, "")
    assert finish_turn_with_handoff(store, take_turn(store), "requested", "sl", NOTICE)
    return conversation.id


@pytest.fixture
def waiting(store: Store) -> str:
    return hand_off(store)


@pytest.fixture
def taken(store: Store, waiting: str, ana) -> str:
    assert claim(store, list_queue(store)[0].id, ana.id, NOTICE).won
    return waiting


def reply(agent, text: str = "hello", **more) -> NewMessage:
    return NewMessage("agent", text, "", agent_id=agent.id, **more)


def test_of_eight_agents_exactly_one_wins_and_the_others_hear_who(store: Store, waiting: str):
    people = [add_agent(store, name) for name in ("Ana", "Bor", "Cene", "Dana", "Eva", "Filip", "Gaja", "Hana")]
    handoff, start = list_queue(store)[0], threading.Barrier(8)

    def try_to_claim(agent):
        start.wait()
        return claim(store, handoff.id, agent.id, NOTICE)

    with ThreadPoolExecutor(8) as threads:
        claims = list(threads.map(try_to_claim, people))
    winner = [agent for agent, won in zip(people, claims, strict=True) if won.won]
    assert len(winner) == 1
    assert {c.agent_name for c in claims} == {winner[0].name}
    assert find_conversation(store, waiting).agent_id == winner[0].id
    assert [m.text for m in list_messages(store, waiting)].count("a notice") == 2  # handoff, and one claim


def test_a_claim_opens_the_conversation_under_a_new_epoch(store: Store, taken: str, ana):
    conversation = find_conversation(store, taken)
    assert (conversation.status, conversation.agent_name, conversation.epoch) == ("open", "Ana", 2)
    assert list_queue(store) == []
    assert [h.conversation_id for h in list_inbox(store, ana.id)] == [taken]


def test_a_claim_of_nothing_is_a_key_error_and_changes_nothing(store: Store, ana):
    with pytest.raises(KeyError):
        claim(store, 4711, ana.id, NOTICE)


def test_only_the_agent_who_has_it_answers(store: Store, taken: str, ana, marek):
    assert add_agent_message(store, taken, ana.id, reply(ana)).agent_name == "Ana"
    assert add_agent_message(store, taken, marek.id, reply(marek)) is None
    assert [m.text for m in list_messages(store, taken)].count("hello") == 1


def test_nobody_answers_from_the_queue_but_anybody_notes(store: Store, waiting: str, marek):
    assert add_agent_message(store, waiting, marek.id, reply(marek)) is None
    assert add_agent_message(store, waiting, marek.id, reply(marek, internal=True)).internal
    assert "hello" not in [m.text for m in list_messages(store, waiting)]


def test_an_agents_repeat_gives_the_first_message(store: Store, taken: str, ana):
    first = add_agent_message(store, taken, ana.id, reply(ana, client_id="a1"))
    assert add_agent_message(store, taken, ana.id, reply(ana, client_id="a1")) == first


def test_a_message_to_no_conversation_is_none(store: Store, ana):
    assert add_agent_message(store, "missing", ana.id, reply(ana)) is None
    assert release(store, "missing", ana.id, "resolved", NOTICE) is None


@pytest.mark.parametrize("status", ["resolved", "bot"])
def test_the_holder_lets_go(store: Store, taken: str, ana, status):
    assert release(store, taken, ana.id, status, NOTICE)
    conversation = find_conversation(store, taken)
    assert (conversation.status, conversation.agent_id, conversation.epoch) == (status, None, 3)
    assert list_inbox(store, ana.id) == []
    assert list_handoffs_of(store, taken)[0].status == "closed"
    assert release(store, taken, ana.id, status, NOTICE) is None


def test_nobody_else_lets_go(store: Store, taken: str, marek):
    before = list_messages(store, taken)
    assert release(store, taken, marek.id, "resolved", NOTICE) is None
    assert find_conversation(store, taken).status == "open"
    assert list_messages(store, taken) == before


def test_a_customer_who_comes_back_can_be_handed_off_again(store: Store, taken: str, ana):
    release(store, taken, ana.id, "resolved", NOTICE)
    add_customer_message(store, taken, "c2", "again", "")
    assert finish_turn_with_handoff(store, take_turn(store), "unanswered", "sl", NOTICE)
    assert [h.status for h in list_handoffs_of(store, taken)] == ["closed", "waiting"]
    assert list_queue(store)[0].last_text == "again"


def test_the_queue_shows_the_longest_waiting_first_with_the_last_words(store: Store):
    ids = [hand_off(store, f"question {number}") for number in range(3)]
    queue = list_queue(store)
    assert [h.conversation_id for h in queue] == ids
    assert [h.last_text for h in queue] == ["question 0", "question 1", "question 2"]
    assert (queue[0].site, queue[0].language, queue[0].last_sender) == ("demo", "sl", "customer")
    assert count_waiting(store) == 3


def test_the_queue_with_messages_holds_the_notes_too(store: Store, waiting: str, ana):
    add_agent_message(store, waiting, ana.id, reply(ana, "a note", internal=True))
    [(handoff, messages)] = queue_with_messages(store)
    assert handoff.conversation_id == waiting
    assert [m.text for m in messages] == ["a person, please", "a notice", "a note"]


def test_the_workloads_marks_change_with_the_lists(store: Store, waiting: str, ana):
    before = measure_workload(store, ana.id)
    assert (before.waiting, before.mine) == (1, 0)
    claim(store, list_queue(store)[0].id, ana.id, NOTICE)
    claimed = measure_workload(store, ana.id)
    assert (claimed.waiting, claimed.mine) == (0, 1)
    assert claimed.queue_mark != before.queue_mark
    store.clock.advance(5)
    add_customer_message(store, waiting, "c9", "hello?", "")
    assert measure_workload(store, ana.id).inbox_mark != claimed.inbox_mark


def test_deleting_a_conversation_takes_everything_along(store: Store, taken: str, ana):
    handoff = list_inbox(store, ana.id)[0]
    delete_conversation(store, taken)
    assert find_conversation(store, taken) is None
    assert find_handoff(store, handoff.id) is None
    assert list_messages(store, taken) == []
