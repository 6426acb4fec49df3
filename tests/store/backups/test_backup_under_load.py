"""A backup that is made while customers write, and others delete, has all that was acknowledged before it began."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from odziv.settings import Settings
from odziv.store import Store
from odziv.store.backups.making import make_backup
from odziv.store.backups.restoring import restore_backup
from odziv.store.conversations.attachments import add_attachment
from odziv.store.conversations.conversation import create_conversation, delete_conversation
from odziv.store.conversations.messages import add_customer_message, list_messages
from odziv.store.opening import open_store
from odziv.store.sqlite import BUSY_MS
from tests.store.backups.conftest import FILE

pytestmark = [pytest.mark.slow, pytest.mark.sqlite]
WRITERS = 4


class Load:
    """Threads that write to conversations of their own, with files, and delete others, until the block ends."""

    def __init__(self, store: Store) -> None:
        self.store, self.acknowledged = store, dict[str, list[str]]()
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._write) for _ in range(WRITERS)]
        self._threads.append(threading.Thread(target=self._delete))

    @contextmanager
    def running(self) -> Iterator[None]:
        for thread in self._threads:
            thread.start()
        try:
            yield
        finally:
            self._stop.set()
            for thread in self._threads:
                thread.join(30)

    def so_far(self) -> dict[str, list[str]]:
        """The messages by conversation whose storing has been acknowledged."""
        return {conversation: list(texts) for conversation, texts in list(self.acknowledged.items())}

    def wait_for(self, count: int) -> None:
        while sum(map(len, self.so_far().values())) < count:
            time.sleep(0.005)

    def _write(self) -> None:
        conversation = create_conversation(self.store, "demo", "en").id
        self.acknowledged[conversation] = []
        number = 0
        while not self._stop.is_set():
            number += 1
            files = ()
            if number % 7 == 0 and number < 300:
                file = add_attachment(self.store, conversation, FILE, name="a.png", type="image/png")
                files = (file.id,)
            text = f"message {number} " + "of wet boots " * 40
            add_customer_message(self.store, conversation, f"c{number}", text, "", attachments=files)
            self.acknowledged[conversation].append(text)

    def _delete(self) -> None:
        while not self._stop.is_set():
            conversation = create_conversation(self.store, "demo", "en").id
            add_customer_message(self.store, conversation, "c", "to be deleted", "")
            delete_conversation(self.store, conversation)
            self.store.scrub()


@pytest.mark.parametrize("seed", range(3))
def test_everything_acknowledged_before_it_began_comes_back_and_nothing_half(
    used: Settings, empty: Settings, store: Store, config, tmp_path, monkeypatch, seed
):
    monkeypatch.setattr("odziv.store.backups.snapshot.PAGES", 20)
    load = Load(store)
    with load.running():
        load.wait_for(200)
        before = load.so_far()
        make_backup(store, used, tmp_path / "odziv.zip", config=config)
        load.wait_for(sum(map(len, before.values())) + 50)
    after = load.so_far()
    restore_backup(empty, tmp_path / "odziv.zip")
    restored = open_store(empty, wholly=True)
    try:
        for conversation, texts in before.items():
            found = list_messages(restored, conversation)
            assert [message.text for message in found[: len(texts)]] == texts
            assert [message.text for message in found] == after[conversation][: len(found)]
            assert [message.seq for message in found] == list(range(1, len(found) + 1))
            for file in (file for message in found for file in message.attachments or ()):
                assert restored.files.path(file["id"]).read_bytes() == FILE
        with restored.read() as connection:
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall() == []
            turns = connection.exec_driver_sql("SELECT count(*) FROM turns").scalar_one()
            messages = connection.exec_driver_sql("SELECT count(*) FROM messages").scalar_one()
        assert turns == messages  # each message was stored with its turn
    finally:
        restored.close()


def test_whoever_has_something_deleted_does_not_wait_for_who_reads_long(store: Store):
    """A reading transaction keeps the log from being emptied. SQLite would wait ten seconds for it, and so would all
    who write."""
    conversation = create_conversation(store, "demo", "en").id
    with store.read() as reading:
        reading.exec_driver_sql("SELECT count(*) FROM conversations").scalar_one()
        delete_conversation(store, conversation)
        began = time.perf_counter()
        assert not store.scrub()
        assert time.perf_counter() - began < 5.0
    assert store.scrub()
    with store.write() as connection:
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one() == BUSY_MS
