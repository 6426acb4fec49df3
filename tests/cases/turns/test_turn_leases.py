"""A turn that takes long stays with who works on it; one whose worker is gone is taken by another soon."""

from __future__ import annotations

import pytest

from odziv.cases import turn_runner
from odziv.cases.turn_runner import KEEP_SECONDS, UnderWay
from odziv.store import Store
from odziv.store.conversations.conversation import create_conversation
from odziv.store.conversations.messages import NewMessage, add_customer_message, list_messages
from odziv.store.conversations.turns import (
    LEASE_MS,
    Turn,
    finish_turn,
    keep_turns,
    list_due_turns,
    take_this_turn,
)


def taken(store: Store) -> Turn:
    """A turn that somebody works on."""
    conversation = create_conversation(store, "demo", "en").id
    add_customer_message(store, conversation, "m1", "Where is my parcel?", "")
    turn = take_again(store)
    assert turn is not None
    return turn


def take_again(store: Store) -> Turn | None:
    due = list_due_turns(store, 10)
    return take_this_turn(store, due[0]) if due else None


@pytest.fixture
def at_once(monkeypatch):
    """Every turn under way has been for long."""
    monkeypatch.setattr(turn_runner, "KEEP_SECONDS", 0.0)


def test_a_lease_is_kept_several_times_before_it_ends():
    assert LEASE_MS >= 4 * 1000 * KEEP_SECONDS


def test_whose_worker_is_gone_is_taken_after_the_lease(store):
    first = taken(store)
    store.clock.advance(LEASE_MS - 1)
    assert take_again(store) is None
    store.clock.advance(1)
    second = take_again(store)
    assert second is not None and second.attempts == first.attempts + 1
    assert not finish_turn(store, first, NewMessage("bot", "late", "late"))
    assert finish_turn(store, second, NewMessage("bot", "in time", "in time"))
    assert [message.text for message in list_messages(store, first.conversation_id)][1:] == ["in time"]


def test_what_is_worked_on_for_long_stays_with_who_has_it(store, at_once):
    turn, under_way = taken(store), UnderWay(store)
    with under_way.at_work(turn):
        for _ in range(5):
            store.clock.advance(LEASE_MS - 1)
            under_way._run_once()
        assert take_again(store) is None
        assert finish_turn(store, turn, NewMessage("bot", "at last", "at last"))


def test_what_is_over_is_kept_no_more(store, at_once):
    turn, under_way = taken(store), UnderWay(store)
    with under_way.at_work(turn):
        pass
    store.clock.advance(LEASE_MS - 1)
    under_way._run_once()
    store.clock.advance(1)
    assert take_again(store) is not None


def test_what_takes_no_longer_than_others_writes_nothing(store, monkeypatch):
    turn, under_way = taken(store), UnderWay(store)
    monkeypatch.setattr(turn_runner, "keep_turns", lambda *_: pytest.fail("kept"))
    with under_way.at_work(turn):
        under_way._run_once()


def test_who_stood_still_does_not_keep_what_another_has_taken(store):
    first = taken(store)
    store.clock.advance(LEASE_MS)
    second = take_again(store)
    assert second is not None
    assert keep_turns(store, [first]) == 0
    assert keep_turns(store, [second]) == 1


def test_what_is_done_is_not_kept(store):
    turn = taken(store)
    assert finish_turn(store, turn, NewMessage("bot", "done", "done"))
    assert keep_turns(store, [turn]) == 0
    assert take_again(store) is None
