"""PostgreSQL as the database: what a start says of one it can't use, what an error says, and what a reader sees."""

from __future__ import annotations

import builtins
import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from odziv.settings import Settings
from odziv.store import Store, postgresql_errors
from odziv.store.backups.making import make_backup
from odziv.store.backups.refused import BackupFailed
from odziv.store.backups.state import read_state
from odziv.store.conversations.conversation import create_conversation, find_conversation
from odziv.store.conversations.messages import add_customer_message, list_messages
from odziv.store.damage import DatabaseBroken
from odziv.store.migrate import migrate
from odziv.store.opening import open_store
from odziv.store.schema import conversations
from odziv.store.search.filters import Wanted
from odziv.store.search.finding import search
from tests.postgresql.server import EMPTY, PASSWORD, PostgreSQLServer
from tests.waiting import wait_until

pytestmark = pytest.mark.postgresql
SECRET = "rumena torba"


@pytest.fixture
def database(postgresql: PostgreSQLServer) -> Iterator[str]:
    """The address of a database of the test's own, of this version."""
    yield postgresql.create("own")
    postgresql.drop("own")


def refusal(url: str, settings: Settings) -> str:
    """What a start says of this address."""
    with pytest.raises(DatabaseBroken) as refused:
        open_store(settings.model_copy(update={"database_url": url})).close()
    assert "\n" not in str(refused.value)
    return str(refused.value)


def test_a_start_makes_the_tables_and_the_next_finds_what_was_written(postgresql, settings):
    postgresql.create("fresh", template="template0")
    settings = settings.model_copy(update={"database_url": postgresql.url("fresh")})
    with closing(open_store(settings)) as store:
        conversation = create_conversation(store, "demo", "sl")
        assert store.files.folder == settings.var / "attachments"
    with closing(open_store(settings)) as store:
        assert find_conversation(store, conversation.id) == conversation
    assert not list(settings.var.glob("odziv.sqlite*"))
    postgresql.drop("fresh")


def test_two_who_start_at_once_make_the_tables_once(postgresql):
    postgresql.create("fresh", template="template0")
    stores, failed = [Store(postgresql.url("fresh"), files=Path("nowhere")) for _ in range(3)], []

    def start(store: Store) -> None:
        try:
            migrate(store)
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=start, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failed == []
    assert all(create_conversation(store, "demo", "sl") for store in stores)
    for store in stores:
        store.close()
    postgresql.drop("fresh")


@pytest.mark.parametrize("password", [None, "wr0ng"])
def test_a_wrong_password_is_told_and_not_quoted(postgresql, settings, password):
    postgresql.run("DROP ROLE IF EXISTS guarded", f"CREATE ROLE guarded LOGIN PASSWORD '{PASSWORD}'")
    told = refusal(postgresql.url(EMPTY, user="guarded", password=password), settings)
    assert "refuses the user or the password of database_url" in told and "wr0ng" not in told


def test_the_right_password_with_signs_in_it_is_none_of_anybodys_business(postgresql, settings, caplog):
    postgresql.run("DROP ROLE IF EXISTS guarded", f"CREATE ROLE guarded LOGIN PASSWORD '{PASSWORD}'")
    with caplog.at_level(logging.DEBUG), closing(Store(postgresql.url(EMPTY, user="guarded", password=PASSWORD))) as it:
        assert it.is_up()
        assert it.name == f"postgresql://guarded@/{EMPTY}"
    assert PASSWORD not in caplog.text and "c0rrect" not in caplog.text


def test_a_server_that_is_not_there_is_told(settings):
    told = refusal("postgresql://odziv:s3cret@127.0.0.1:1/odziv", settings)
    assert "postgresql://odziv@127.0.0.1:1/odziv can't be reached" in told and "see that PostgreSQL runs" in told
    assert "s3cret" not in told


def test_a_password_after_the_question_mark_is_not_quoted_either(settings):
    assert "s3cret" not in refusal("postgresql://127.0.0.1:1/odziv?user=odziv&password=s3cret", settings)


def test_a_database_that_is_not_there_is_told(postgresql, settings):
    assert "/nowhere does not exist" in refusal(postgresql.url("nowhere"), settings)


