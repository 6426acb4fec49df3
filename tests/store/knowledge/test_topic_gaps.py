"""Questions about topics without an article: noted with the reply, counted by topic, gone with the conversation."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from odziv.store import Store
from odziv.store.conversations.conversation import create_conversation, delete_conversation
from odziv.store.conversations.messages import NewMessage, add_customer_message
from odziv.store.conversations.turns import finish_turn, finish_turn_with_handoff
from odziv.store.engine import DAY_MS
from odziv.store.knowledge.topic_gaps import list_topic_gaps
from odziv.store.schema import conversations
from tests.fixtures import take_turn

WRAPPING, JOBS = "near/gift-wrapping", "near/jobs"


def missing(*topics: str) -> list[dict]:
    """What the bot considered about a message with so many questions."""
    article = {"article": "orders/return", "language": "en", "title": "T", "confidence": 0.2}
    return [article | {"missing": {"topic": topic, "name": "A name"}} for topic in topics] + [article]


def ask(store: Store, text: str, *topics: str, language: str = "en", end=finish_turn) -> str:
    conversation = create_conversation(store, "demo", language)
    add_customer_message(store, conversation.id, f"c-{conversation.id}", text, text)
    assert end(store, take_turn(store), NewMessage("bot", "Nothing.", "", considered=missing(*topics)))
    store.clock.advance(1000)
    return conversation.id


def hand_off(store: Store, turn, reply: NewMessage) -> bool:
    return finish_turn_with_handoff(store, turn, "low_confidence", "en", NewMessage("system", "A person.", ""), reply)


def hand_off_unsaid(store: Store, turn, reply: NewMessage) -> bool:
    notice = NewMessage("system", "A person.", "", considered=reply.considered)
    return finish_turn_with_handoff(store, turn, "low_confidence", "en", notice)


def test_topics_are_counted_by_language_with_the_newest_questions_first(store):
    ask(store, "can you wrap it", WRAPPING)
    ask(store, "zavijete darila", WRAPPING, language="sl")
    last = ask(store, "gift wrap?", WRAPPING)
    ask(store, "any jobs", JOBS)
    wrapping, jobs = list_topic_gaps(store, 90)
    assert (wrapping.topic, wrapping.questions, wrapping.languages) == (WRAPPING, 3, {"en": 2, "sl": 1})
    assert [example.text for example in wrapping.examples] == ["gift wrap?", "zavijete darila", "can you wrap it"]
    assert (wrapping.examples[0].conversation_id, wrapping.examples[0].seq) == (last, 1)
    assert (jobs.topic, jobs.questions) == (JOBS, 1)


@pytest.mark.parametrize("end", [finish_turn, hand_off, hand_off_unsaid])
def test_however_the_turn_ends(store, end):
    ask(store, "can you wrap it", WRAPPING, end=end)
    assert [(gap.topic, gap.examples[0].text) for gap in list_topic_gaps(store, 90)] == [(WRAPPING, "can you wrap it")]


def test_two_questions_in_one_message_are_two_gaps_and_one_twice_is_one(store):
    ask(store, "wrap it, and any jobs?", WRAPPING, JOBS, WRAPPING)
    assert {gap.topic: gap.questions for gap in list_topic_gaps(store, 90)} == {WRAPPING: 1, JOBS: 1}


def test_the_same_words_are_one_example(store):
    for text in ("Wrap it", "wrap it", "wrap it"):
        ask(store, text, WRAPPING)
    (gap,) = list_topic_gaps(store, 90)
    assert gap.questions == 3 and [example.text for example in gap.examples] == ["wrap it"]


def test_what_has_an_article_is_no_gap(store):
    ask(store, "how do I return it")
    assert list_topic_gaps(store, 90) == []


def test_old_ones_spam_and_deleted_conversations_do_not_count(store):
    gone = ask(store, "wrap it", WRAPPING)
    assert len(list_topic_gaps(store, 90)) == 1
    delete_conversation(store, gone)
    assert list_topic_gaps(store, 90) == []
    ask(store, "wrap it", WRAPPING)
    store.clock.advance(91 * DAY_MS)
    assert list_topic_gaps(store, 90) == []
    spam = ask(store, "wrap it", WRAPPING)
    with store.write() as connection:
        connection.execute(update(conversations).where(conversations.c.id == spam).values(status="spam"))
    assert list_topic_gaps(store, 90) == []


@pytest.mark.parametrize("told", [None, "x", {}, {"topic": 3}, {"topic": ""}, {"topic": "x" * 201}])
def test_what_an_action_says_wrongly_is_not_kept_and_harms_nothing(store, told):
    conversation = create_conversation(store, "demo", "en")
    add_customer_message(store, conversation.id, "c", "hi", "hi")
    considered = [{"article": "a/b", "missing": told}]
    assert finish_turn(store, take_turn(store), NewMessage("bot", "Nothing.", "", considered=considered))
    assert list_topic_gaps(store, 90) == []
