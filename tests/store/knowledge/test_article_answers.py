"""What answered is counted without anybody's words, and forgotten after thirty days."""

from __future__ import annotations

from odziv.store import Store
from odziv.store.conversations.conversation import create_conversation, delete_conversation
from odziv.store.engine import DAY_MS
from odziv.store.knowledge import article_answers
from odziv.store.knowledge.article_answers import count_answers, forget_old_answers, note_answer


def count(store: Store, conversation_id: str, article: str) -> None:
    with store.write() as connection:
        note_answer(connection, conversation_id, article)


def test_counts_are_by_site_and_language_and_outlive_the_conversation(store):
    here, there = create_conversation(store, "demo", "sl"), create_conversation(store, "other", "sl")
    for article in ("a/b", "a/c", "a/c"):
        count(store, here.id, article)
    count(store, there.id, "a/d")
    delete_conversation(store, here.id)
    assert count_answers(store, "demo", "sl") == [("a/c", 2), ("a/b", 1)]
    assert count_answers(store, "other", "sl") == [("a/d", 1)] and count_answers(store, "demo", "pl") == []


def test_after_thirty_days_they_are_gone(store):
    conversation = create_conversation(store, "demo", "sl")
    count(store, conversation.id, "a/b")
    store.clock.advance(31 * DAY_MS)
    assert count_answers(store, "demo", "sl") == []
    count(store, conversation.id, "a/c")
    forget_old_answers(store)
    with store.read() as connection:
        assert connection.exec_driver_sql("SELECT article FROM article_answers").scalars().all() == ["a/c"]


def test_nothing_but_the_article_is_kept():
    assert {column.name for column in article_answers.article_answers.columns} == {
        "id",
        "site",
        "language",
        "article",
        "at",
    }
