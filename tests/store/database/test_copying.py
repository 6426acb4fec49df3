"""An installation goes on with PostgreSQL: every row of every table, or none, and the old database as it was."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from sqlalchemy import JSON, Boolean, Column, Float, Integer, Table, func, insert, null, select, text

from odziv.processes.only_server import only_server
from odziv.store import Store, copying
from odziv.store.agents.agent import invite
from odziv.store.conversations.conversation import create_conversation, find_conversation
from odziv.store.conversations.messages import add_customer_message, list_messages
from odziv.store.copying import CopyFailed, copy_database
from odziv.store.migrate import migrate
from odziv.store.opening import open_store
from odziv.store.schema import agents, audit, conversations, metadata
from odziv.store.search.filters import Wanted
from odziv.store.search.finding import search
from odziv.wiring import build_services
from server import create_app
from tests.fake_encoder import FakeEncoder
from tests.fakes import FakeBot
from tests.postgresql.server import PostgreSQLServer
from tests.store.database.test_upgrade import BEFORE, BOT, old  # noqa: F401 (fixture)

pytestmark = pytest.mark.postgresql
WORDS = ("Žluta rumena torba 🎒", "zażółć gęślą jaźń", "Đuro's “ćevapi” \\ 100 % \x7f\t\n")


@pytest.fixture
def address(postgresql: PostgreSQLServer) -> Iterator[str]:
    """An empty database of the test's own, as an administrator makes it."""
    postgresql.run("CREATE DATABASE fresh TEMPLATE template0")
    yield postgresql.url("fresh")
    postgresql.drop("fresh")


@pytest.fixture
def new(address: str, tmp_path: Path) -> Iterator[Store]:
    store = Store(address, files=tmp_path / "attachments")
    yield store
    store.close()


def value_for(column: Column[Any], number: int) -> Any:
    """Something to store in a column, different for each row where the column may have to be."""
    if column.foreign_keys:
        [key] = column.foreign_keys
        return value_for(key.column, number)
    if isinstance(column.type, JSON):
        return [null(), None, {"č": [1, None, "ž"]}][number] if column.nullable else {"č": [number, None]}
    if isinstance(column.type, Boolean):
        return bool(number % 2)
    if isinstance(column.type, Integer):
        return number + 1 if column.primary_key else 2**31 - 10 + number
    if column.nullable and not number:
        return None
    if isinstance(column.type, Float):
        return number / 3 - 1e-17
    length = column.type.length or 200
    return f"{number}{WORDS[number]}"[: min(length, 20)]


def fill(store: Store, table: Table, count: int = len(WORDS)) -> None:
    """Rows with every kind of value that its columns take."""
    with store.write() as connection:
        for number in range(count):
            connection.execute(insert(table).values({c.name: value_for(c, number) for c in table.c}))


def rows_of(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """What each table has, as it is stored."""
    with store.read() as connection:
        return {
            table.name: [tuple(row) for row in copying._read(connection, table)] for table in metadata.sorted_tables
        }


def count_of(store: Store) -> int:
    with store.read() as connection:
        return sum(
            connection.execute(select(func.count()).select_from(table)).scalar_one() for table in metadata.sorted_tables
        )


def test_every_column_of_every_table_arrives_as_it_was(tmp_path, new, monkeypatch):
    monkeypatch.setattr(copying, "BATCH", 2)
    source = Store.in_folder(tmp_path / "var")
    migrate(source)
    with source.write() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())
    for table in metadata.sorted_tables:
        fill(source, table)
    before = rows_of(source)
    assert all(len(rows) == len(WORDS) for rows in before.values())
    said: list[str] = []
    copied = copy_database(source, new, said.append)
    assert rows_of(new) == before == rows_of(source)
    assert copied.rows == {table.name: len(WORDS) for table in metadata.sorted_tables} and not copied.shortened
    assert "messages: 2" in said and "messages: 2 compared" in said
    source.close()


def test_what_an_older_version_left_goes_on_there(old, new):  # noqa: F811
    copy_database(old, new)
    new.clock = old.clock
    assert [m.text for m in list_messages(new, BOT)] == [m.text for m in list_messages(old, BOT)]
    add_customer_message(new, BOT, "c9", "Imate rumeno torbo?", "Imate rumeno torbo?")
    assert [m.seq for m in list_messages(new, BOT)] == [*(m.seq for m in list_messages(old, BOT)), 4]
    invite(new, "nova@smreka.example", "agent")
    with new.read() as connection:
        numbers = list(connection.execute(select(audit.c.id).order_by(audit.c.id)).scalars())
    assert numbers == sorted(set(numbers)) and len(numbers) > len(rows_of(old)["audit"])


def test_conversations_are_found_there_by_their_words(tmp_path, new):
    source = Store.in_folder(tmp_path / "var")
    migrate(source)
    conversation = create_conversation(source, "demo", "sl")
    add_customer_message(source, conversation.id, "c0", "Imate rumeno torbo?", "Imate rumeno torbo?")
    copy_database(source, new)
    for words in ("rumeno", "torb"):
        assert [hit.conversation.id for hit in search(new, words, Wanted(), 10)[0]] == [conversation.id]
    source.close()


def test_a_nul_is_left_out_and_counted(tmp_path, new):
    source = Store.in_folder(tmp_path / "var")
    migrate(source)
    conversation = create_conversation(source, "demo", "sl")
    with source.write() as connection:
        connection.execute(conversations.update().values(name="A\0na"))
    assert copy_database(source, new).shortened == 1
    assert find_conversation(new, conversation.id).name == "Ana"
    source.close()


