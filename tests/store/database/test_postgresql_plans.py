"""What is asked again and again while it serves is answered by PostgreSQL from indexes, however much there is."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from odziv.store import Store
from odziv.store.agents.sessions import list_sessions
from odziv.store.audit import record_alone
from odziv.store.conversations.conversation import create_conversation, find_conversation
from odziv.store.conversations.log_pages import read_page
from odziv.store.conversations.messages import NewMessage, add_customer_message, list_messages
from odziv.store.conversations.turns import find_next_turn, finish_turn_with_handoff
from odziv.store.handoffs.handoff import claim, list_inbox, list_queue
from odziv.store.handoffs.queue_view import list_live, list_waiting
from odziv.store.handoffs.scheduled_replies import find_next_reply, list_due_replies
from odziv.store.mail.notifications import find_next_notification, take_notifications
from odziv.store.mail.queue import find_next_mail, take_mail
from odziv.store.search.filters import Wanted
from odziv.store.search.finding import search
from odziv.store.search.index_postgresql import add
from odziv.store.search.listing import list_wanted
from odziv.store.waiting import measure_waiting
from odziv.store.webhooks.deliveries import take_delivery
from tests.clock import Clock
from tests.fixtures import add_agent, take_turn

pytestmark = pytest.mark.postgresql
NOTICE = NewMessage("system", "a notice", "<p>a notice</p>")
MANY = 20_000
# A shop some years on: all of it is over.
HISTORY = (
    f"INSERT INTO conversations (id, site, language, status, epoch, last_seq, created_at, updated_at, email)"
    f" SELECT lpad(to_hex(n), 24, '0'), 'demo', 'en', 'resolved', 3, 4, n, n, 'c' || n || '@kupec.example'"
    f" FROM generate_series(1, {MANY}) AS n",
    f"INSERT INTO messages (conversation_id, seq, sender, internal, client_id, text, html, created_at)"
    f" SELECT lpad(to_hex(n), 24, '0'), seq, CASE seq % 2 WHEN 1 THEN 'customer' ELSE 'bot' END, false,"
    f" 'c' || seq, 'said ' || n, '', n FROM generate_series(1, {MANY}) AS n, generate_series(1, 4) AS seq",
    "INSERT INTO turns (conversation_id, seq, status, epoch, attempts, due_at, created_at, finished_at)"
    " SELECT conversation_id, seq, 'done', 1, 1, 1, 1, 2 FROM messages WHERE sender = 'customer'",
    "INSERT INTO handoffs (conversation_id, reason, language, status, agent_id, created_at, closed_at)"
    " SELECT id, 'requested', 'en', 'closed', 1, created_at, created_at FROM conversations",
    "INSERT INTO mail_queue (conversation_id, first_seq, last_seq, automatic, if_unread, recipient, message_id, status,"
    " attempts, due_at, created_at, finished_at) SELECT id, 1, 2, true, false, email, id, 'sent', 1, 1, 1, 2"
    " FROM conversations",
    "INSERT INTO notifications (kind, conversation_id, recipient, message_id, status, attempts, due_at, created_at,"
    " finished_at) SELECT 'transcript', id, email, id, 'sent', 1, 1, 1, 2 FROM conversations",
    "INSERT INTO mails (identity, message_id, sender, subject, original, conversation_id, seq, created_at)"
    " SELECT id, id, email, 'about', 'said', id, 1, created_at FROM conversations",
    "INSERT INTO webhooks (id, url, events, secret, enabled, last_seq, created_at)"
    " VALUES (1, 'https://x.example', '[]', '', true, 1, 1)",
    "INSERT INTO deliveries (webhook_id, event_id, event, conversation_id, body, status, attempts, next_at, since,"
    " created_at, finished_at) SELECT 1, id, 'resolved', id, '{}', 'delivered', 1, 1, 1, 1, 2 FROM conversations",
    "INSERT INTO audit (at, agent_id, action, object) SELECT created_at, 1, 'claimed', 'conversation:' || id"
    " FROM conversations",
)  # fmt: skip


@pytest.fixture(scope="module")
def large(postgresql) -> Iterator[Store]:
    """A store with a long history, of which PostgreSQL has counted what there is."""
    with closing(Store(postgresql.create("large"), clock=Clock())) as store:
        add_agent(store, "Ana")
        for statement in HISTORY:
            postgresql.run(statement, database="large")
        with store.write() as connection:
            for begin in range(1, MANY, 1000):
                add(connection, [(n, f"said order{n} word{n % 400}") for n in range(begin, begin + 1000)])
        postgresql.run(
            "INSERT INTO search_entries (id, conversation_id, seq, kind, folded)"
            f" SELECT n, lpad(to_hex(n), 24, '0'), 1, 'message', 'said' FROM generate_series(1, {MANY}) AS n",
            "VACUUM ANALYZE",
            database="large",
        )
        yield store
    postgresql.drop("large")


@contextmanager
def noted(store: Store) -> Iterator[dict[str, Any]]:
    """The statements that are run, each with the values it last had."""
    asked: dict[str, Any] = {}

    def note(_connection, _cursor, statement: str, values: Any, _context, _many) -> None:
        if statement.startswith(("SELECT ", "UPDATE ", "DELETE ")) and " advisory" not in statement:
            asked[statement] = values[0] if isinstance(values, list) else values

    engines = (store._writer, store._reader)
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", note)


def read_wholly(store: Store, statement: str, values: Any) -> list[str]:
    """The large tables of which PostgreSQL reads every row to answer a statement."""
    with store.read() as connection:
        sizes = dict(connection.exec_driver_sql("SELECT relname, reltuples FROM pg_class WHERE relkind = 'r'").all())
    with store.write() as connection:
        told = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", values).scalar_one()
    found, steps = [], [(told if isinstance(told, list) else json.loads(told))[0]["Plan"]]
    while steps:
        step = steps.pop()
        steps += step.get("Plans", [])
        if step["Node Type"] == "Seq Scan" and sizes[step["Relation Name"]] >= MANY:
            found.append(step["Relation Name"])
    return found


def answer_one(store: Store) -> None:
    """A customer asks, the bot hands off, an agent comes, and the log is read."""
    conversation = create_conversation(store, "demo", "en")
    add_customer_message(store, conversation.id, "c1", "where is order77", "")
    assert find_next_turn(store) is not None
    turn = take_turn(store)
    assert finish_turn_with_handoff(store, turn, "requested", "en", NOTICE)
    handoff = list_queue(store)[-1]
    assert claim(store, handoff.id, 1, NOTICE).won
    assert len(list_messages(store, conversation.id, after=1)) == 2
    assert read_page(store, conversation.id, 0, 50).messages and find_conversation(store, conversation.id)


def look_what_is_due(store: Store) -> None:
    """What threads do all the time."""
    find_next_turn(store)
    find_next_mail(store), take_mail(store)
    find_next_notification(store), take_notifications(store)
    find_next_reply(store), list_due_replies(store, store.clock())
    take_delivery(store, (), 1000)
    measure_waiting(store)


def look_at_the_desk(store: Store) -> None:
    """The desk's lists, and its search."""
    list_queue(store, 50), list_inbox(store, 1, 50), list_waiting(store), list_live(store), list_sessions(store, 1)
    list_wanted(store, Wanted(), "activity", None, 50)
    list_wanted(store, Wanted(states=("open",)), "newest", None, 50)
    for words in ("order19", "ordre1234", "rder777", "said word77"):
        search(store, words, Wanted(), 20)
    record_alone(store, "sign_in")


@pytest.mark.parametrize("walk", [answer_one, look_what_is_due, look_at_the_desk])
def test_no_large_table_is_read_wholly(large: Store, walk: Callable[[Store], None]):
    with noted(large) as asked:
        walk(large)
    assert len(asked) > 5
    found = {statement: tables for statement in asked if (tables := read_wholly(large, statement, asked[statement]))}
    assert found == {}


def test_a_table_that_is_read_wholly_is_noticed(large: Store):
    assert read_wholly(large, "SELECT * FROM messages WHERE text = 'said 7'", ()) == ["messages"]