def test_an_encoding_without_every_letter_is_told(postgresql, settings):
    postgresql.run(
        "CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE_PROVIDER libc LC_COLLATE 'C' LC_CTYPE 'C'"
    )
    told = refusal(postgresql.url("latin"), settings)
    assert "its encoding is LATIN1, and has to be UTF8" in told
    postgresql.drop("latin")


def test_an_older_server_is_told(postgresql, settings, monkeypatch):
    monkeypatch.setattr("odziv.store.postgresql.OLDEST", 99)
    assert "Odziv needs 99 or newer" in refusal(postgresql.url(EMPTY), settings)


def test_a_missing_driver_is_told(postgresql, settings, monkeypatch):
    plain = builtins.__import__

    def without_driver(name: str, *arguments, **options):
        if name.partition(".")[0] == "psycopg":
            raise ImportError("No module named 'psycopg'")
        return plain(name, *arguments, **options)

    monkeypatch.delitem(sys.modules, "odziv.store.postgresql", raising=False)
    monkeypatch.setattr(builtins, "__import__", without_driver)
    assert "its driver can't be loaded" in refusal(postgresql.url(EMPTY), settings)


def test_a_user_who_may_make_nothing_is_told(postgresql, settings):
    postgresql.create("fresh", template="template0")
    postgresql.run("DROP ROLE IF EXISTS guest", "CREATE ROLE guest LOGIN")
    assert "make it the owner" in refusal(postgresql.url("fresh", user="guest"), settings)
    postgresql.drop("fresh")


def test_an_extension_that_can_not_be_had_is_told_and_nothing_is_left_half_done(postgresql, settings):
    postgresql.create("fresh", template="template0")
    postgresql.run("DROP ROLE IF EXISTS guest", "CREATE ROLE guest LOGIN")
    postgresql.run("GRANT ALL ON SCHEMA public TO guest", database="fresh")
    told = refusal(postgresql.url("fresh", user="guest"), settings)
    assert "CREATE EXTENSION pg_trgm" in told and "permission denied" in told
    assert postgresql.run("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'", database="fresh") == [(0,)]
    postgresql.run("CREATE EXTENSION pg_trgm", database="fresh")
    url = postgresql.url("fresh", user="guest")
    with closing(open_store(settings.model_copy(update={"database_url": url}))) as store:
        assert create_conversation(store, "demo", "sl")
    postgresql.drop("fresh")


def test_a_table_that_is_missing_is_told(postgresql, database, settings):
    postgresql.run("DROP TABLE topic_gaps", database="own")
    assert "lacks the table topic_gaps" in refusal(database, settings)


def test_attachments_of_another_database_are_not_forgotten(postgresql, settings):
    postgresql.create("fresh", template="template0")
    (settings.var / "attachments").mkdir(parents=True)
    (settings.var / "attachments" / ("a" * 32)).write_bytes(b"x")
    from odziv.store.opening import DatabaseMissing

    with pytest.raises(DatabaseMissing, match="has no tables, but .* holds 1 file"):
        open_store(settings.model_copy(update={"database_url": postgresql.url("fresh")}))
    postgresql.drop("fresh")


def test_a_reader_can_not_write(postgresql_store):
    with pytest.raises(DBAPIError, match="read-only"), postgresql_store.read() as connection:
        connection.execute(conversations.delete())


def test_a_reader_sees_one_moment_however_many_questions_it_asks(postgresql_store):
    count = select(func.count()).select_from(conversations)
    with postgresql_store.read() as connection:
        assert connection.execute(count).scalar_one() == 0
        create_conversation(postgresql_store, "demo", "en")
        assert connection.execute(count).scalar_one() == 0


def test_a_commit_is_on_the_disk_whatever_the_server_is_set_to(postgresql, database):
    postgresql.run("ALTER DATABASE own SET synchronous_commit = 'off'")
    with closing(Store(database)) as store, store.write() as connection:
        assert connection.exec_driver_sql("SHOW synchronous_commit").scalar_one() == "on"
    postgresql.run("ALTER DATABASE own SET synchronous_commit = 'remote_apply'")
    with closing(Store(database)) as store, store.write() as connection:
        assert connection.exec_driver_sql("SHOW synchronous_commit").scalar_one() == "remote_apply"


