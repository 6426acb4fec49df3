"""Ratings: one for the bot and one for the person, changed within an hour, gone with their conversation."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from odziv.store import Store
from odziv.store.conversations.conversation import create_conversation, delete_conversation
from odziv.store.conversations.messages import NewMessage, append_message, list_messages
from odziv.store.conversations.ratings import NothingToRate, RatingClosed, average_ratings, rate_conversation
from odziv.store.engine import HOUR_MS
from odziv.store.knowledge.feedback import Verdict, add_feedback, count_unread, list_comments, mark_read
from odziv.store.schema import ratings


def note(rating, before) -> NewMessage:
    return NewMessage("system", f"{before and before.score} {rating.score}", "", internal=True)


@pytest.fixture
def rate(store: Store, ana):
    """Rates a conversation in which the bot and Ana have spoken."""
    conversation = create_conversation(store, "demo", "sl")
    with store.write() as connection:
        append_message(connection, conversation.id, NewMessage("bot", "x", "x"))
        append_message(connection, conversation.id, NewMessage("agent", "x", "x", agent_id=ana.id))

    def rate(about: str, score: int, words: str | None = None):
        return rate_conversation(store, conversation.id, about, score, words, draft_note=note)

    rate.id = conversation.id
    return rate


def ratings_of(store: Store, conversation_id: str) -> list:
    with store.read() as connection:
        columns = (ratings.c.about, ratings.c.score, ratings.c.words, ratings.c.agent_id)
        this = ratings.c.conversation_id == conversation_id
        return [tuple(row) for row in connection.execute(select(*columns).where(this).order_by(ratings.c.about))]


def test_the_bot_and_the_person_are_rated_apart(rate, store, ana):
    rate("bot", 2)
    rate("person", 5, "Hvala!")
    assert ratings_of(store, rate.id) == [
        ("bot", 2, None, None),
        ("person", 5, "Hvala!", ana.id),
    ]
    assert [(a.about, a.count, a.mean, a.scores) for a in average_ratings(store)] == [
        ("bot", 1, 2.0, {2: 1}),
        ("person", 1, 5.0, {5: 1}),
    ]


def test_within_an_hour_it_can_be_changed_and_words_stay(rate, store):
    rate("bot", 2, "Slow.")
    assert rate("bot", 4).words == "Slow."
    notes = [m.text for m in list_messages(store, rate.id, internal=True) if m.internal]
    rate("bot", 4)
    assert notes == ["None 2", "2 4"]
    assert [m.text for m in list_messages(store, rate.id, internal=True) if m.internal] == notes
    assert not any(m.internal for m in list_messages(store, rate.id))
    store.clock.advance(HOUR_MS + 60_000)
    with pytest.raises(RatingClosed):
        rate("bot", 1)
    assert ratings_of(store, rate.id) == [("bot", 4, "Slow.", None)]


def test_who_has_not_spoken_is_not_rated(store):
    conversation = create_conversation(store, "demo", "sl")
    for about in ("bot", "person"):
        with pytest.raises(NothingToRate):
            rate_conversation(store, conversation.id, about, 5, draft_note=note)
    assert list_messages(store, conversation.id, internal=True) == []


def test_old_ratings_are_not_in_the_averages_and_deleted_ones_nowhere(rate, store):
    rate("bot", 2)
    store.clock.advance(31 * 24 * HOUR_MS)
    assert average_ratings(store) == []
    delete_conversation(store, rate.id)
    assert ratings_of(store, rate.id) == []


def test_comments_are_unread_until_somebody_reads_them(store, ana, marek):
    add_feedback(store, Verdict("orders/return", "sl", "demo", True, "v1"))
    assert (list_comments(store), count_unread(store)) == ([], 0)
    add_feedback(store, Verdict("orders/return", "sl", "demo", False, "v2", "unclear", "Call +386 41 234 567"))
    [comment] = list_comments(store)
    assert comment.words == "Call ⟨number⟩" and count_unread(store) == 1
    assert mark_read(store, comment.id, ana.id) and not mark_read(store, comment.id, marek.id)
    assert (list_comments(store)[0].reader, count_unread(store)) == ("Ana", 0)
    add_feedback(store, Verdict("orders/return", "sl", "demo", False, "v2", "wrong", "Call +386 41 234 567"))
    assert count_unread(store) == 1  # something new was said


def test_a_tap_without_words_does_not_come_back_as_unread(store, ana):
    add_feedback(store, Verdict("orders/return", "sl", "demo", False, "v", "unclear", "Hm."))
    mark_read(store, list_comments(store)[0].id, ana.id)
    add_feedback(store, Verdict("orders/return", "sl", "demo", False, "v"))
    [comment] = list_comments(store)
    assert (comment.reason, comment.words, count_unread(store)) == ("unclear", "Hm.", 0)
