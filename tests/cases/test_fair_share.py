"""One visitor's turns never hold up another's: they are taken in rotation, counted in turns."""

from __future__ import annotations

import threading

import pytest

from odziv.cases.lanes import FairShare
from odziv.store.conversations.conversation import create_conversation
from odziv.store.conversations.messages import add_customer_message, list_messages
from odziv.store.conversations.turns import DueTurn
from tests.fakes import PAYLOAD
from tests.fixtures import set_contact
from tests.waiting import wait_until

HOSTILE = 88


def say(services, text: str, visitor: str | None, conversation: str | None = None) -> str:
    """A message, of a new conversation if none is named; returns the conversation's id."""
    store = services.store
    conversation = conversation or create_conversation(store, "demo", "en").id
    number = len(list_messages(store, conversation))
    add_customer_message(store, conversation, f"c{number}", text, "")
    store.clock.advance(10)
    if visitor:
        services.turns.remember(conversation, visitor)
    return conversation


@pytest.fixture
def asked(services):
    """What the bot was asked, in order."""
    words = []

    def answer(_, conversation, text, language):
        words.append(text)
        return [{"custom": PAYLOAD}]

    services.bot.says = answer
    return words


def say_88(services, spread: bool) -> None:
    """From one network, in one conversation or in as many."""
    conversation = None
    for _ in range(HOSTILE):
        said = say(services, "ali " * 500, "192.0.2.7", conversation)
        conversation = None if spread else said


@pytest.mark.slow
@pytest.mark.parametrize("spread", [False, True])
def test_one_customer_waits_for_one_turn_of_88_of_another(services, asked, spread):
    say_88(services, spread)
    assert services.turns.run_next()
    say(services, "Where is my parcel?", "192.0.2.8")
    while services.turns.run_next():
        pass
    assert len(asked) == HOSTILE + 1 and asked.index("Where is my parcel?") <= 1


@pytest.mark.slow
def test_threads_are_left_while_one_visitor_has_many_slow_turns(services):
    go_on, words = threading.Event(), []

    def answer(_, conversation, text, language):
        words.append(text)
        if text.startswith("ali"):
            assert go_on.wait(20)
        return [{"custom": PAYLOAD}]

    services.bot.says = answer
    say_88(services, True)
    services.turns.start()
    try:
        wait_until(lambda: words.count("ali " * 500) > 1)
        other = say(services, "Where is my parcel?", "192.0.2.8")
        services.turns.wake()
        wait_until(lambda: len(list_messages(services.store, other)) == 2)
        assert len(words) <= 5
    finally:
        go_on.set()
        services.turns.stop(30)


def test_three_visitors_take_turns():
    share = FairShare(most=2)
    due = [DueTurn(f"{who}{number}", 1, who) for who in "abc" for number in range(3)]
    taken = []
    while ordered := share.order(due):
        due.remove(ordered[0])
        taken.append(ordered[0].visitor)
        share.end(share.begin(ordered[0]))
    assert taken == ["a", "b", "c"] * 3


def test_nobody_has_more_than_the_most_under_way_and_gets_the_next_when_one_is_over():
    share = FairShare(most=2)
    due = [DueTurn(f"a{number}", 1, "a") for number in range(4)]
    first, second = (share.begin(each) for each in due[:2])
    assert share.order(due[2:]) == []
    share.end(first)
    assert share.order(due[2:]) == due[2:]


def test_a_conversation_of_nobody_in_particular_is_a_visitor_by_itself():
    share = FairShare(most=1)
    due = [DueTurn(name, 1, None) for name in ("one", "two")]
    share.begin(due[0])
    assert share.order(due) == [due[1]]


@pytest.mark.parametrize(
    "fields",
    [{"channel": "mail", "email": "ana@smreka.example"}, {"customer": "7", "verified": True}],
)
@pytest.mark.slow
def test_who_a_visitor_is_a_conversation_may_say(services, fields, asked):
    for _ in range(5):
        set_contact(services.store, say(services, "one more", None), **fields)
    say(services, "Where is my parcel?", None)
    while services.turns.run_next():
        pass
    assert asked.index("Where is my parcel?") == 1


@pytest.mark.slow
def test_what_anybody_types_of_themselves_is_no_visitor(services, asked):
    """Else somebody who leaves another's address would hold up that one."""
    for text in ("first", "second"):
        set_contact(services.store, say(services, text, None), email="ana@smreka.example")
    conversation = say(services, "third", None)
    assert conversation
    while services.turns.run_next():
        pass
    assert asked == ["first", "second", "third"]


def test_what_is_remembered_is_bounded(monkeypatch):
    monkeypatch.setattr("odziv.cases.lanes.MOST_REMEMBERED", 10)
    share = FairShare(most=1)
    for number in range(100):
        share.remember(f"c{number}", f"v{number}")
        share.end(share.begin(DueTurn(f"c{number}", 1, None)))
    assert len(share._visitors) == len(share._served) == 10 and not share._under_way