def test_only_what_need_not_last_does_not_wait_for_the_disk(postgresql_store):
    for lasting, synced in ((True, "on"), (False, "off"), (True, "on")):
        with postgresql_store.write(lasting=lasting) as connection:
            assert connection.exec_driver_sql("SHOW synchronous_commit").scalar_one() == synced


def test_a_text_is_stored_without_its_nul(postgresql_store):
    conversation = create_conversation(postgresql_store, "demo", "en")
    add_customer_message(postgresql_store, conversation.id, "c\0 1", "two\0 halves\0", "")
    [message] = list_messages(postgresql_store, conversation.id)
    assert (message.text, message.client_id) == ("two halves", "c 1")
    assert add_customer_message(postgresql_store, conversation.id, "c 1", "two halves", "")[0].seq == message.seq


WRONG = {
    "twice": "INSERT INTO search_filling (conversation_id, seq) VALUES (:it, 1), (:it, 2)",
    "too long": "INSERT INTO search_filling (conversation_id, seq) VALUES (repeat(:it, 9), 1)",
    "no number": "SELECT CAST(:it AS integer)",
    "too large": "SELECT CAST(99999999999 AS integer), CAST(:it AS text)",
    "nothing of that name": "INSERT INTO mentions (conversation_id, seq, agent_id, created_at) VALUES (:it, 1, 1, 1)",
    "empty": "INSERT INTO audit (at, action, object) VALUES (1, NULL, :it)",
}


@pytest.mark.parametrize("wrong", WRONG)
def test_an_errors_text_does_not_quote_what_a_customer_wrote(postgresql_store, wrong, caplog):
    with pytest.raises(DBAPIError) as failure, postgresql_store.write() as connection:
        connection.execute(text(WRONG[wrong]), {"it": SECRET})
    told = [str(failure.value), repr(failure.value), str(failure.value.orig), repr(failure.value.orig)]
    logging.getLogger("any").error("failed", exc_info=failure.value)
    assert not [each for each in (*told, caplog.text) if SECRET in each]
    assert create_conversation(postgresql_store, "demo", "en")


def test_an_error_still_has_its_kind_and_its_reason(postgresql_store):
    with pytest.raises(IntegrityError, match="violates not-null constraint"), postgresql_store.write() as connection:
        connection.execute(insert(conversations).values(id="x", site=None))


CUT = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = 'shared' AND backend_type = 'client backend'"
)


def test_connections_that_were_cut_while_they_rested_are_not_noticed(postgresql, postgresql_store, monkeypatch):
    monkeypatch.setattr("odziv.store.postgresql.RESTED_SECONDS", 0.0)
    conversation = create_conversation(postgresql_store, "demo", "en")
    assert find_conversation(postgresql_store, conversation.id)
    postgresql.run(CUT)
    assert find_conversation(postgresql_store, conversation.id)
    assert create_conversation(postgresql_store, "demo", "en")


def test_one_that_did_not_rest_is_not_asked_and_fails_once(postgresql, postgresql_store, monkeypatch):
    monkeypatch.setattr("odziv.store.postgresql.RESTED_SECONDS", 600.0)
    conversation = create_conversation(postgresql_store, "demo", "en")
    assert find_conversation(postgresql_store, conversation.id)
    postgresql.run(CUT)
    with pytest.raises(OperationalError):
        find_conversation(postgresql_store, conversation.id)
    assert find_conversation(postgresql_store, conversation.id)


def test_a_connection_that_is_cut_in_a_transaction_stores_nothing_and_the_next_one_works(postgresql, postgresql_store):
    with pytest.raises(OperationalError), postgresql_store.write() as connection:
        pid = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
        connection.execute(text("UPDATE agents SET name = name"))
        postgresql.run(f"SELECT pg_terminate_backend({pid})")
        connection.execute(select(1))
    assert create_conversation(postgresql_store, "demo", "en")


