"""On PostgreSQL two processes race: whatever comes of it happens once, and nobody gets an error."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from threading import Barrier
from typing import Any

import pytest

from odziv.store import Store
from odziv.store.conversations.conversation import create_conversation, find_conversation
from odziv.store.conversations.messages import NewMessage, add_customer_message, list_messages
from odziv.store.conversations.turns import finish_turn, finish_turn_with_handoff, list_due_turns, take_this_turn
from odziv.store.handoffs.handoff import claim, list_queue
from odziv.store.handoffs.scheduled_replies import schedule_reply, send_due_replies, take_back_reply
from odziv.store.search.filters import Wanted
from odziv.store.search.finding import search
from tests.clock import Clock
from tests.fixtures import add_agent, open_again, take_turn

pytestmark = pytest.mark.postgresql
ROUNDS = 20
NOTICE = NewMessage("system", "a notice", "<p>a notice</p>")


@pytest.fixture
def processes(postgresql_store: Store) -> Iterator[tuple[Store, Store]]:
    """Two stores on one database; neither knows of the other's threads."""
    postgresql_store.clock = Clock()
    with closing(open_again(postgresql_store)) as other:
        other.clock = postgresql_store.clock
        yield postgresql_store, other


def race(*steps: Callable[[], Any]) -> list[Any]:
    """Runs them at the same moment; returns what each returned, and raises what one raised."""
    start = Barrier(len(steps))

    def run(step: Callable[[], Any]) -> Any:
        start.wait(30)
        return step()

    with ThreadPoolExecutor(len(steps)) as threads:
        return [each.result(60) for each in [threads.submit(run, step) for step in steps]]


def test_a_message_that_is_sent_twice_at_once_is_stored_once(processes):
    conversation = create_conversation(processes[0], "demo", "en")
    for round_ in range(ROUNDS):
        message = (conversation.id, f"c{round_}", "hello", "")
        sent = race(*(partial(add_customer_message, store, *message) for store in processes * 2))
        assert {message.seq for message, _ in sent} == {round_ + 1}
        assert [is_new for _, is_new in sent].count(True) == 1
    assert len(list_messages(processes[0], conversation.id)) == ROUNDS


def test_messages_of_two_processes_have_numbers_without_a_gap(processes):
    conversation = create_conversation(processes[0], "demo", "en")

    def write(store: Store, name: str) -> None:
        for number in range(ROUNDS):
            add_customer_message(store, conversation.id, f"{name}{number}", f"word{name}{number} same{number}", "")

    race(*(partial(write, *each) for each in zip(processes, "ab", strict=True)))
    messages = list_messages(processes[0], conversation.id)
    assert [message.seq for message in messages] == list(range(1, 2 * ROUNDS + 1))
    assert find_conversation(processes[1], conversation.id).last_seq == 2 * ROUNDS
    for words in ("wordb7", "same7"):  # new ones, that both had never seen
        assert [hit.conversation.id for hit in search(processes[0], words, Wanted(), 10)[0]] == [conversation.id]


def test_a_reply_is_either_taken_back_or_sent(processes):
    store, other = processes
    ana = add_agent(store, "Ana")
    conversation = create_conversation(store, "demo", "en")
    add_customer_message(store, conversation.id, "c", "a person, please", "")
    assert finish_turn_with_handoff(store, take_turn(store), "requested", "en", NOTICE)
    assert claim(store, list_queue(store)[0].id, ana.id, NOTICE).won
    for round_ in range(ROUNDS):
        draft = NewMessage("agent", f"reply {round_}", "", agent_id=ana.id, client_id=f"a{round_}")
        reply = schedule_reply(store, conversation.id, draft, store.clock())
        _, taken_back = race(
            partial(send_due_replies, store, conversation.id, store.clock()),
            partial(take_back_reply, other, conversation.id, reply.id, ana.id),
        )
        sent = [message.text for message in list_messages(store, conversation.id)].count(draft.text)
        assert (sent, taken_back) in ((1, None), (0, draft.text))


def test_of_two_agents_who_claim_at_once_one_has_it(processes):
    agents = [add_agent(processes[0], name) for name in ("Ana", "Marek")]
    for round_ in range(ROUNDS):
        conversation = create_conversation(processes[0], "demo", "en")
        add_customer_message(processes[0], conversation.id, "c", "a person, please", "")
        assert finish_turn_with_handoff(processes[0], take_turn(processes[0]), "requested", "en", NOTICE)
        [handoff] = list_queue(processes[0])
        who = zip(processes, agents, strict=True)
        claims = race(*(partial(claim, store, handoff.id, agent.id, NOTICE) for store, agent in who))
        assert sorted(each.won for each in claims) == [False, True], round_
        owner = find_conversation(processes[0], conversation.id).agent_id
        assert owner == agents[[each.won for each in claims].index(True)].id
        notices = [message.text for message in list_messages(processes[0], conversation.id)]
        assert notices.count(NOTICE.text) == 2  # of the handoff, and of the one who came


def test_of_two_workers_one_has_the_turn_and_one_reply_is_said(processes):
    for round_ in range(ROUNDS):
        conversation = create_conversation(processes[0], "demo", "en")
        add_customer_message(processes[0], conversation.id, "c", f"question {round_}", "")
        [due] = list_due_turns(processes[0], 5)
        turns = race(*(partial(take_this_turn, store, due) for store in processes))
        assert [turn is None for turn in turns].count(False) == 1
        [turn] = [turn for turn in turns if turn]
        reply = NewMessage("bot", "an answer", "")
        done = race(*(partial(finish_turn, store, turn, reply) for store in processes))
        assert sorted(done) == [False, True]
        assert [m.sender for m in list_messages(processes[0], conversation.id)] == ["customer", "bot"]
