"""A database that can't be used ends in one sentence that says what to do, in the server and in commands."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from odziv.settings import ROOT
from odziv.store import Store
from odziv.store import damage as damage_module
from odziv.store.damage import DatabaseBroken, examine
from odziv.store.migrate import migrate

pytestmark = pytest.mark.slow

DRIVER = """
import odziv.processes.supervisor as it
it.check_port = lambda *_: None
it.web_process = lambda settings: exit("served a broken database")
raise SystemExit(it.main())
"""


def make(folder: Path) -> Path:
    store = Store.in_folder(folder)
    migrate(store)
    store.close()
    return folder / "odziv.sqlite"


def overwrite(path: Path, start: int, content: bytes) -> None:
    with open(path, "r+b") as file:
        file.seek(start)
        file.write(content)


def damage(path: Path, how: str) -> None:
    size = path.stat().st_size
    match how:
        case "no database":
            path.write_bytes(b"this is no database at all, but text\n" * 300)
        case "zeros":
            path.write_bytes(bytes(size))
        case "header":
            overwrite(path, 0, os.urandom(100))
        case "schema":
            overwrite(path, 100, b"\xff" * 3900)
        case "cut":
            os.truncate(path, size // 2)
        case "cut in the first page":
            os.truncate(path, 1000)
        case "pages":
            for page in range(2, size // 4096):
                overwrite(path, page * 4096, b"\xa5" * 4096)
        case "folder":
            path.unlink()
            path.mkdir()
        case "lock file is a folder":
            path.with_name("odziv.sqlite.lock").unlink()
            path.with_name("odziv.sqlite.lock").mkdir()
        case "another program's":
            path.unlink()
            with sqlite3.connect(path) as other:
                other.execute("CREATE TABLE conversations (x)")
            other.close()


DAMAGES = ["no database", "zeros", "header", "schema", "cut", "cut in the first page", "pages", "folder",
           "lock file is a folder", "another program's"]  # fmt: skip


@pytest.mark.parametrize("how", DAMAGES)
def test_it_is_refused_in_a_sentence(tmp_path, how):
    path = make(tmp_path)
    damage(path, how)
    with pytest.raises(DatabaseBroken) as refused:
        examine(path, wholly=True)
        store = Store.in_folder(tmp_path)
        try:
            migrate(store)
        finally:
            store.close()
    told = str(refused.value)
    assert str(path) in told and "\n" not in told and ("backup" in told or "can't be opened" in told)


def test_a_good_one_is_not(tmp_path):
    path = make(tmp_path)
    examine(path, wholly=True)
    store = Store.in_folder(tmp_path)
    examine(path, wholly=True)
    store.close()


@pytest.mark.slow
@pytest.mark.parametrize("how", ["no database", "pages", "folder"])
def test_nobody_gets_a_traceback_at_the_start(tmp_path, how):
    damage(make(tmp_path), how)
    environment = {**os.environ, "ODZIV_VAR": str(tmp_path)}
    command = [sys.executable, "-c", DRIVER]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=100)
    assert done.returncode == 1 and "Traceback" not in done.stderr and str(tmp_path / "odziv.sqlite") in done.stderr


@pytest.mark.parametrize("seen", [sqlite3.DatabaseError("database disk image is malformed"), "page 7 is never used"])
def test_what_another_program_writes_meanwhile_is_no_damage(tmp_path, monkeypatch, seen):
    path, ask, answers = make(tmp_path), damage_module._ask, [seen, None]

    def ask_while_it_changes(path: Path, question: str) -> object:
        if (answer := answers.pop(0)) is None:
            return ask(path, question)
        os.utime(path, (1, 1))
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(damage_module, "_ask", ask_while_it_changes)
    examine(path, wholly=True)
    assert not answers
