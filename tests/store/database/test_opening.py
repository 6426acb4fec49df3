"""A data folder without its database is refused, with words, and nothing in it is touched."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from odziv.processes import supervisor
from odziv.settings import BadSetting
from odziv.store import Store
from odziv.store.conversations.attachments import add_attachment, sweep_attachments
from odziv.store.conversations.conversation import create_conversation
from odziv.store.opening import DatabaseMissing, open_store

pytestmark = pytest.mark.slow


@pytest.fixture
def filled(settings) -> Path:
    """The data folder of an installation with a conversation and three files."""
    store = open_store(settings)
    conversation = create_conversation(store, "demo", "en")
    for number in range(3):
        add_attachment(store, conversation.id, b"%PDF-1.4", name=f"{number}.pdf", type="application/pdf")
    store.close()
    return settings.var


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def without_tables(path: Path) -> None:
    path.unlink()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 1")
    connection.close()


INCOMPLETE = {
    "the attachments were put back first": lambda var: (var / "odziv.sqlite").unlink(),
    "only the attachments and secrets": lambda var: [path.unlink() for path in var.glob("odziv.sqlite*")],
    "the copy of the database is empty": lambda var: (var / "odziv.sqlite").write_bytes(b""),
    "a database without tables": lambda var: without_tables(var / "odziv.sqlite"),
    "the log of the database is left": lambda var: (
        (var / "odziv.sqlite").unlink(),
        (var / "odziv.sqlite-wal").write_bytes(b"x" * 4096),
    ),
    "the log alone, without attachments": lambda var: (
        (var / "odziv.sqlite").unlink(),
        shutil.rmtree(var / "attachments"),
        (var / "odziv.sqlite-wal").write_bytes(b"x" * 4096),
    ),
}


@pytest.mark.parametrize("kind", INCOMPLETE)
def test_an_incomplete_data_folder_is_refused_untouched(settings, filled, kind):
    INCOMPLETE[kind](filled)
    before = content(filled)
    for _ in range(2):  # the second start is no kinder
        with pytest.raises(DatabaseMissing, match="If you are restoring a backup"):
            open_store(settings)
    after = content(filled)
    if kind == "a database without tables":  # it is opened to see that, and holds nothing
        del before["odziv.sqlite"], after["odziv.sqlite"]
    assert {name: after[name] for name in before} == before
    assert not (set(after) - set(before)) & {"odziv.sqlite", "odziv.sqlite-wal"}


def test_the_words_name_the_folder_the_number_and_both_ways_on(settings, filled):
    (filled / "odziv.sqlite").unlink()
    with pytest.raises(BadSetting) as refused:
        open_store(settings)
    for words in ("odziv.sqlite is missing", "3 files", "attachments", "of the same backup", "move that folder away"):
        assert words in str(refused.value)


def test_the_start_says_so_and_ends(settings, filled, monkeypatch, capsys):
    (filled / "odziv.sqlite").unlink()
    monkeypatch.setattr(supervisor, "load_settings", lambda: settings)
    monkeypatch.setattr(supervisor, "check_port", lambda *_: None)
    monkeypatch.setattr(supervisor.signal, "signal", lambda *_: None)
    assert supervisor.main() == 1
    printed = capsys.readouterr().err
    assert printed.startswith("Odziv can't start: ") and "Traceback" not in printed
    assert len(list((filled / "attachments").iterdir())) == 3


def test_after_the_restore_everything_is_there(settings, filled, tmp_path):
    backup = shutil.move(filled / "odziv.sqlite", tmp_path / "backup.sqlite")
    with pytest.raises(DatabaseMissing):
        open_store(settings)
    shutil.copy(backup, filled / "odziv.sqlite")
    store = open_store(settings)
    assert sweep_attachments(store) == 0 and store.files.count() == 3
    store.close()


@pytest.mark.parametrize("there", ["nothing", "an empty folder", "other people's files", "an empty log"])
def test_a_new_installation_begins(settings, there):
    folder = settings.var / "attachments"
    if there != "nothing":
        folder.mkdir(parents=True)
    if there == "other people's files":
        for name in (".DS_Store", "README", ".half"):
            (folder / name).write_bytes(b"x")
    if there == "an empty log":
        (settings.var / "odziv.sqlite-wal").touch()
    store = open_store(settings)
    assert isinstance(store, Store) and create_conversation(store, "demo", "en").id
    store.close()
