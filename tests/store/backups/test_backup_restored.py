"""A backup comes back wholly, into an empty installation only, and one that is not good changes nothing."""

from __future__ import annotations

import shutil
import sqlite3
import stat
import zipfile
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest

from odziv.settings import Settings
from odziv.store import Store
from odziv.store.agents.agent import invite
from odziv.store.backups import restoring
from odziv.store.backups.making import make_backup
from odziv.store.backups.refused import BackupFailed
from odziv.store.backups.restoring import clear_stage, is_unfinished, restore_backup
from odziv.store.conversations.conversation import create_conversation
from odziv.store.migrate import migrate
from odziv.store.opening import open_store
from tests.store.backups.conftest import FILE, contents, entry_of, remember, repack, write

pytestmark = pytest.mark.sqlite


def begin(settings: Settings) -> None:
    """What a first start leaves in a data folder."""
    store = open_store(settings)
    invite(store, None, "admin")
    store.close()
    write(settings.var / "secrets" / "session", "f" * 64)


def texts_in(settings: Settings) -> list[str]:
    store = open_store(settings, wholly=True)
    try:
        with store.read() as connection:
            return [text for (text,) in connection.exec_driver_sql("SELECT text FROM messages ORDER BY text")]
    finally:
        store.close()


@pytest.mark.slow
@pytest.mark.parametrize("has_begun", [False, True])
def test_everything_comes_back(make, empty, store, has_begun):
    if has_begun:
        begin(empty)
    backup = make(with_secrets=True)
    restored = restore_backup(empty, backup)
    assert texts_in(empty) == sorted(f"My boots are wet, {number}." for number in range(20))
    assert [path.read_bytes() for path in (empty.var / "attachments").iterdir()] == [FILE]
    assert (empty.var / "secrets" / "session").read_text() == "0123456789abcdef" * 4
    assert "Within 14 days" in (empty.articles / "en" / "orders" / "return.md").read_text()
    with closing(sqlite3.connect(empty.var / "rasa" / "tracker.db")) as tracker:
        assert tracker.execute("SELECT sender_id FROM events").fetchall() == [("odziv:1-0",)]
    assert restored.manifest.counts["messages"] == 20
    assert "the settings of the backup are in" in restored.remarks[0]
    assert not (empty.var / restoring.STAGE).exists()


def test_only_the_owner_may_read_what_came_back(make, empty):
    restore_backup(empty, make(with_secrets=True))
    every = [path for path in empty.var.rglob("*") if "restored" not in path.parts]
    assert {stat.S_IMODE(path.stat().st_mode) & 0o077 for path in every if path.is_file()} == {0}


def test_the_log_of_a_fresh_database_is_not_taken_over(make, empty):
    begin(empty)
    open_one = Store(empty.database)  # a log stays while somebody has it open
    with open_one.write() as connection:
        connection.exec_driver_sql("INSERT INTO invitations VALUES ('h', NULL, 'agent', 1, 2, NULL, NULL)")
    shutil.copytree(empty.var, empty.var.with_name("crashed"))
    open_one.close()
    crashed = empty.model_copy(update={"var": empty.var.with_name("crashed")})
    assert (crashed.var / "odziv.sqlite-wal").stat().st_size
    restore_backup(crashed, make())
    assert not (crashed.var / "odziv.sqlite-wal").exists()
    assert len(texts_in(crashed)) == 20


def test_one_in_use_is_left_as_it_is(make, empty):
    store = open_store(empty)
    create_conversation(store, "demo", "en")
    store.close()
    before = contents(empty.var)
    with pytest.raises(BackupFailed, match="in use: its database has 1 conversations"):
        restore_backup(empty, make())
    assert {name: bytes for name, bytes in contents(empty.var).items() if "-shm" not in name} == before


def test_an_agent_is_enough_to_be_in_use(make, used, ana):
    with pytest.raises(BackupFailed, match="1 agents"):
        restore_backup(used, make())


