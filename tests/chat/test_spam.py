"""A sender of spam at the widget's interface: acknowledged, not answered, not told."""

from __future__ import annotations

from odziv.store.conversations.conversation import find_conversation
from odziv.store.conversations.messages import NewMessage
from odziv.store.conversations.spam import mark_spam, unmark_spam
from odziv.store.handoffs.handoff import list_queue
from tests.fixtures import add_agent

ENTRY = NewMessage("system", "spam", "", internal=True)


def test_what_a_sender_of_spam_writes_is_kept_and_answered_only_when_it_was_none(visitor, services, store, run_turns):
    ana = add_agent(store, "Vera")
    visitor.say("Buy this!")
    run_turns()
    assert mark_spam(store, visitor.id, ana.id, ENTRY)
    answer = visitor.say("I want a person!", "c2")
    assert answer.status_code == 201 and visitor.say("I want a person!", "c2").get_json() == answer.get_json()
    run_turns()
    assert [m["sender"] for m in visitor.messages()] == ["customer", "bot", "customer"]
    assert visitor.log()["conversation"]["status"] == "resolved" and list_queue(store) == []
    assert find_conversation(store, visitor.id).status == "spam"
    assert unmark_spam(store, visitor.id, ana.id, ENTRY)
    run_turns()
    assert [m["sender"] for m in visitor.messages()] == ["customer", "bot", "customer", "bot"]
