"""Deleting for good: by the customer, at the desk, by a program. Nothing is left in any byte of the data folder."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import pytest
from sqlalchemy import JSON, Boolean, Column, Connection, String, Table, insert, select, text

from bot.trackers import sender_of, tracker_of
from odziv.cases.forgetting import sweep_remains
from odziv.store.agents.tokens import make_token
from odziv.store.audit import list_entries
from odziv.store.conversations.attachments import add_attachment, write_file
from odziv.store.conversations.conversation import HANGS_ON_IT, create_conversation, find_conversation
from odziv.store.conversations.messages import add_customer_message
from odziv.store.mail.aside import list_aside
from odziv.store.mail.inbound import Incoming, keep_as_message, keep_aside
from odziv.store.schema import attachments, conversations, merges, metadata

SECRET = "zabec4711rumena"


def refers(column: Column[Any]) -> bool:
    """Whether it names a conversation."""
    return any(key.column.table is conversations for key in column.foreign_keys)


ABOUT = {table for table in metadata.tables.values() if any(map(refers, table.columns))}


def where(var) -> list[str]:
    """The files of the data folder that hold the secret."""
    found = [path for path in var.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]
    return sorted(str(path.relative_to(var)) for path in found)


def value_of(column: Column[Any], number: int) -> Any:
    """Something for a column that can't stay empty, or that could hold what a customer said."""
    if isinstance(column.type, String):
        return f"{SECRET}{number}"[: column.type.length or 100]
    if isinstance(column.type, JSON):
        return {"said": SECRET * 300}  # long enough for pages of its own
    return False if isinstance(column.type, Boolean) else number


def first_key(connection: Connection, column: Column[Any]) -> Any:
    target = next(iter(column.foreign_keys)).column
    return connection.execute(select(target).limit(1)).scalar()


def fill(connection: Connection, table: Table, conversation_id: str, number: int) -> None:
    """A row of the conversation with the secret wherever it fits."""
    values = {}
    for column in table.columns:
        if column.foreign_keys:
            values[column.name] = conversation_id if refers(column) else first_key(connection, column)
        elif not (column.primary_key and column.name == "id" and not isinstance(column.type, String)):
            values[column.name] = value_of(column, number)
    connection.execute(insert(table).values(**values))


def put_aside(store, conversation_id: str, pdf: bytes) -> None:
    """Long mails of the customer's that were put aside, each with a file, and one of somebody else's."""
    sender = f"{SECRET}@customer.example"
    keep_as_message(store, Incoming("m1", None, sender, SECRET, SECRET), conversation_id, SECRET, SECRET)
    for number in range(20):
        file = write_file(store, pdf, name=f"{SECRET}.pdf", type="application/pdf")
        mail = Incoming(f"aside{number}", None, sender, SECRET, f"{SECRET} {number} " + "long " * 900, [], "bulk mail")
        keep_aside(store, mail, [file, {"name": SECRET, "why": "file_type"}])
    keep_aside(store, Incoming("other", None, "other@customer.example", "Away", "I am away.", [], "bulk mail"))


@pytest.fixture
def told(store, settings, boss):
    """A conversation of which every table has rows full of the secret, a file, and Rasa's memory."""
    conversation = create_conversation(store, "demo", "en", page=f"https://shop.example/{SECRET}", name=SECRET)
    for number in range(40):
        words = f"{SECRET} {number} " + "long " * 400
        add_customer_message(store, conversation.id, f"{SECRET}{number}", words, words)
    with store.write() as connection:
        connection.execute(text("INSERT INTO labels (id, site, name, name_key, colour, created_at)"
                                " VALUES (1, '', 'Vip', 'vip', 'red', 0)"))  # fmt: skip
        connection.execute(text("INSERT INTO webhooks (id, url, events, secret, enabled, last_seq, created_at)"
                                " VALUES (1, 'https://x.example', '[]', 's', 1, 0, 0)"))  # fmt: skip
        connection.execute(text("INSERT INTO fields (id, about, kind, site, name, name_key, required, position,"
                                " created_at)"
                                " VALUES (1, 'conversation', 'text', '', 'Size', 'size', 0, 1, 0)"))  # fmt: skip
        connection.execute(text("INSERT INTO rules (id, name, event, conditions, actions, position, runs, updated_at)"
                                " VALUES (1, 'Quiet', 'quiet', '{}', '{}', 1, 0, 0)"))  # fmt: skip
        for number, table in enumerate(sorted(ABOUT - {attachments}, key=lambda table: table.name), 1000):
            fill(connection, table, conversation.id, number)
    pdf = f"%PDF-1.4 {SECRET}".encode()
    add_attachment(store, conversation.id, pdf, name=f"{SECRET}.pdf", type="application/pdf")  # never sent
    put_aside(store, conversation.id, pdf)
    (settings.var / "rasa").mkdir(exist_ok=True)
    with closing(sqlite3.connect(settings.var / "rasa" / "tracker.db")) as rasa, rasa:
        rasa.execute("PRAGMA journal_mode=WAL")
        rasa.execute("CREATE TABLE events (id INTEGER PRIMARY KEY, sender_id VARCHAR, timestamp FLOAT, data TEXT)")
        for epoch in range(3):
            row = (tracker_of(sender_of(conversation.id, epoch)), 1.0, SECRET * 2000)
            rasa.execute("INSERT INTO events (sender_id, timestamp, data) VALUES (?, ?, ?)", row)
    assert {name.removesuffix("-wal") for name in where(settings.var)} >= {"odziv.sqlite", "rasa/tracker.db"}
    return conversation