def test_files_of_customers_are_enough_to_be_in_use(make, empty):
    write(empty.var / "attachments" / ("a" * 32), "a picture")
    with pytest.raises(BackupFailed, match="attachments has 1 files"):
        restore_backup(empty, make())


def test_other_articles_stay_and_the_backups_are_put_beside_them(make, empty):
    write(empty.articles / "en" / "orders" / "return.md", "# Returning\n\nWithin 30 days.\n")
    restored = restore_backup(empty, make())
    assert "Within 30 days" in (empty.articles / "en" / "orders" / "return.md").read_text()
    beside = empty.var / "restored" / "articles" / "en" / "orders" / "return.md"
    assert "Within 14 days" in beside.read_text()
    assert any("other articles" in remark for remark in restored.remarks)


def test_the_same_articles_are_no_remark(make, empty, used):
    shutil.copytree(used.articles, empty.articles)
    restored = restore_backup(empty, make())
    assert not any("other articles" in remark for remark in restored.remarks)


def test_without_secrets_it_is_told_and_those_here_stay(make, empty):
    begin(empty)
    restored = restore_backup(empty, make())
    assert (empty.var / "secrets" / "session").read_text() == "f" * 64
    assert "no secrets" in restored.remarks[-1]


@pytest.mark.slow
def test_an_older_one_is_brought_to_this_version(empty, used, tmp_path, config):
    old = used.model_copy(update={"var": tmp_path / "old"})
    old.var.mkdir()
    store = Store.in_folder(old.var)
    migrate(store, "0012")
    make_backup(store, old, tmp_path / "old.zip", config=config)
    store.close()
    restore_backup(empty, tmp_path / "old.zip")
    assert texts_in(empty) == []  # which migrates


def change_database(statement: str):
    """Has a statement run on the backup's database, and the manifest agree."""

    def change(files: dict[str, bytes], manifest: dict) -> None:
        with closing(sqlite3.connect(":memory:")) as connection:
            connection.deserialize(files["database.sqlite"])
            connection.execute(statement)
            connection.commit()
            files["database.sqlite"] = bytes(connection.serialize())
        manifest["files"]["database.sqlite"] = entry_of(files["database.sqlite"])

    return change


def put(name: str, content: bytes = b"evil", *, named: bool = True):
    """Has a file more in the archive."""

    def change(files: dict[str, bytes], manifest: dict) -> None:
        files[name] = content
        if named:
            manifest["files"][name] = entry_of(content)

    return change


def flip(files: dict[str, bytes], _manifest: dict) -> None:
    content = bytearray(files["database.sqlite"])
    content[5000] ^= 1
    files["database.sqlite"] = bytes(content)


def damage_database(files: dict[str, bytes], manifest: dict) -> None:
    files["database.sqlite"] = files["database.sqlite"][:4096] + b"\xff" * (len(files["database.sqlite"]) - 4096)
    manifest["files"]["database.sqlite"] = entry_of(files["database.sqlite"])


def set_manifest(**values: object):
    return lambda _files, manifest: manifest.update(values)


def lie_about_size(files: dict[str, bytes], manifest: dict) -> None:
    manifest["files"]["database.sqlite"]["bytes"] = 10


