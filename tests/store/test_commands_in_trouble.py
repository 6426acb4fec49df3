"""Every command on a data folder that is damaged, locked or full ends in a sentence, and changes nothing there."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from click.testing import CliRunner, Result
from flask.cli import FlaskGroup

import odziv.store.sqlite as sqlite
from odziv.processes.only_server import FolderTaken, only_server
from odziv.store import Store
from odziv.store.agents.agent import invite
from odziv.store.conversations.conversation import create_conversation
from odziv.store.conversations.messages import add_customer_message
from odziv.store.damage import tell_broken
from odziv.store.migrate import migrate
from odziv.store.opening import open_store
from server import create_app

pytestmark = pytest.mark.slow
IS_ROOT = os.geteuid() == 0

COMMANDS = [
    ("agents", "add", "nova@smreka.example"),
    ("agents", "list"),
    ("agents", "disable", "ana@smreka.example"),
    ("agents", "enable", "ana@smreka.example"),
    ("agents", "reset", "ana@smreka.example"),
    ("handoffs",),
    ("handoffs", "--json"),
    ("tokens", "add", "ana@smreka.example", "--name", "crm"),
    ("tokens", "list"),
    ("tokens", "revoke", "1"),
    ("identity", "make-secret", "demo"),
    ("identity", "list", "demo"),
    ("identity", "retire", "demo", "k1"),
    ("forget-deleted",),
    ("forget-deleted", "--unknown-files"),
    ("retention",),
    ("retention", "--dry-run"),
    ("backup", "never-made.zip"),
    ("restore", "never-made.zip"),
    ("db", "copy", "--to", "postgresql://nobody@127.0.0.1:1/nothing"),
    ("kb", "lint"),
    ("kb", "index"),
    ("kb", "new", "--from-library"),
    ("ask", "how do I return boots"),
    ("routes",),
    ("--help",),
    ("agents", "--help"),
]


@pytest.fixture
def var(tmp_path, monkeypatch) -> Path:
    """A data folder that has been in use: 40 conversations, an agent invited, secrets, a file of a customer."""
    folder = tmp_path / "var"
    config = tmp_path / "config.yml"
    config.write_text(yaml.safe_dump({"odziv": {"sites": {"demo": {"name": "Smreka"}}, "articles": str(tmp_path)}}))
    monkeypatch.setenv("ODZIV_VAR", str(folder))
    monkeypatch.setenv("ODZIV_CONFIG", str(config))
    monkeypatch.setenv("FLASK_RUN_FROM_CLI", "false")  # a command sets it; this puts it back
    fill(folder)
    monkeypatch.setattr("odziv.wiring.open_store", open_and_note)
    return folder


OPENED: list[Store] = []


def open_and_note(*arguments, **options) -> Store:
    OPENED.append(open_store(*arguments, **options))
    return OPENED[-1]


def fill(folder: Path) -> None:
    store = Store.in_folder(folder)
    migrate(store)
    invite(store, "ana@smreka.example", "admin")
    for number in range(40):
        conversation = create_conversation(store, "demo", "en")
        add_customer_message(store, conversation.id, f"m{number}", "My boots are wet. " * 100, "")
    store.close()
    for name in ("session", "visitors", "rasa"):
        path = folder / "secrets" / name
        path.parent.mkdir(mode=0o700, exist_ok=True)
        path.write_text("0123456789abcdef" * 4)


def run(*arguments: str) -> Result:
    """What a command says; its process would close the store by ending."""
    done = CliRunner().invoke(FlaskGroup(create_app=create_app, set_debug_flag=False), arguments)
    while OPENED:
        OPENED.pop().close()
    return done


def contents(folder: Path) -> dict[str, bytes | None]:
    """Every file below by name; what only readers of a database share has no lasting content."""
    every = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*")}
    shared = ("-shm", "server.lock")
    return {name: path.read_bytes() if path.is_file() else None for name, path in every.items()
            if not name.endswith(shared)}  # fmt: skip


def overwrite(path: Path, start: int, content: bytes) -> None:
    with open(path, "r+b") as file:
        file.seek(start)
        file.write(content)


def page_of(path: Path, table: str) -> int:
    with closing(sqlite3.connect(path)) as connection:
        [number] = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()
    return (number - 1) * 4096


def deepest_page(path: Path) -> int:
    """Where the last page of the messages' table begins: one of leaves, which nothing at the start reads."""
    with closing(sqlite3.connect(path)) as connection:
        query = "SELECT max(pageno) FROM dbstat WHERE name = 'messages' AND pagetype = 'leaf'"
        try:
            [number] = connection.execute(query).fetchone()
        except sqlite3.OperationalError:  # built without dbstat
            return page_of(path, "messages")
    return (number - 1) * 4096


