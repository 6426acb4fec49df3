"""Spam is in no list, gets no reaction, and loses nothing; a mistake can be taken back."""

from __future__ import annotations

import pytest

from odziv.store.audit import list_entries
from odziv.store.conversations.conversation import create_conversation, delete_conversation, find_conversation
from odziv.store.conversations.messages import NewMessage, add_customer_message, list_messages
from odziv.store.conversations.spam import list_spam, mark_spam, unmark_spam
from odziv.store.conversations.turns import finish_turn
from odziv.store.handoffs.handoff import claim, list_handoffs_of, list_inbox, list_queue, list_snoozed
from odziv.store.handoffs.reports import Counts, count_conversations, list_handoffs_between
from odziv.store.handoffs.snoozes import snooze
from tests.desk.conftest import hand_off
from tests.fixtures import take_turn

ENTRY = NewMessage("system", "spam", "", internal=True)
JOINED = NewMessage("system", "joined", "")


def mark(store, conversation_id, agent):
    return mark_spam(store, conversation_id, agent.id, ENTRY)


def unmark(store, conversation_id, agent):
    return unmark_spam(store, conversation_id, agent.id, ENTRY)


def ids(entries):
    return [entry.conversation_id for entry in entries]


@pytest.mark.parametrize("state", ["queued", "claimed", "snoozed"])
def test_it_leaves_every_list_and_comes_back_to_its_old_place(store, ana, marek, state):
    first, second = hand_off(store, "Kupite!"), hand_off(store, "Kje je paket?")
    if state != "queued":
        claim(store, first.handoff, ana.id, JOINED)
    if state == "snoozed":
        snooze(store, first.id, ana.id, store.clock() + 60_000, ENTRY)
    assert mark(store, first.id, ana)
    assert ids(list_queue(store)) == [second.id]
    assert list_inbox(store, ana.id) == list_snoozed(store) == []
    assert ids(list_spam(store)) == [first.id]
    assert unmark(store, first.id, marek)
    assert ids(list_queue(store)) == [first.id, second.id] and list_spam(store) == []
    assert find_conversation(store, first.id).status == "queued"


def test_what_comes_after_is_kept_and_gets_no_reaction(store, ana):
    waiting = hand_off(store, "Kupite!")
    while turn := take_turn(store):
        finish_turn(store, turn, NewMessage("bot", "x", "x"))
    mark(store, waiting.id, ana)
    message, is_new = add_customer_message(store, waiting.id, "c9", "Kupite še!", "x")
    assert is_new and add_customer_message(store, waiting.id, "c9", "Kupite še!", "x") == (message, False)
    assert take_turn(store) is None and list_queue(store) == []
    assert list_messages(store, waiting.id)[-1].text == "Kupite še!"
    assert find_conversation(store, waiting.id).status == "spam"


def test_taken_back_from_the_bot_every_message_gets_its_one_reaction(store, ana):
    conversation = create_conversation(store, "demo", "sl")
    add_customer_message(store, conversation.id, "c1", "Odgovorjeno", "x")
    finish_turn(store, take_turn(store), NewMessage("bot", "x", "x"))
    add_customer_message(store, conversation.id, "c2", "Med razmišljanjem", "x")
    thinking = take_turn(store)
    mark(store, conversation.id, ana)
    assert not finish_turn(store, thinking, NewMessage("bot", "prepozno", "x"))
    add_customer_message(store, conversation.id, "c3", "Potem", "x")
    assert take_turn(store) is None
    unmark(store, conversation.id, ana)
    reacted = []
    while turn := take_turn(store):
        reacted.append(turn.text)
        assert finish_turn(store, turn, NewMessage("bot", "x", "x"))
    assert reacted == ["Med razmišljanjem", "Potem"]


def test_a_colleagues_conversation_is_not_taken_from_them(store, ana, marek):
    waiting = hand_off(store, "Kje je paket?")
    claim(store, waiting.handoff, ana.id, JOINED)
    assert not mark(store, waiting.id, marek)
    assert ids(list_inbox(store, ana.id)) == [waiting.id] and list_spam(store) == []


def test_twice_is_once_and_it_is_audited(store, ana):
    waiting = hand_off(store, "Kupite!")
    assert [mark(store, waiting.id, ana) for _ in range(2)] == [True, False]
    assert [unmark(store, waiting.id, ana) for _ in range(2)] == [True, False]
    assert not mark(store, "nothing", ana)
    assert [entry.action for entry in list_entries(store)][:2] == ["unmarked_spam", "marked_spam"]


def test_spam_can_be_deleted(store, ana):
    waiting = hand_off(store, "Kupite!")
    mark(store, waiting.id, ana)
    delete_conversation(store, waiting.id)
    assert list_spam(store) == [] and find_conversation(store, waiting.id) is None


def test_it_counts_in_no_figure_until_it_is_taken_back(store, ana):
    waiting, now = hand_off(store, "Kupite!"), store.clock()
    period = (now - 60_000, now + 60_000)
    mark(store, waiting.id, ana)
    assert list_handoffs_of(store, waiting.id)[0].outcome == "spam"
    assert list_handoffs_between(store, *period) == [] and count_conversations(store, *period) == Counts(0, 0)
    unmark(store, waiting.id, ana)
    assert list_handoffs_of(store, waiting.id)[0].outcome is None
    assert len(list_handoffs_between(store, *period)) == 1 and count_conversations(store, *period) == Counts(1, 0)