BAD = {
    "another hash": (flip, "database.sqlite is not what was backed up"),
    "a file less": (lambda files, _: files.pop("database.sqlite"), "database.sqlite is missing"),
    "a file more": (put("attachments/" + "a" * 32, named=False), "does not name"),
    "no database": (
        lambda files, manifest: (files.pop("database.sqlite"), manifest["files"].pop("database.sqlite")),
        "no database",
    ),
    "a newer database": (change_database("UPDATE alembic_version SET version_num = '9999'"), "newer version of Odziv"),
    "a foreign database": (change_database("DROP TABLE alembic_version"), "none of Odziv's"),
    "a damaged database": (damage_database, "can't be used"),
    "a newer format": (set_manifest(format=2), "newer version of Odziv"),
    "another product": (set_manifest(product="other"), "no backup of Odziv"),
    "a manifest with more": (set_manifest(files={"database.sqlite": {"bytes": 1}}), "can't be used"),
    "a size that is a lie": (lie_about_size, "another size"),
    "a path out": (put("../../evil"), "backups have no such"),
    "a path out of the attachments": (put("attachments/../../evil"), "backups have no such"),
    "a path out of the articles": (put("articles/../../../evil.md"), "backups have no such"),
    "an absolute path": (put("/tmp/evil"), "backups have no such"),
    "a backslash": (put("articles\\..\\evil.md"), "backups have no such"),
    "a point": (put("articles/./evil.md"), "backups have no such"),
    "an unknown place": (put("rasa/models/evil.tar.gz"), "backups have no such"),
    "a name that is none of ours": (put("attachments/evil.sh"), "backups have no such"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_one_is_refused_in_a_sentence_and_nothing_is_put_in_place(make, empty, tmp_path, case):
    change, sentence = BAD[case]
    bad = repack(make(), tmp_path / "bad.zip", change)
    with pytest.raises(BackupFailed, match=sentence):
        restore_backup(empty, bad)
    assert contents(empty.var) == {} and not empty.articles.exists()
    assert not (tmp_path / "evil").exists() and not (tmp_path.parent / "evil").exists()


@pytest.mark.parametrize("part", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_one_that_was_cut_off_is_refused(make, empty, tmp_path, part):
    whole = make().read_bytes()
    (tmp_path / "cut.zip").write_bytes(whole[: int(len(whole) * part)])
    with pytest.raises(BackupFailed, match="cut off"):
        restore_backup(empty, tmp_path / "cut.zip")
    assert contents(empty.var) == {}


@pytest.mark.slow
def test_any_byte_that_is_changed_is_found(make, empty, tmp_path):
    """Or it does not matter: then all comes back."""
    whole = make().read_bytes()
    for place in range(40, len(whole), len(whole) // 60):
        changed = bytearray(whole)
        changed[place] ^= 0x20
        (tmp_path / "changed.zip").write_bytes(changed)
        try:
            restore_backup(empty, tmp_path / "changed.zip")
        except BackupFailed:
            assert contents(empty.var) == {}
        else:
            assert len(texts_in(empty)) == 20
            shutil.rmtree(empty.var)
            shutil.rmtree(empty.articles)
            empty.var.mkdir()


def add_raw(make, tmp_path: Path, head: zipfile.ZipInfo, content: bytes) -> Path:
    """A backup with one more member, however odd; the manifest names it."""
    bad = repack(make(), tmp_path / "bad.zip", put(head.filename, content))
    with zipfile.ZipFile(bad) as zip:
        files = {each.filename: zip.read(each) for each in zip.infolist() if each.filename != head.filename}
    with zipfile.ZipFile(bad, "w") as zip:
        zip.writestr(head, content)
        for name, each in files.items():
            zip.writestr(name, each)
    return bad


def test_a_link_is_refused(make, empty, tmp_path):
    head = zipfile.ZipInfo("articles/passwd.md")
    head.external_attr = (stat.S_IFLNK | 0o777) << 16
    with pytest.raises(BackupFailed, match="is a link"):
        restore_backup(empty, add_raw(make, tmp_path, head, b"/etc/passwd"))
    assert contents(empty.var) == {}


def test_a_device_is_refused(make, empty, tmp_path):
    head = zipfile.ZipInfo("articles/null.md")
    head.external_attr = (stat.S_IFCHR | 0o666) << 16
    with pytest.raises(BackupFailed, match="is a link or a folder"):
        restore_backup(empty, add_raw(make, tmp_path, head, b""))


def test_a_file_that_is_there_twice_is_refused(make, empty, tmp_path):
    backup = make()
    with zipfile.ZipFile(backup, "a") as zip, pytest.warns(UserWarning, match="Duplicate"):
        zip.writestr("database.sqlite", b"another")
    with pytest.raises(BackupFailed, match="twice"):
        restore_backup(empty, backup)


@pytest.mark.slow
def test_a_bomb_is_refused_before_it_is_unpacked(make, empty, tmp_path, monkeypatch):
    bomb = repack(make(), tmp_path / "bomb.zip", put("articles/zeros.md", bytes(50_000_000)))
    assert bomb.stat().st_size < 1_000_000
    free = SimpleNamespace(free=restoring.RESERVE_BYTES + 10_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: free)
    with pytest.raises(BackupFailed, match="are free"):
        restore_backup(empty, bomb)
    assert contents(empty.var) == {}


@pytest.mark.slow
def test_a_bomb_that_says_it_is_small_ends_at_what_it_says(make, empty, tmp_path):
    """The ZIP's own size of a file is changed to what the manifest has."""
    bomb = repack(make(), tmp_path / "bomb.zip", put("articles/zeros.md", bytes(50_000_000)))

    def shrink(_files: dict[str, bytes], manifest: dict) -> None:
        manifest["files"]["articles/zeros.md"]["bytes"] = 100

    changed = repack(bomb, tmp_path / "small.zip", shrink).read_bytes()
    lie = changed.replace((50_000_000).to_bytes(4, "little"), (100).to_bytes(4, "little"))
    (tmp_path / "lie.zip").write_bytes(lie)
    with pytest.raises(BackupFailed, match="damaged or was changed"):
        restore_backup(empty, tmp_path / "lie.zip")
    assert contents(empty.var) == {}


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x05\x06" + bytes(18), b"PK\x03\x04" + bytes(500)])
def test_what_is_no_backup_is_refused(empty, used, tmp_path, content):
    (tmp_path / "other").write_bytes(content)
    with pytest.raises(BackupFailed, match="no backup of Odziv"):
        restore_backup(empty, tmp_path / "other")


def test_a_file_that_is_not_there_is_named(empty, tmp_path):
    with pytest.raises(BackupFailed, match="there is no file"):
        restore_backup(empty, tmp_path / "nothing.zip")


class Killed(BaseException):
    """Ends a process here."""


STEPS = ["_move_files", "_place_articles", "_place_config", "_tell_missing"]


@pytest.mark.parametrize("step", STEPS)
def test_one_that_was_killed_while_it_put_things_in_place_is_not_started_and_can_be_run_again(
    make, empty, monkeypatch, step
):
    begin(empty)
    backup = make(with_secrets=True)
    with monkeypatch.context() as patch:

        def kill(*_):
            raise Killed

        patch.setattr(restoring, step, kill)
        with pytest.raises(Killed):
            restore_backup(empty, backup)
    assert is_unfinished(empty.var)
    with pytest.raises(BackupFailed, match="was not finished"):
        clear_stage(empty.var)
    restore_backup(empty, backup)
    clear_stage(empty.var)
    assert len(texts_in(empty)) == 20
    assert [path.read_bytes() for path in (empty.var / "attachments").iterdir()] == [FILE]


def test_after_a_killed_one_another_backup_can_be_taken(make, empty, monkeypatch, store, used):
    first = make("first.zip")
    with monkeypatch.context() as patch:
        patch.setattr(restoring, "_place_articles", lambda *_: (_ for _ in ()).throw(Killed))
        with pytest.raises(Killed):
            restore_backup(empty, first)
    store.files.remove([path.name for path in store.files.folder.iterdir()])
    restore_backup(empty, make("second.zip"))
    assert list((empty.var / "attachments").iterdir()) == []


def test_what_was_unpacked_by_a_killed_one_goes_at_the_next_start(empty):
    write(empty.var / restoring.STAGE / "database.sqlite", "half")
    clear_stage(empty.var)
    assert contents(empty.var) == {}


def test_rasas_memory_replaces_what_a_first_start_made(make, empty):
    remember(empty.var / "rasa" / "tracker.db", "odziv:_check-0")
    restore_backup(empty, make())
    with closing(sqlite3.connect(empty.var / "rasa" / "tracker.db")) as tracker:
        assert tracker.execute("SELECT sender_id FROM events").fetchall() == [("odziv:1-0",)]
