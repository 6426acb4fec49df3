"""What a handoff is about: the likeliest article of what the bot considered last."""

from __future__ import annotations

import pytest
from sqlalchemy import event

from odziv.store import Store
from odziv.store.conversations.conversation import create_conversation
from odziv.store.conversations.messages import NewMessage, append_message
from odziv.store.conversations.topics import LOOK_BACK, find_topic


def considered(*articles: str) -> list[dict]:
    return [{"article": article, "confidence": 0.4} for article in articles]


@pytest.fixture
def say(store: Store):
    """Has somebody say something in one conversation; returns what it is about after that."""
    conversation_id = create_conversation(store, "demo", "en").id

    def say(*drafts: NewMessage) -> str | None:
        with store.write() as connection:
            for draft in drafts:
                append_message(connection, conversation_id, draft)
        with store.read() as connection:
            return find_topic(connection, conversation_id)

    return say


def test_the_newest_that_considered_any_says_it(say):
    assert say() is None
    assert say(NewMessage("bot", "Hello", ""), NewMessage("customer", "Where is it?", "")) is None
    assert say(NewMessage("bot", "?", "", considered=considered("orders/return", "delivery/cost"))) == "orders"
    assert say(NewMessage("bot", "?", "", considered=considered("delivery/cost"))) == "delivery"
    assert (
        say(NewMessage("customer", "?", ""), NewMessage("bot", "so", ""), NewMessage("system", "wait", ""))
        == "delivery"
    )
    assert say(NewMessage("system", "wait", "", considered=considered("payment/card"))) == "payment"


def test_what_was_considered_long_ago_does_not_count(say):
    assert say(NewMessage("bot", "?", "", considered=considered("orders/return"))) == "orders"
    assert say(*[NewMessage("bot", "so", "")] * (LOOK_BACK - 1)) == "orders"
    assert say(NewMessage("bot", "so", "")) is None


@pytest.mark.sqlite  # whose rows can be counted as they come
def test_one_statement_brings_one_row_however_much_was_said(store: Store, say):
    rows = []

    def count_rows(connection, _record, _proxy) -> None:
        connection.row_factory = lambda _cursor, row: rows.append(row) or row

    event.listen(store._reader, "checkout", count_rows)
    found = NewMessage("bot", "?", "", considered=considered("orders/return"))
    assert say(*[found] * 3, *[NewMessage("bot", "so", "")] * (LOOK_BACK - 3)) == "orders"
    assert len(rows) == 1