def test_where_no_connection_is_free_it_is_said_in_time(postgresql, database, monkeypatch):
    monkeypatch.setattr("odziv.store.postgresql.POOL", {"pool_size": 1, "max_overflow": 0, "pool_timeout": 0.05})
    with closing(Store(database)) as store, store.read():
        with pytest.raises(OperationalError, match="no connection is free"), store.read():
            pass
        assert not store.is_up()


def test_while_another_program_writes_for_long_nothing_waits_for_ever(postgresql, database, monkeypatch):
    monkeypatch.setattr("odziv.store.postgresql.SETTINGS", ("SET lock_timeout = '100ms'",))
    with closing(Store(database)) as store, closing(Store(database)) as other, other.write():
        with pytest.raises(OperationalError, match="lock timeout"):
            create_conversation(store, "demo", "en")
        assert store.why_not_storing().startswith("nothing can be stored: ")
    with closing(Store(database)) as store:
        assert store.why_not_storing() is None


def test_a_database_that_may_only_be_read_is_no_place_to_store(postgresql, database):
    postgresql.run("ALTER DATABASE own SET default_transaction_read_only = on")
    with closing(Store(database)) as store:
        assert "read-only" in (store.why_not_storing() or "")
        assert store.is_up()


def test_damage_is_told_as_long_as_the_process_runs(postgresql, database, monkeypatch):
    monkeypatch.setattr(postgresql_errors, "DAMAGED", ("22012",))
    monkeypatch.setattr(postgresql_errors, "TOLD", {"22012": postgresql_errors.TOLD["XX"]})
    with closing(Store(database)) as store:
        with pytest.raises(DBAPIError), store.read() as connection:
            connection.exec_driver_sql("SELECT 1 / 0")
        assert "/own is damaged" in (store.why_not_storing() or "")


def test_of_two_servers_one_does_what_is_done_once_until_it_ends(database):
    with closing(Store(database)) as second:
        with closing(Store(database)) as first:
            assert [first.keeps(), second.keeps(), first.keeps(), second.keeps()] == [True, False, True, False]
            assert create_conversation(second, "demo", "en")
        wait_until(second.keeps)
        assert second.keeps()


def test_who_loses_the_connection_keeps_nothing_and_may_begin_again(postgresql, database):
    with closing(Store(database)) as first, closing(Store(database)) as second:
        assert first.keeps()
        postgresql.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity JOIN pg_locks USING (pid)"
            " WHERE locktype = 'advisory' AND pg_stat_activity.datname = 'own'"
        )
        with pytest.raises(OperationalError):
            first.keeps()
        wait_until(second.keeps)
        assert [second.keeps(), first.keeps()] == [True, False]


def test_a_dump_of_pg_dump_brings_everything_back(postgresql, database):
    with closing(Store(database)) as store:
        conversation = create_conversation(store, "demo", "sl")
        add_customer_message(store, conversation.id, "c1", "rumena torba", "")
    dump = postgresql.folder / "odziv.dump"
    where = ["--host", postgresql.folder, "--username", "odziv"]
    subprocess.run([postgresql.programs / "pg_dump", *where, "--format=custom", "--file", dump, "own"], check=True)
    with closing(Store(database)) as store:
        add_customer_message(store, conversation.id, "c2", "after the dump", "")
    put_back = ["--clean", "--if-exists", "--dbname", "own", dump]
    subprocess.run([postgresql.programs / "pg_restore", *where, *put_back], check=True)
    with closing(Store(database)) as store:
        migrate(store)
        assert [message.text for message in list_messages(store, conversation.id)] == ["rumena torba"]
        assert search(store, "torb", Wanted(), 10)[0]
        assert add_customer_message(store, conversation.id, "c2", "and on", "")[0].seq == 2


def test_our_backup_names_pg_dump_and_is_not_noted_as_failed(postgresql_store, settings, tmp_path):
    settings.var.mkdir(parents=True, exist_ok=True)
    with pytest.raises(BackupFailed, match="pg_dump"):
        make_backup(postgresql_store, settings, tmp_path / "backup.zip", config=tmp_path / "config.yml")
    assert read_state(settings.var) is None and not list(tmp_path.glob("*.zip"))