def drop(path: Path, table: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA foreign_keys=OFF")
        connection.execute(f"DROP TABLE {table}")
        connection.commit()


def replace_by_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def with_log(path: Path) -> None:
    """A killed server's: what was written last stands in the log beside it."""
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA wal_autocheckpoint=0")
    connection.execute("PRAGMA user_version=7")
    connection.commit()
    log, shared = (path.with_name(path.name + ending).read_bytes() for ending in ("-wal", "-shm"))
    connection.close()
    path.with_name(f"{path.name}-wal").write_bytes(log)
    path.with_name(f"{path.name}-shm").write_bytes(shared)
    overwrite(path, deepest := path.stat().st_size - 4096, b"\xa5" * 4096)
    assert deepest > 0


DAMAGES = {
    "empty": lambda path: path.write_bytes(b""),
    "one byte": lambda path: path.write_bytes(b"S"),
    "fifty bytes": lambda path: os.truncate(path, 50),
    "text": lambda path: path.write_text("this is no database\n" * 500),
    "zeros": lambda path: path.write_bytes(bytes(path.stat().st_size)),
    "its head": lambda path: overwrite(path, 0, os.urandom(100)),
    "its first page": lambda path: overwrite(path, 100, b"\xff" * 3900),
    "the root page of agents": lambda path: overwrite(path, page_of(path, "agents"), b"\xa5" * 4096),
    "the root page of turns": lambda path: overwrite(path, page_of(path, "turns"), bytes(4096)),
    "a leaf of messages": lambda path: overwrite(path, deepest_page(path), b"\xa5" * 4096),
    "the middle": lambda path: overwrite(path, path.stat().st_size // 8192 * 4096, b"\xa5" * 4096),
    "half of it": lambda path: os.truncate(path, path.stat().st_size // 2),
    "all but its first page": lambda path: os.truncate(path, 4096),
    "all but a part of that": lambda path: os.truncate(path, 1000),
    "a page with its log beside it": with_log,
    "a folder in its place": replace_by_folder,
    "the table of agents": lambda path: drop(path, "agents"),
    "the table of deliveries": lambda path: drop(path, "deliveries"),
    "the table of versions": lambda path: drop(path, "alembic_version"),
}


@pytest.mark.parametrize("damage", list(DAMAGES.values()), ids=list(DAMAGES))
def test_a_damaged_database_is_told_by_every_command(var, damage):
    path = var / "odziv.sqlite"
    damage(path)
    before = contents(var)
    for command in COMMANDS:
        done = run(*command)
        assert_told(done, command, str(path))
    assert contents(var) == before


def assert_told(done: Result, command: tuple[str, ...], named: str) -> None:
    assert done.exit_code == 1, (command, done.output, done.exception)
    assert done.exception is None or isinstance(done.exception, SystemExit), (command, done.exception)
    assert "Traceback" not in done.output and done.output.startswith("Error: "), (command, done.output)
    assert named in done.output and len(done.output.splitlines()) == 1, (command, done.output)


SECRETS = {
    "empty": lambda path: path.write_text(""),
    "short": lambda path: path.write_text("abc"),
    "zeros": lambda path: path.write_bytes(bytes(64)),
    "no text": lambda path: path.write_bytes(b"\xff\xfe" * 40),
    "a folder": replace_by_folder,
    "a link to nothing": lambda path: (path.unlink(), path.symlink_to("nowhere/at/all")),
}


@pytest.mark.parametrize(
    ("name", "damage"),
    [("session", each) for each in SECRETS] + [("visitors", "empty"), ("rasa", "a folder")],
)
def test_a_damaged_secret_is_told_by_every_command(var, damage, name):
    path = var / "secrets" / name
    SECRETS[damage](path)
    before = path.read_bytes() if path.is_file() else None
    for command in COMMANDS:
        assert_told(run(*command), command, str(path))
    assert (path.read_bytes() if path.is_file() else None) == before


def test_a_file_in_place_of_the_folder_of_secrets_is_told(var):
    for path in (var / "secrets").iterdir():
        path.unlink()
    (var / "secrets").rmdir()
    (var / "secrets").write_text("x")
    for command in COMMANDS:
        assert_told(run(*command), command, str(var / "secrets"))


def test_a_file_in_place_of_the_data_folder_is_told(var, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("x")
    for folder in (tmp_path / "file", tmp_path / "file" / "var"):
        monkeypatch.setenv("ODZIV_VAR", str(folder))
        for command in COMMANDS:
            assert_told(run(*command), command, str(tmp_path / "file"))


@pytest.mark.parametrize("statement", ["BEGIN IMMEDIATE", "BEGIN EXCLUSIVE"])
def test_a_database_that_another_program_holds_is_told(var, monkeypatch, statement):
    monkeypatch.setattr(sqlite, "WRITER_PRAGMAS", (*sqlite.WRITER_PRAGMAS, "busy_timeout=50"))
    before = contents(var)
    with closing(sqlite3.connect(var / "odziv.sqlite", isolation_level=None)) as other:
        other.execute(statement)
        for command in COMMANDS:
            done = run(*command)
            assert_told(done, command, str(var / "odziv.sqlite"))
            assert "locked" in done.output and "damaged" not in done.output
        other.execute("ROLLBACK")
        assert {name: content for name, content in contents(var).items() if not name.endswith("-wal")} == before


def test_a_lock_that_another_odziv_never_gives_back_is_told(var, monkeypatch):
    import fcntl

    monkeypatch.setattr(sqlite, "LOCK_SECONDS", 0.05)
    with open(var / "odziv.sqlite.lock", "a+b") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        for command in COMMANDS:
            done = run(*command)
            assert_told(done, command, str(var / "odziv.sqlite"))
            assert "locked" in done.output


@pytest.mark.parametrize("name", ["odziv.sqlite", "odziv.sqlite-wal", "odziv.sqlite-shm", "."])
def test_what_may_not_be_written_is_told_before_anything_is_made_beside_it(var, monkeypatch, name):
    forbidden, may = var / name, os.access
    if not forbidden.exists():
        forbidden.write_bytes(b"")
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != forbidden and may(path, mode))
    before = contents(var)
    for command in COMMANDS:
        assert_told(run(*command), command, str(forbidden))
    assert contents(var) == before


if not IS_ROOT:  # who may read and write everything

    @pytest.mark.parametrize("name", ["odziv.sqlite", "odziv.sqlite.lock", "secrets/session", "."])
    def test_what_may_not_be_read_or_written_is_told(var, name):
        path = var / name
        rights = path.stat().st_mode
        path.chmod(0o500 if path.is_dir() else 0)
        try:
            for command in COMMANDS:
                assert_told(run(*command), command, str(path))
        finally:
            path.chmod(rights)


def test_a_full_disk_is_told(var, monkeypatch):
    pages = (var / "odziv.sqlite").stat().st_size // 4096
    monkeypatch.setattr(sqlite, "WRITER_PRAGMAS", (*sqlite.WRITER_PRAGMAS, f"max_page_count={pages}"))
    for number in range(2000):
        done = run("agents", "add", f"a{number}@smreka.example")
        if done.exit_code:
            break
    assert_told(done, ("agents", "add"), str(var / "odziv.sqlite"))
    assert "full" in done.output and "damaged" not in done.output


def test_a_lack_of_room_that_sqlite_calls_an_error_of_the_disk_is_told_as_one(tmp_path, monkeypatch):
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = 4874  # SQLITE_IOERR_SHMSIZE
    assert "dmesg" in tell_broken(str(tmp_path / "odziv.sqlite"), error)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=4096))
    assert "is full" in tell_broken(str(tmp_path / "odziv.sqlite"), error)


@pytest.mark.parametrize("call", ["write", "truncate"])
def test_the_start_on_a_full_disk_says_so(tmp_path, monkeypatch, call):
    def fail(*_arguments):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, call, fail)
    with pytest.raises(FolderTaken, match=r"No space left on device.*needs room"), only_server(tmp_path):
        pass


def test_a_good_folder_is_served(var):
    for command in [command for command in COMMANDS if command[0] in ("handoffs", "routes", "--help")]:
        done = run(*command)
        assert done.exit_code == 0, (command, done.output)
    assert run("agents", "add", "nova@smreka.example").exit_code == 0


def test_a_fault_of_ours_is_no_fault_of_the_folders(var, monkeypatch):
    def fail(*_arguments):
        raise ZeroDivisionError

    monkeypatch.setattr("odziv.desk.people.commands.list_agents", fail)
    assert isinstance(run("agents", "list").exception, ZeroDivisionError)