def test_every_table_about_conversations_goes_with_them():
    assert {*HANGS_ON_IT, attachments} == ABOUT and merges in HANGS_ON_IT


def by_the_customer(app, told, _boss) -> None:
    token = app.extensions["odziv"].visitor_tokens.issue(told.id, told.site)
    headers = {"Authorization": f"Bearer {token}"}
    assert app.test_client().delete(f"/api/v1/conversations/{told.id}", headers=headers).status_code == 200


def at_the_desk(_app, told, boss) -> None:
    assert boss.post(f"/desk/conversations/{told.id}/delete").location == "/desk/queue"


def by_a_program(app, told, boss) -> None:
    _, token = make_token(app.extensions["odziv"].store, boss.agent.id, "test", "admin", days=1)
    headers = {"Authorization": f"Bearer {token}"}
    answer = app.test_client().delete(f"/api/desk/v1/conversations/{told.id}", headers=headers)
    assert answer.status_code == 204


@pytest.mark.slow
@pytest.mark.parametrize("delete", [by_the_customer, at_the_desk, by_a_program])
def test_nothing_is_left_in_any_byte(app, store, settings, told, boss, delete):
    with store.write() as connection:  # pages that were freed and not written again would keep it
        assert connection.exec_driver_sql("PRAGMA secure_delete").scalar() == 1
    delete(app, told, boss)
    assert find_conversation(store, told.id) is None
    assert where(settings.var) == []
    assert [mail.sender for mail in list_aside(store)] == ["other@customer.example"]
    actions = [entry.action for entry in list_entries(store)]
    assert ("forgotten" if delete is by_the_customer else "deleted") in actions


@pytest.mark.slow
@pytest.mark.parametrize("trouble", ["held by Rasa", "damaged"])
def test_a_memory_that_cant_be_written_stops_no_deletion(app, store, settings, told, boss, monkeypatch, trouble):
    file = settings.var / "rasa" / "tracker.db"
    with closing(sqlite3.connect(file, timeout=0.1)) as rasa:
        if trouble == "damaged":
            rasa.close()
            file.write_bytes(b"no database at all " * 100)
        else:
            connect = sqlite3.connect
            monkeypatch.setattr("bot.trackers.sqlite3.connect", lambda path, **_: connect(path, timeout=0.1))
            rasa.execute("BEGIN IMMEDIATE")
        by_a_program(app, told, boss)
    assert find_conversation(store, told.id) is None
    assert {name.split("-")[0] for name in where(settings.var)} <= {"rasa/tracker.db"}
    if trouble == "held by Rasa":
        sweep_remains(store, settings.var)  # as within the hour
        assert where(settings.var) == []


def test_only_administrators_delete(ana, boss, waiting, store):
    assert 'id="delete"' in boss.get(waiting.path).text and 'id="delete"' not in ana.get(waiting.path).text
    assert ana.post(f"{waiting.path}/delete").status_code == 403
    assert find_conversation(store, waiting.id) is not None


def test_an_unknown_one_is_not_found(boss):
    assert boss.post(f"/desk/conversations/{'0' * 24}/delete").status_code == 404
