"""A database that the version before made, with work under way, goes on where it stopped."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from odziv.store import Store
from odziv.store.agents.agent import find_agent_by_email
from odziv.store.agents.saved_replies import list_saved_replies
from odziv.store.conversations.conversation import find_conversation
from odziv.store.conversations.messages import NewMessage, list_messages
from odziv.store.conversations.turns import find_next_turn, finish_turn, return_running_turns
from odziv.store.handoffs.handoff import list_inbox, list_queue, list_snoozed
from odziv.store.handoffs.scheduled_replies import find_next_reply, list_scheduled_replies, send_due_replies
from odziv.store.handoffs.snoozes import list_ended_snoozes
from odziv.store.migrate import migrate
from odziv.store.schema import turns
from odziv.store.webhooks.deliveries import take_delivery
from odziv.store.webhooks.subscriptions import list_webhooks
from tests.clock import Clock
from tests.fixtures import take_turn

BEFORE = Path(__file__).parents[2] / "data" / "database-before-0.2.sql"
BOT = "bot0" * 6
WAITING, MINE, LATER = (f"{name}0" * 4 + name for name in ("wait", "mine", "late"))
MADE_AT = 1_795_975_647_000  # when the file was written; its own clock stood three weeks earlier


@pytest.fixture
def old(tmp_path) -> Iterator[Store]:
    """The store after an upgrade."""
    with sqlite3.connect(tmp_path / "odziv.sqlite") as connection:
        connection.executescript(BEFORE.read_text(encoding="utf-8"))
    connection.close()
    store = Store.in_folder(tmp_path)
    store.clock = Clock(MADE_AT)
    migrate(store)
    yield store
    store.close()


def test_nothing_said_is_lost(old):
    logs = {
        name: [message.text for message in list_messages(old, name, internal=True)] for name in (BOT, WAITING, MINE)
    }
    assert logs == {
        BOT: ["Kje je moje naročilo?", "Sledite mu tukaj.", "In koliko stane?"],
        WAITING: ["Trebam djelatnika, molim."],
        MINE: ["Proszę o konsultanta.", "Ana is here.", "Już sprawdzam.", "Look at the parcel."],
    }
    assert find_conversation(old, BOT).status == "bot" and find_conversation(old, MINE).status == "open"


def test_the_turn_under_way_is_taken_again(old):
    assert return_running_turns(old) == 1
    turn = take_turn(old)
    assert (turn.conversation_id, turn.seq, turn.attempts) == (BOT, 3, 2)


def test_the_turn_under_way_is_taken_though_nobody_returns_it(old):
    with old.read() as connection:
        rows = connection.execute(select(turns.c.seq, turns.c.due_at, turns.c.created_at).order_by(turns.c.seq)).all()
    assert [row.seq for row in rows] == [1, 3] and all(row.due_at == row.created_at for row in rows)
    assert find_next_turn(old) == rows[1].created_at
    turn = take_turn(old)
    assert (turn.conversation_id, turn.seq, turn.attempts) == (BOT, 3, 2)
    assert finish_turn(old, turn, NewMessage("bot", "Štiri evre.", "<p>Štiri evre.</p>"))
    assert list_messages(old, BOT)[-1].text == "Štiri evre." and find_next_turn(old) is None


def test_people_and_their_work_are_where_they_were(old):
    ana = find_agent_by_email(old, "ana@smreka.example")
    assert (ana.name, ana.role) == ("Ana Kovač", "admin")
    assert [handoff.conversation_id for handoff in list_queue(old)] == [WAITING]
    assert [handoff.conversation_id for handoff in list_inbox(old, ana.id)] == [MINE]
    assert [handoff.conversation_id for handoff in list_snoozed(old)] == [LATER]
    assert [reply.shortcut for reply in list_saved_replies(old)] == ["hvala"]


def test_what_was_to_be_sent_is_sent(old):
    assert find_next_reply(old) is not None and len(list_scheduled_replies(old, MINE)) == 1
    send_due_replies(old, MINE, old.clock())
    assert list_messages(old, MINE)[-1].text == "Paczka jest w drodze." and list_scheduled_replies(old, MINE) == []
    assert '"conversation.handed_off"' in take_delivery(old, (), 1000).body
    assert [webhook.enabled for webhook in list_webhooks(old)] == [True]


def test_a_snooze_ends(old):
    assert [each.conversation_id for each in list_ended_snoozes(old, old.clock())] == [LATER]
