"""From each earlier version's database to this one: nothing is lost, and what was under way goes on."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from odziv.store import Store
from odziv.store import migrate as module
from odziv.store.conversations.conversation import create_conversation
from odziv.store.conversations.messages import NewMessage, add_customer_message, list_messages
from odziv.store.conversations.turns import list_due_turns, return_running_turns
from odziv.store.handoffs.handoff import list_inbox, list_queue, list_snoozed
from odziv.store.handoffs.scheduled_replies import schedule_reply, send_due_replies
from odziv.store.migrate import migrate
from odziv.store.schema import metadata
from odziv.store.search.filling import fill_some, is_filling
from odziv.store.search.filters import Wanted
from odziv.store.search.finding import search
from tests.clock import Clock
from tests.store.upgrades.lived import MADE, REVISIONS, Lived, each_version, only_columns_of, read_rows, version_of

NOW = 1_760_000_020_000  # a little after what is in the files
# All that waits in any version, as it is to be taken: a promised time, a complaint, arrivals, whose page is gone.
ORDER = ["told", "complaint", "first", "second", "ticket", "away"]
# Replies that were to be sent, and the migration that they were written after.
SENT = {"Paczka jest w drodze.": "0006", "Pod novim imenom.": "0015"}


@pytest.fixture
def upgraded(lived: Lived, revision: str, opened: list[Store]) -> Store:
    store = lived.open(revision)
    store.clock = Clock(NOW)
    opened.append(store)
    migrate(store)
    return store


def test_each_migration_has_rows_of_its_time():
    versions = ScriptDirectory(str(Path(module.__file__).parent / "migrations")).walk_revisions()
    assert sorted(script.revision for script in versions) == REVISIONS, (
        "a migration needs tests/data/upgrades/<revision>.sql: rows of its new tables and columns, hostile ones too"
    )


def test_every_table_has_rows_in_the_end(in_files):
    rows = read_rows(in_files.copy(REVISIONS[-1]))
    assert rows.keys() == metadata.tables.keys() - MADE
    assert [table for table, found in rows.items() if not found] == []


@each_version()
def test_nothing_is_lost_altered_or_in_another_order(lived, revision, opened):
    url = lived.copy(revision)
    before = read_rows(url)
    store = Store(url, files=Path("nowhere"))
    opened.append(store)
    migrate(store)
    assert before["messages"] and before["turns"]
    assert only_columns_of(before, read_rows(url)) == before
    assert version_of(url) == REVISIONS[-1]
    waiting = [handoff.conversation_id for handoff in list_queue(store)]
    assert {"complaint", "first", "second"} <= set(waiting)
    assert waiting == [each for each in ORDER if each in waiting]
    assert [handoff.conversation_id for handoff in list_inbox(store, 1)] == ["mine"]
    snoozed = [handoff.conversation_id for handoff in list_snoozed(store)]
    assert snoozed == (["later"] if revision >= "0007" else [])


@each_version(slow=True)
def test_work_goes_on_where_it_stopped(upgraded, revision):
    assert return_running_turns(upgraded) == 1
    due = {turn.conversation_id for turn in list_due_turns(upgraded, 10)}
    assert due == ({"bot", "again"} if revision >= "0016" else {"bot"})
    send_due_replies(upgraded, "mine", NOW)
    sent = [message.text for message in list_messages(upgraded, "mine")][3:]
    assert sent == [text for text, since in SENT.items() if since <= revision]
    while fill_some(upgraded):
        pass
    assert not is_filling(upgraded)
    hits, _ = search(upgraded, "djelatnik", Wanted(), 10)
    assert [hit.conversation.id for hit in hits] == ["first"]


@each_version(slow=True)
def test_new_rows_take_new_numbers(upgraded):
    """PostgreSQL counts on behind what is there, in tables that were renamed too."""
    conversation = create_conversation(upgraded, "demo", "en")
    message, is_new = add_customer_message(upgraded, conversation.id, "new", "Hello", "<p>Hello</p>")
    assert (message.seq, is_new) == (1, True)
    reply = NewMessage("agent", "Zaraz.", "<p>Zaraz.</p>", agent_id=1, client_id="new")
    assert schedule_reply(upgraded, "mine", reply, NOW + 5000).text == "Zaraz."
