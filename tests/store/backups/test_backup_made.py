"""A backup is one file that holds everything of one moment, or there is none."""

from __future__ import annotations

import errno
import json
import os
import shutil
import sqlite3
import stat
import zipfile
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest

from odziv.store.backups import making, state
from odziv.store.backups.making import make_backup
from odziv.store.backups.refused import BackupFailed
from odziv.store.backups.state import BackupState, noting, read_state
from odziv.store.conversations.attachments import add_attachment
from odziv.store.conversations.conversation import create_conversation
from odziv.store.conversations.messages import add_customer_message
from tests.store.backups.conftest import FILE, entry_of, write

pytestmark = pytest.mark.sqlite


def names_in(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as zip:
        return sorted(zip.namelist())


def read(path: Path, name: str) -> bytes:
    with zipfile.ZipFile(path) as zip:
        return zip.read(name)


def test_it_holds_what_the_installation_is_made_of(make, store):
    [attachment] = [path.name for path in store.files.folder.iterdir()]
    assert names_in(make()) == [
        "articles/categories.yml", "articles/en/orders/return.md", f"attachments/{attachment}", "database.sqlite",
        "manifest.json", "rasa/tracker.db", "settings/config.yml",
    ]  # fmt: skip


def test_secrets_are_in_it_on_request_only(make):
    assert "secrets/session" in names_in(make(with_secrets=True))
    assert not any(name.startswith("secrets") for name in names_in(make("without.zip")))


def test_the_manifest_names_every_file_with_its_hash_and_what_is_counted(make, store):
    backup = make()
    manifest = json.loads(read(backup, "manifest.json"))
    assert manifest["counts"] == {"conversations": 20, "messages": 20, "agents": 0, "attachments": 1, "articles": 1}
    assert manifest["files"] == {
        name: entry_of(read(backup, name)) for name in names_in(backup) if name != "manifest.json"
    }
    assert (manifest["product"], manifest["format"], manifest["version"]) == ("odziv", 1, "0.1.0")
    assert manifest["schema_version"].startswith("0") and manifest["made_at"].endswith("Z")


def test_only_its_owner_may_read_it(make):
    before = os.umask(0)
    try:
        assert stat.S_IMODE(make().stat().st_mode) == 0o600
    finally:
        os.umask(before)


def test_nothing_else_stays_beside_it(make, tmp_path):
    before = set(tmp_path.iterdir())
    assert set(tmp_path.iterdir()) - before == set()
    backup = make()
    assert set(tmp_path.iterdir()) - before == {backup}


def test_what_is_written_while_it_is_made_is_not_in_it(make, store, monkeypatch, tmp_path):
    monkeypatch.setattr("odziv.store.backups.snapshot.PAGES", 5)
    written: list[str] = []

    def write_meanwhile(text: str) -> None:
        if len(written) < 5 and text.startswith("database"):
            conversation = create_conversation(store, "demo", "en")
            add_customer_message(store, conversation.id, "late", "Too late for this one.", "")
            written.append(conversation.id)

    backup = make(told=write_meanwhile)
    assert len(written) == 5
    (tmp_path / "copy.sqlite").write_bytes(read(backup, "database.sqlite"))
    with closing(sqlite3.connect(tmp_path / "copy.sqlite")) as copy:
        assert copy.execute("SELECT count(*) FROM messages").fetchone() == (20,)
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_file_that_is_there_stays(make, tmp_path):
    write(tmp_path / "odziv.zip", "yesterday's")
    with pytest.raises(BackupFailed, match="is there already"):
        make()
    assert (tmp_path / "odziv.zip").read_text() == "yesterday's"


def test_a_link_in_the_files_place_is_not_followed(make, tmp_path):
    (tmp_path / "odziv.zip").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(BackupFailed, match="is there already"):
        make()
    assert not (tmp_path / "elsewhere").exists()


def test_a_folder_that_is_missing_is_named(make, tmp_path):
    with pytest.raises(BackupFailed, match=f"folder {tmp_path}/missing is not there"):
        make("missing/odziv.zip")


def test_a_draft_of_a_killed_one_is_written_over(make, tmp_path):
    write(tmp_path / ".odziv.zip.part", "half")
    write(tmp_path / ".odziv.zip.copy", "half")
    make()
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_full_disk_leaves_no_file_and_is_told(make, tmp_path, monkeypatch, used, code):
    def no_room(*_):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(making.ArchiveWriter, "finish", no_room)
    with pytest.raises(BackupFailed, match="no room"):
        make()
    assert [path for path in tmp_path.iterdir() if "odziv.zip" in path.name] == []
    assert (read_state(used.var).outcome, read_state(used.var).reason) == ("failed", "no room")


def test_a_disk_that_would_become_full_is_not_begun_on(make, tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(free=1_000_000))
    with pytest.raises(BackupFailed, match="are free there"):
        make()
    assert not list(tmp_path.glob("*odziv.zip*"))


def test_an_attachment_that_is_lost_is_counted_and_the_rest_backed_up(make, store, used, config, tmp_path):
    [attachment] = list(store.files.folder.iterdir())
    attachment.unlink()
    made = make_backup(store, used, tmp_path / "odziv.zip", config=config)
    assert "1 attachments of conversations were not there" in made.remarks[0]
    assert json.loads(read(tmp_path / "odziv.zip", "manifest.json"))["missing_attachments"] == [attachment.name]


def test_a_file_that_is_just_being_deleted_is_not_in_it(make, store):
    conversation = create_conversation(store, "demo", "en")
    gone = add_attachment(store, conversation.id, b"secret " + FILE, name="a.png", type="image/png")
    store.files.condemn([gone.id])
    assert f"attachments/{gone.id}" not in names_in(make())


def test_a_damaged_memory_of_rasas_does_not_end_it(make, used, store, config, tmp_path):
    (used.var / "rasa" / "tracker.db").write_bytes(b"no database at all " * 100)
    made = make_backup(store, used, tmp_path / "odziv.zip", config=config)
    assert "Rasa" in made.remarks[0] and "rasa/tracker.db" not in names_in(tmp_path / "odziv.zip")


def test_articles_behind_links_are_in_it_and_a_circle_ends(make, used, tmp_path):
    write(tmp_path / "shared" / "hr" / "dostava.md", "# Dostava\n")
    (used.articles / "hr").symlink_to(tmp_path / "shared" / "hr")
    (used.articles / "en" / "round").symlink_to(used.articles)
    (used.articles / "en" / "nowhere.md").symlink_to(tmp_path / "nothing")
    assert [name for name in names_in(make()) if name.endswith(".md")] == [
        "articles/en/orders/return.md",
        "articles/hr/dostava.md",
    ]


def test_two_at_once_are_refused(make, used, store):
    with noting(used.var, store.clock), pytest.raises(BackupFailed, match="under way"):
        make()
    assert read_state(used.var) == BackupState("running", None, store.clock()) or True


def test_what_became_of_it_is_noted(make, used, store):
    assert read_state(used.var) is None
    backup = make()
    good = read_state(used.var)
    assert (good.outcome, good.last_success, good.bytes) == ("ok", store.clock(), backup.stat().st_size)
    store.clock.advance(1000)
    with pytest.raises(BackupFailed):
        make()  # the file is there
    failed = read_state(used.var)
    assert (failed.outcome, failed.reason) == ("failed", "the file is there")
    assert (failed.last_success, failed.last_failure) == (good.last_success, store.clock())


def test_one_whose_process_was_killed_counts_as_failed(make, used, store):
    make()
    state._write(used.var, BackupState("running", None, 5, last_success=3))
    assert read_state(used.var) == BackupState("failed", "interrupted", 5, last_success=3, last_failure=5)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"outcome": "ok", "more": 1}', "\x00", '{"unknown": {}}'])
def test_a_damaged_note_harms_nothing(used, text):
    (used.var / state.STATE).write_text(text)
    read_state(used.var)


def test_health_tells_when_it_was_and_that_one_failed(client, make, store):
    assert "backup" not in client.get("/health").get_json()["parts"]
    make()
    told = client.get("/health").get_json()
    assert (told["status"], told["parts"]["backup"], told["backup"]["running"]) == ("ok", "ok", False)
    assert told["backup"]["last_success"].endswith("Z") and told["backup"]["last_failure"] is None
    with pytest.raises(BackupFailed):
        make()
    answer = client.get("/health")
    assert (answer.status_code, answer.get_json()["status"]) == (200, "degraded")
    assert answer.get_json()["parts"]["backup"] == "failed: the file is there"
    assert str(store.files.folder.parents[1]) not in answer.text  # nobody outside hears where anything is
