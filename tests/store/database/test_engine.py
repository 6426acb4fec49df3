"""The database itself: transactions, locks between processes, and what a kill leaves."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.exc import DBAPIError, IntegrityError

from odziv.store import Store, sqlite
from odziv.store.conversations.conversation import create_conversation, find_conversation
from odziv.store.conversations.messages import NewMessage, append_message, list_messages
from odziv.store.engine import LISTS, touch
from odziv.store.schema import conversations
from tests.fixtures import open_again
from tests.quick_applications import PRODUCTS_SYNCHRONOUS

ROOT = Path(__file__).parents[3]
WRITER = """
import sys
from pathlib import Path
from odziv.store import Store
from odziv.store.conversations.messages import add_customer_message
url, conversation, name, count = sys.argv[1:]
store = Store(url, files=Path("nowhere"))
for number in range(int(count)):
    message, _ = add_customer_message(store, conversation, f"{name}-{number}", f"text {number}", "")
    print(message.seq, message.client_id, flush=True)
store.close()
"""


def start_writer(store: Store, conversation: str, name: str, count: int) -> subprocess.Popen[str]:
    """Another process that writes to the same database and prints what was acknowledged."""
    url = store.url.render_as_string(hide_password=False)
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, url, conversation, name, str(count)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.slow
def test_two_processes_writing_at_once_lose_nothing(store: Store):
    conversation = create_conversation(store, "demo", "en")
    writers = [start_writer(store, conversation.id, name, 60) for name in ("one", "two")]
    for writer in writers:
        _, errors = writer.communicate(timeout=60)
        assert writer.returncode == 0, errors
    messages = list_messages(store, conversation.id)
    assert [message.seq for message in messages] == list(range(1, 121))
    assert {m.client_id for m in messages} == {f"{name}-{n}" for name in ("one", "two") for n in range(60)}


@pytest.mark.slow
def test_a_kill_in_the_middle_of_writing_loses_nothing_acknowledged(store: Store):
    conversation = create_conversation(store, "demo", "en")
    acknowledged = []
    for round_ in range(3):
        writer = start_writer(store, conversation.id, f"round{round_}", 100_000)
        acknowledged += [writer.stdout.readline().split() for _ in range(20)]
        writer.send_signal(signal.SIGKILL)
        acknowledged += [line.split() for line in writer.stdout if line.endswith("\n")]
        writer.wait()
        writer.stderr.close()
        writer.stdout.close()
    store.close()
    with_next = open_again(store)
    stored = {str(message.seq): message.client_id for message in list_messages(with_next, conversation.id)}
    assert [stored.get(seq) for seq, _ in acknowledged] == [client_id for _, client_id in acknowledged]
    assert sorted(map(int, stored)) == list(range(1, len(stored) + 1))
    if store.url.get_backend_name() == "sqlite":
        with with_next.read() as connection:
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
    with_next.close()


def test_an_exception_leaves_nothing_behind_and_wakes_nobody(store: Store):
    conversation, heard = create_conversation(store, "demo", "en"), []
    store.listen(heard.append)
    with pytest.raises(ZeroDivisionError), store.write() as connection:
        append_message(connection, conversation.id, NewMessage("bot", "never said", ""))
        raise ZeroDivisionError
    assert list_messages(store, conversation.id) == []
    assert find_conversation(store, conversation.id).last_seq == 0
    assert heard == []


def test_a_commit_tells_its_listeners_what_it_changed(store: Store):
    conversation, heard = create_conversation(store, "demo", "en"), []
    store.listen(heard.append)
    with store.write() as connection:
        append_message(connection, conversation.id, NewMessage("bot", "said", ""))
    assert heard == [{conversation.id, LISTS}]


def test_the_next_transaction_works_after_a_failed_one(store: Store):
    with pytest.raises(IntegrityError), store.write() as connection:
        connection.execute(insert(conversations).values(id="x", site=None))
    assert create_conversation(store, "demo", "en")


def test_a_reader_cannot_write(store: Store):
    with pytest.raises(DBAPIError, match="read-?only"), store.read() as connection:
        connection.execute(conversations.delete())


def test_a_reader_sees_one_moment_however_long_it_looks(store: Store):
    count = select(func.count()).select_from(conversations)
    with store.read() as connection, connection.begin():
        before = connection.execute(count).scalar_one()
        create_conversation(store, "demo", "en")
        assert connection.execute(count).scalar_one() == before


def test_sqlite_is_set_to_survive_a_power_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sqlite, "SYNCHRONOUS", PRODUCTS_SYNCHRONOUS)
    with closing(Store.in_folder(tmp_path)) as store, store.write() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


@pytest.mark.sqlite
def test_only_what_need_not_last_does_not_wait_for_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sqlite, "SYNCHRONOUS", PRODUCTS_SYNCHRONOUS)
    waits = []
    with closing(Store.in_folder(tmp_path)) as store:
        for lasting in (True, False, True):
            with store.write(lasting=lasting) as connection:
                waits.append(connection.exec_driver_sql("PRAGMA synchronous").scalar_one())
        with pytest.raises(ZeroDivisionError), store.write(lasting=False):
            raise ZeroDivisionError
        with store.migrating() as connection:
            waits.append(connection.exec_driver_sql("PRAGMA synchronous").scalar_one())
    assert waits == [2, 1, 2, 2]


def test_what_need_not_last_is_seen_by_everybody_once_it_is_committed(store: Store):
    touched: list[set[str]] = []
    store.listen(touched.append)
    with store.write(lasting=False) as connection:
        touch(connection, "a" * 24)
    assert touched == [{"a" * 24, LISTS}]


@pytest.mark.sqlite
def test_only_the_writer_checkpoints(store: Store):
    with store.read() as connection:
        assert connection.exec_driver_sql("PRAGMA wal_autocheckpoint").scalar_one() == 0


def test_an_errors_text_does_not_quote_what_a_customer_wrote(store: Store):
    with pytest.raises(IntegrityError) as failure, store.write() as connection:
        connection.execute(insert(conversations).values(id="secret words", site=None))
    assert "secret words" not in str(failure.value)


@pytest.mark.sqlite
def test_is_up_tells_a_database_from_none(store: Store, settings):
    assert store.is_up()
    store.close()
    (settings.var / "odziv.sqlite").unlink()
    (settings.var / "odziv.sqlite").mkdir()
    assert not store.is_up()


def test_closing_twice_is_closing_once(store: Store):
    store.close()
    store.close()


@pytest.mark.sqlite
def test_of_several_processes_one_does_what_is_done_once_until_it_ends(store: Store):
    with closing(open_again(store)) as second:
        with closing(open_again(store)) as first:
            assert [first.keeps(), second.keeps(), first.keeps(), second.keeps()] == [True, False, True, False]
        assert second.keeps() and not store.keeps()
