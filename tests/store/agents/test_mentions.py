"""Mentions in notes: unread until seen, counted for the one who is named."""

from __future__ import annotations

from odziv.store.agents.mentions import count_unread, list_mentions, mark_read
from odziv.store.conversations.conversation import create_conversation, delete_conversation
from odziv.store.conversations.messages import NewMessage
from odziv.store.handoffs.handoff import add_agent_message


def note(store, conversation_id, by, *named, client_id=None):
    draft = NewMessage("agent", "look", "<p>look</p>", agent_id=by.id, internal=True, client_id=client_id)
    draft = NewMessage(**{**vars(draft), "mentions": tuple(agent.id for agent in named)})
    return add_agent_message(store, conversation_id, by.id, draft)


def test_a_mention_is_unread_until_the_conversation_is_seen(store, ana, marek):
    first, second = create_conversation(store, "demo", "sl").id, create_conversation(store, "demo", "sl").id
    note(store, first, ana, marek)
    store.clock.advance(1)
    note(store, second, ana, marek, marek)
    assert (count_unread(store, marek.id), count_unread(store, ana.id)) == (2, 0)
    assert mark_read(store, marek.id, first) == 1 and mark_read(store, marek.id, first) == 0
    mentions = list_mentions(store, marek.id)
    assert [(m.conversation_id, m.author, m.read_at is None) for m in mentions] == [
        (second, "Ana", True),
        (first, "Ana", False),
    ]
    assert mark_read(store, marek.id) == 1 and count_unread(store, marek.id) == 0


def test_a_note_that_is_sent_twice_mentions_once(store, ana, marek):
    conversation = create_conversation(store, "demo", "sl").id
    for _ in range(2):
        note(store, conversation, ana, marek, client_id="n1")
    assert count_unread(store, marek.id) == 1


def test_a_deleted_conversation_takes_its_mentions_along(store, ana, marek):
    conversation = create_conversation(store, "demo", "sl").id
    note(store, conversation, ana, marek)
    delete_conversation(store, conversation)
    assert list_mentions(store, marek.id) == [] and count_unread(store, marek.id) == 0
