"""Migrations and schema.py say the same, and a database from the future is refused."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect
from sqlalchemy.exc import IntegrityError

from odziv.store import Store
from odziv.store.agents.accounts import list_open_invitations, list_people
from odziv.store.agents.agent import find_agent_by_session, hash_token
from odziv.store.agents.sessions import list_sessions, mark_seen
from odziv.store.conversations.conversation import create_conversation, find_conversation
from odziv.store.handoffs.handoff import list_inbox, list_queue
from odziv.store.handoffs.scheduled_replies import list_scheduled_replies
from odziv.store.migrate import DatabaseTooNew, migrate
from odziv.store.schema import metadata
from odziv.store.search.index import index_of


def test_the_migrations_make_exactly_the_schema(store: Store):
    with store.migrating() as connection:
        its_own = index_of(connection).TABLES
        context = MigrationContext.configure(connection, opts={"compare_type": True, "render_as_batch": True})
        differences = compare_metadata(context, metadata)
    assert [each for each in differences if not is_of_search_index(each, its_own)] == []


def is_of_search_index(difference, its_own: tuple[str, ...]) -> bool:
    """The index over words is the database's own, and so no part of the schema."""
    kind, what = difference[:2]
    table = {"remove_table": what, "remove_index": getattr(what, "table", None)}.get(kind)
    return table is not None and table.name.startswith(its_own)


def test_the_index_that_allows_one_running_turn_is_there(store: Store):
    with store.read() as connection:
        indexes = {index["name"]: index for index in inspect(connection).get_indexes("turns")}
    assert indexes["uq_turns_running"]["unique"]
    assert "running" in str(indexes["uq_turns_running"]["dialect_options"][f"{store.url.get_backend_name()}_where"])


def test_migrating_again_changes_nothing(store: Store):
    conversation = create_conversation(store, "demo", "en")
    migrate(store)
    assert find_conversation(store, conversation.id) == conversation


@pytest.mark.slow
def test_handoffs_from_before_routing_are_kept(tmp_path):
    old = Store.in_folder(tmp_path)
    migrate(old, "0001")
    with old.write() as connection:
        connection.exec_driver_sql(
            "INSERT INTO conversations (id, site, language, status, epoch, last_seq, created_at, updated_at) "
            "VALUES ('c1', 'demo', 'sl', 'queued', 1, 0, 5, 5)"
        )
        connection.exec_driver_sql(
            "INSERT INTO handoffs (conversation_id, reason, language, status, created_at) "
            "VALUES ('c1', 'complaint', 'sl', 'waiting', 5)"
        )
    migrate(old)
    [handoff] = list_queue(old)
    assert (handoff.conversation_id, handoff.topic, handoff.target_at, handoff.raised_by) == (
        "c1",
        None,
        None,
        "complaint",
    )
    old.close()


def test_people_from_before_rights_and_audit_keep_their_accounts(tmp_path):
    opened = Store.in_folder(tmp_path / "old")
    migrate(opened, "0001")
    with opened.write() as connection:
        for statement in (
            "INSERT INTO agents VALUES (1, 'ana@x.example', 'Ana', 'hash', 'admin', 0, 5)",
            "INSERT INTO invitations VALUES ('h1', 'b@x.example', 'agent', 5, 99999999999999, NULL)",
            f"INSERT INTO sessions VALUES ('{hash_token('token')}', 1, 5, 99999999999999)",
        ):
            connection.exec_driver_sql(statement)
    migrate(opened)
    assert find_agent_by_session(opened, "token").name == "Ana"
    assert [(i.email, i.invited_by) for i in list_open_invitations(opened)] == [("b@x.example", None)]
    [session] = list_sessions(opened, 1)
    assert (session.device, session.last_seen_at) == (None, None)
    mark_seen(opened, 1, "token", None)
    assert list_people(opened)[0].last_seen_at
    opened.close()


def test_a_newer_database_is_refused_with_a_way_out(store: Store):
    with store.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(DatabaseTooNew, match=r"newer version of Odziv.*9999.*restore a backup"):
        migrate(store)
    assert store.is_up()


def test_a_folder_with_a_percent_sign_is_a_folder(tmp_path, monkeypatch):
    copy = tmp_path / "100%(sure)s" / "migrations"
    copy.parent.mkdir()
    from odziv.store import migrate as module

    copy.symlink_to(module.Path(module.__file__).parent / "migrations")
    monkeypatch.setattr(module, "__file__", str(copy.parent / "migrate.py"))
    opened = Store.in_folder(tmp_path / "var")
    migrate(opened)
    create_conversation(opened, "demo", "en")
    opened.close()


