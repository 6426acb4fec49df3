"""`flask --app server backup` and `restore`, as an operator runs them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result
from flask.cli import FlaskGroup

from odziv.processes.only_server import only_server
from odziv.store import Store
from odziv.store.backups.state import read_state
from odziv.store.conversations.conversation import create_conversation
from odziv.store.conversations.messages import add_customer_message
from odziv.store.migrate import migrate
from odziv.store.opening import open_store
from server import create_app
from tests.store.backups.conftest import write

pytestmark = [pytest.mark.slow, pytest.mark.sqlite]
OPENED: list[Store] = []
ROOT = Path(__file__).parents[3]


@pytest.fixture
def var(tmp_path, monkeypatch) -> Path:
    """The data folder of an installation in use, which the environment names."""
    write(tmp_path / "articles" / "en" / "orders" / "return.md", "# Returning an item\n")
    fill(tmp_path / "var")
    name_folder(monkeypatch, tmp_path, "var")
    monkeypatch.setenv("FLASK_RUN_FROM_CLI", "false")  # a command sets it; this puts it back
    monkeypatch.setattr("odziv.wiring.open_store", open_and_note)
    return tmp_path / "var"


def name_folder(monkeypatch, tmp_path: Path, name: str) -> Path:
    """From now on commands work with that data folder."""
    sites = {"demo": {"name": "Smreka"}}
    config = tmp_path / f"{name}.yml"
    config.write_text(yaml.safe_dump({"odziv": {"sites": sites, "articles": str(tmp_path / f"{name}-articles")}}))
    if name == "var":
        config.write_text(yaml.safe_dump({"odziv": {"sites": sites, "articles": str(tmp_path / "articles")}}))
    monkeypatch.setenv("ODZIV_CONFIG", str(config))
    monkeypatch.setenv("ODZIV_VAR", str(tmp_path / name))
    return tmp_path / name


def open_and_note(*arguments, **options) -> Store:
    OPENED.append(open_store(*arguments, **options))
    return OPENED[-1]


def fill(folder: Path, count: int = 10, words: str = "My boots are wet.") -> None:
    store = Store.in_folder(folder)
    migrate(store)
    for number in range(count):
        conversation = create_conversation(store, "demo", "en")
        add_customer_message(store, conversation.id, f"m{number}", words, "")
    store.close()


def run(*arguments: str) -> Result:
    done = CliRunner().invoke(FlaskGroup(create_app=create_app, set_debug_flag=False), arguments)
    while OPENED:
        OPENED.pop().close()
    return done


def test_there_and_back(var, tmp_path, monkeypatch):
    made = run("backup", str(tmp_path / "odziv.zip"), "--with-secrets")
    assert made.exit_code == 0, made.output
    assert "10 conversations, 10 messages, 0 agents, 0 attachments, 1 articles" in made.output
    new = name_folder(monkeypatch, tmp_path, "new")
    restored = run("restore", str(tmp_path / "odziv.zip"))
    assert restored.exit_code == 0, restored.output
    assert "10 conversations" in restored.output and "Start the server now" in restored.output
    for secret in ("session", "visitors", "rasa"):
        assert (new / "secrets" / secret).read_text() == (var / "secrets" / secret).read_text()
    again = run("restore", str(tmp_path / "odziv.zip"))
    assert again.exit_code == 1 and "in use" in again.output and "Traceback" not in again.output


def test_with_the_server_running_backup_works_and_restore_is_refused(var, tmp_path, monkeypatch):
    with only_server(var):
        assert run("backup", str(tmp_path / "odziv.zip")).exit_code == 0
    with only_server(name_folder(monkeypatch, tmp_path, "new")):
        refused = run("restore", str(tmp_path / "odziv.zip"))
    assert refused.exit_code == 1 and "another Odziv" in refused.output


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("backup", "missing/odziv.zip"), "is not there; make it first"),
        (("backup", "var.yml"), "is there already"),
        (("restore", "nothing.zip"), "there is no file"),
        (("restore", "var.yml"), "no backup of Odziv"),
    ],
)
def test_what_cannot_be_is_told_in_a_sentence(var, tmp_path, monkeypatch, arguments, sentence):
    name_folder(monkeypatch, tmp_path, "new" if arguments[0] == "restore" else "var")
    command, file = arguments
    done = run(command, str(tmp_path / file))
    assert done.exit_code == 1 and done.output.startswith("Error: ") and sentence in done.output


def test_a_name_of_a_file_is_needed(var):
    assert run("backup").exit_code == 2
    assert run("restore").exit_code == 2


BACKUP = """
import resource, signal, sys, time
from pathlib import Path
from odziv.settings import load_settings
from odziv.store.backups import making, refused
from odziv.settings.load import find_config
from odziv.store.opening import open_store
settings = load_settings(passwords=False)
signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever started the tests may have it ignored
limit = int(sys.argv[2])
if limit:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
def told(text):
    print(text, flush=True)
    time.sleep(0 if limit else 0.2)
try:
    from odziv.store.backups import snapshot
    snapshot.PAGES = 5
    making.make_backup(open_store(settings), settings, Path(sys.argv[1]), config=find_config(), told=told)
except refused.BackupFailed as error:
    sys.exit(str(error))
"""


def begin(target: Path, limit: int = 0) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", BACKUP, str(target), str(limit)]
    return subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ}
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_one_that_is_ended_leaves_no_file_under_its_name_and_is_told(var, tmp_path, number):
    target = tmp_path / "odziv.zip"
    process = begin(target)
    assert "database" in process.stdout.readline()
    process.send_signal(number)
    process.communicate(timeout=20)
    assert not target.exists()
    assert (read_state(var).outcome, read_state(var).reason) == ("failed", "interrupted")
    assert number == signal.SIGKILL or not [path for path in tmp_path.iterdir() if ".odziv.zip" in path.name]
    assert run("backup", str(target)).exit_code == 0
    assert not [path for path in tmp_path.iterdir() if ".odziv.zip" in path.name]


@pytest.mark.parametrize("limit", [100_000, 700_000])
def test_a_file_that_may_not_grow_is_a_full_disk(var, tmp_path, limit):
    """The first limit ends the copy of the database; the second, perhaps, what is made of it."""
    fill(var, 60, "My boots are wet. " * 500)
    process = begin(tmp_path / "odziv.zip", limit)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 1 and "room" in told or "disk full" in told
    assert not [path for path in tmp_path.iterdir() if "odziv.zip" in path.name]
    assert read_state(var).reason == "no room"


def test_sigterm_ends_the_command_and_removes_what_is_half_written(var, tmp_path):
    fill(var, 400, os.urandom(20_000).hex())
    command = [sys.executable, "-m", "flask", "--app", "server", "backup", str(tmp_path / "odziv.zip")]
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ}, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    ends = time.monotonic() + 60
    while not (tmp_path / ".odziv.zip.part").exists() and time.monotonic() < ends and process.poll() is None:
        time.sleep(0.005)
    process.terminate()
    process.communicate(timeout=30)
    left = sorted(path.name for path in tmp_path.iterdir() if "odziv.zip" in path.name)
    assert left == [] or (process.returncode == 0 and left == ["odziv.zip"])  # where it was quicker than we