def test_a_database_in_use_is_refused_and_stays(old, new):  # noqa: F811
    migrate(new)
    create_conversation(new, "demo", "sl")
    before = rows_of(new)
    with pytest.raises(CopyFailed, match="is in use: its table conversations has rows"):
        copy_database(old, new)
    assert rows_of(new) == before


@pytest.mark.parametrize("fails", ["_set_counter", "_fill_index", "_compare"])
@pytest.mark.parametrize("how", [KeyboardInterrupt, MemoryError])
def test_a_copy_that_ends_half_way_leaves_nothing_there_and_can_be_made_again(old, new, monkeypatch, fails, how):  # noqa: F811
    before, real, calls = rows_of(old), getattr(copying, fails), iter(range(100))

    def interrupted(*arguments):
        if next(calls) == (0 if fails == "_fill_index" else 12):
            raise how
        return real(*arguments)

    monkeypatch.setattr(copying, fails, interrupted)
    with pytest.raises(how):
        copy_database(old, new)
    assert count_of(new) == 0 and rows_of(old) == before
    monkeypatch.undo()
    copy_database(old, new)
    assert rows_of(new) == before


def test_a_row_that_came_out_differently_undoes_the_copy(old, new):  # noqa: F811
    migrate(new)
    with new.write() as connection:
        connection.execute(text("CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS"
                                " $$ BEGIN NEW.name := 'X'; RETURN NEW; END $$"))  # fmt: skip
        connection.execute(text("CREATE TRIGGER spoil BEFORE INSERT ON agents FOR EACH ROW EXECUTE FUNCTION spoil()"))
    with pytest.raises(CopyFailed, match="row 1 of the table agents came out differently"):
        copy_database(old, new)
    assert count_of(new) == 0


def test_a_row_the_new_database_does_not_take_is_told_without_its_words(old, new):  # noqa: F811
    with old.write() as connection:
        connection.execute(agents.update().values(name="skrivnost" * 100))
    with pytest.raises(CopyFailed, match="does not take rows 1 to .* of the table agents") as refused:
        copy_database(old, new)
    assert "skrivnost" not in str(refused.value) and count_of(new) == 0


@pytest.fixture
def used(settings) -> Path:
    """A data folder that was in use: the database of an older version."""
    settings.var.mkdir(parents=True, exist_ok=True)
    with sqlite3.connect(settings.var / "odziv.sqlite") as connection:
        connection.executescript(BEFORE.read_text(encoding="utf-8"))
    connection.close()
    return settings.var


@pytest.fixture
def run(settings):
    """The command as an operator gives it, on the installation of these settings."""
    built = []

    def run(*arguments: str, env: dict[str, str] | None = None, **changed: str) -> Result:
        services = build_services(
            settings.model_copy(update=changed), encoder=FakeEncoder(), bot=FakeBot(), looks_wholly=True
        )
        built.append(services)
        return create_app(services).test_cli_runner().invoke(args=["db", "copy", *arguments], env=env)

    yield run
    for services in built:
        services.store.close()


def test_the_command_says_what_it_did_and_what_to_do_and_the_product_goes_on(run, used, settings, address):
    told = run("--to", address)
    assert told.exit_code == 0 and re.search(r"^\d+ rows copied and compared in \d+\.\d s \(\d+ ", told.output)
    assert "set database_url in config.yml" in told.output and "odziv.sqlite is as it was" in told.output
    assert (used / "odziv.sqlite").stat().st_size
    with closing(open_store(settings.model_copy(update={"database_url": address}))) as store:
        assert [message.text for message in list_messages(store, BOT)][0] == "Kje je moje naročilo?"
    again = run("--to", address)
    assert again.exit_code == 1 and "is in use" in again.output


def test_the_address_may_be_in_the_environment_and_no_password_is_shown(run, used, address, postgresql):
    guarded = postgresql.url("fresh", user="guarded", password="wr0ng!secret")
    refused = run(env={"ODZIV_COPY_TO": guarded})
    assert refused.exit_code == 1 and "wr0ng" not in refused.output and "Traceback" not in refused.output
    assert run(env={"ODZIV_COPY_TO": address}).exit_code == 0


@pytest.mark.parametrize(
    "address",
    ["", "fresh", "mysql://a:secret@b/c", "sqlite:///x.sqlite", "postgresql://a:secret@host", "http://[", "::"],
)
def test_what_is_no_address_is_refused_in_a_sentence_that_does_not_repeat_it(run, used, address):
    refused = run("--to", address)
    assert refused.exit_code == 2 and "postgresql://user:password@host/database" in refused.output
    assert "secret" not in refused.output


def test_a_server_that_is_not_there_is_named(run, used):
    refused = run("--to", "postgresql://a:secret@127.0.0.1:1/b")
    assert refused.exit_code == 1 and "127.0.0.1" in refused.output and "secret" not in refused.output


def test_while_the_server_runs_nothing_is_copied(run, used, address):
    with only_server(used):
        refused = run("--to", address)
    assert refused.exit_code == 1 and "another Odziv" in refused.output


def test_what_is_on_postgresql_already_stays_there(run, used, address, postgresql):
    with closing(Store(address, files=used / "attachments")) as store:
        migrate(store)
    refused = run("--to", postgresql.url("other"), database_url=address)
    assert refused.exit_code == 1 and "is on" in refused.output and "already" in refused.output