@pytest.mark.slow
def test_earlier_handoffs_get_their_first_reply_and_outcome(tmp_path):
    store = Store.in_folder(tmp_path)
    migrate(store, "0005_contact")
    with store.write() as connection:
        for statement in (
            "INSERT INTO conversations (id, site, language, status, epoch, last_seq, created_at, updated_at)"
            " VALUES ('c', 'demo', 'sl', 'resolved', 3, 3, 1, 1)",
            "INSERT INTO handoffs (conversation_id, reason, language, status, created_at, claimed_at, closed_at)"
            " VALUES ('c', 'requested', 'sl', 'closed', 1000, 2000, 9000), ('c', 'requested', 'sl', 'waiting', 9500,"
            " NULL, NULL)",
            "INSERT INTO messages (conversation_id, seq, sender, internal, text, html, created_at) VALUES"
            " ('c', 1, 'agent', 1, 'note', '', 2500), ('c', 2, 'agent', 0, 'hello', '', 3000),"
            " ('c', 3, 'agent', 0, 'more', '', 4000)",
            "INSERT INTO audit (at, action, object) VALUES (9001, 'resolved', 'conversation:c')",
        ):
            connection.exec_driver_sql(statement)
    migrate(store)
    with store.read() as connection:
        columns = "first_claimed_at, replied_at, outcome, after_hours, priority"
        rows = connection.exec_driver_sql(f"SELECT {columns} FROM handoffs ORDER BY id").all()
    assert [tuple(row) for row in rows] == [(2000, 3000, "resolved", 0, None), (None, None, None, 0, None)]
    store.close()


RENAMED = {
    "duties": "availability",
    "held_replies": "scheduled_replies",
    "outbox": "mail_queue",
    "letters": "notifications",
    "handoffs": "handoffs",
}


def test_no_row_is_lost_when_tables_get_other_names(tmp_path):
    store = Store.in_folder(tmp_path)
    migrate(store, "0014_joins")
    with store.write() as connection:
        for statement in (
            "INSERT INTO agents (id, email, name, password_hash, role, disabled, created_at)"
            " VALUES (7, 'ana@x.example', 'Ana', 'h', 'admin', 0, 5)",
            "INSERT INTO conversations (id, site, language, status, epoch, last_seq, created_at, updated_at)"
            " VALUES ('c', 'demo', 'sl', 'open', 1, 3, 5, 5)",
            "INSERT INTO duties VALUES (7, 3, '[\"sl\"]', NULL, 0, 99, 1)",
            "INSERT INTO held_replies (id, conversation_id, agent_id, client_id, text, html, undone, send_at,"
            " attachments) VALUES (4, 'c', 7, 'a', 'Živjo', '<p>Živjo</p>', 0, 60, '[\"f\"]'),"
            " (9, 'c', 7, 'b', '', '', 1, 61, NULL)",
            "INSERT INTO outbox (id, conversation_id, first_seq, last_seq, automatic, if_unread, recipient, message_id,"
            " status, attempts, due_at, error, created_at, finished_at) VALUES"
            " (11, 'c', 1, 2, 0, 1, 'b@x.example', '<1@x>', 'waiting', 2, 70, 'busy', 6, NULL),"
            " (12, 'c', 3, 3, 1, 0, 'b@x.example', '<2@x>', 'sent', 1, 71, NULL, 6, 8)",
            "INSERT INTO letters (id, kind, conversation_id, agent_id, recipient, seq, message_id, status, attempts,"
            " due_at, created_at) VALUES (21, 'overdue', 'c', 7, 'ana@x.example', NULL, '<3@x>', 'waiting', 0, 80, 6)",
            "INSERT INTO handoffs (id, conversation_id, reason, language, status, agent_id, created_at, promised_at,"
            " ticket, asks_email) VALUES (31, 'c', 'requested', 'sl', 'claimed', 7, 5, 3600005, 1, 1)",
        ):
            connection.exec_driver_sql(statement)
    before = _read_all(store, RENAMED)
    assert min(len(rows) for rows in before.values()) > 0
    migrate(store, "0015_names")
    assert _read_all(store, RENAMED.values()) == {RENAMED[table]: rows for table, rows in before.items()}
    migrate(store)
    [handoff] = list_inbox(store, 7)
    assert (handoff.after_hours, handoff.target_at) == (True, 3_600_005)
    assert [reply.text for reply in list_scheduled_replies(store, "c")] == ["Živjo"]
    with store.write() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
        with pytest.raises(IntegrityError):
            connection.exec_driver_sql("INSERT INTO availability (agent_id, available, seen_at) VALUES (99, 1, 0)")
    store.close()


def _read_all(store: Store, tables: Iterable[str]) -> dict[str, list[tuple]]:
    with store.read() as connection:
        return {
            table: [tuple(row) for row in connection.exec_driver_sql(f"SELECT * FROM {table} ORDER BY 1")]
            for table in tables
        }


@pytest.mark.sqlite  # its own list of names; on PostgreSQL no table is left that is not in the schema
def test_nothing_in_the_database_has_a_former_name(store: Store):
    with store.read() as connection:
        parts = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master").all()
    written = "\n".join(f"{name} {sql}" for name, sql in parts)
    assert not re.findall(r"dut(?:y|ies)|held_repl\w*|outbox|letters|ticket|promised_at", written)
