"""What a customer has asked, and what the bot took it for."""

from __future__ import annotations

import pytest

from odziv.store.conversations.asked import MOST_ASKED, list_asked, list_typed
from odziv.store.conversations.conversation import create_conversation
from odziv.store.conversations.messages import NewMessage, add_customer_message
from odziv.store.conversations.turns import finish_turn, finish_turn_with_handoff
from tests.fixtures import take_turn

CONSIDERED = [{"article": "orders/return", "language": "en", "title": "Returns", "confidence": 0.4}]


@pytest.fixture
def conversation(store):
    return create_conversation(store, "demo", "en").id


def write(store, conversation, text, button=None):
    """The customer's message, and the bot's turn that it asks for."""
    count = len(list_asked(store, conversation))
    add_customer_message(store, conversation, f"c{count}", text, text, button)
    return take_turn(store)


def say(text, **more):
    return NewMessage("bot", text, text, **more)


def taken(store, conversation):
    return [(each.text, each.taken) for each in list_asked(store, conversation)]


def test_what_was_looked_up_is_a_question_and_other_answers_are_talk(store, conversation):
    finish_turn(store, write(store, conversation, "returns?"), say("Like this.", considered=CONSIDERED))
    finish_turn(store, write(store, conversation, "cheers"), say("You're welcome."))
    write(store, conversation, "and?")
    assert taken(store, conversation) == [("and?", None), ("cheers", "talk"), ("returns?", "question")]


@pytest.mark.parametrize(("reason", "is_taken"), [("requested", "wish"), ("complaint", None), ("danger", None)])
def test_why_it_was_handed_off_tells_whether_it_is_a_wish(store, conversation, reason, is_taken):
    turn = write(store, conversation, "somebody")
    finish_turn_with_handoff(store, turn, reason, "en", NewMessage("system", "Please wait.", "Please wait."))
    assert taken(store, conversation) == [("somebody", is_taken)]


def test_what_the_bot_was_unsure_of_is_a_question(store, conversation):
    notice = NewMessage("system", "Please wait.", "Please wait.", considered=CONSIDERED)
    finish_turn_with_handoff(store, write(store, conversation, "tents?"), "unsure", "en", notice)
    assert taken(store, conversation) == [("tents?", "question")]


@pytest.mark.parametrize(
    ("button", "is_taken"),
    [
        ({"kind": "choice", "intent": "choose_article", "article": "orders/return"}, "question"),
        ({"kind": "human", "intent": "request_human"}, "wish"),
        ({"kind": "feedback", "intent": "feedback_negative"}, "talk"),
    ],
)
def test_what_was_pressed_is_what_its_button_means(store, conversation, button, is_taken):
    write(store, conversation, "Press", button)
    assert [(each.is_pressed, each.taken) for each in list_asked(store, conversation)] == [(True, is_taken)]
    assert list_typed(store, conversation, 99) == []


def test_only_what_came_before_and_only_of_this_conversation(store, conversation):
    other = create_conversation(store, "demo", "en").id
    add_customer_message(store, other, "c", "elsewhere", "x")
    for number in range(MOST_ASKED + 3):
        add_customer_message(store, conversation, f"c{number}", f"text {number}", "x")
    assert [each.seq for each in list_typed(store, conversation, 3)] == [2, 1]
    assert len(list_typed(store, conversation, 99)) == MOST_ASKED
    assert list_asked(store, "nothing") == []
