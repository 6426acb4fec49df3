"""Supervision, with small Python programs in Rasa's place."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from bot.environment import rasa_environment
from odziv.processes import child as child_module
from odziv.processes.child import ChildProcess, rasa_process

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


def wait_for(condition, seconds=10.0):
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, "waited in vain"
        time.sleep(0.02)


def is_running(pid):
    """Whether the process exists and is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture
def child(tmp_path):
    """Makes children that run a piece of Python; stops them in the end."""
    made = []

    def make(program, **options):
        options = {"is_ready": lambda: True, "first_pause": 0.05, "grace": 1.0, **options}
        command = [sys.executable, "-c", program]
        log_file = tmp_path / "child.log"
        process = ChildProcess("child", command, environment=dict(os.environ), log_file=log_file, **options)
        made.append(process)
        return process

    yield make
    for process in made:
        process.stop()


def test_it_starts_and_stops(child, tmp_path):
    process = child("import time; print('here I am', flush=True); time.sleep(60)")
    with process:
        assert process.wait_until_ready(10)
        pid = process.pid
        wait_for(lambda: "here I am" in (tmp_path / "child.log").read_text())
    assert process.pid is None and not is_running(pid)
    process.stop()
    assert process.restarts == 0


def test_a_child_that_dies_is_started_again(child):
    process = child("import time; time.sleep(60)")
    process.start()
    assert process.wait_until_ready(10)
    first = process.pid
    os.kill(first, signal.SIGKILL)
    wait_for(lambda: process.pid not in (None, first))
    assert process.restarts == 1


def pauses_in(caplog: pytest.LogCaptureFixture) -> list[float]:
    """How long it was to wait each time, in seconds, as the log says."""
    return [record.args[2] for record in caplog.records if "starting again" in record.message]


@pytest.mark.slow
def test_the_pauses_grow_to_a_limit(child, caplog):
    process = child("raise SystemExit(3)", longest_pause=0.2)
    process.start()
    wait_for(lambda: len(pauses_in(caplog)) >= 5, 30)
    assert pauses_in(caplog)[:5] == [0.05, 0.1, 0.2, 0.2, 0.2]
    assert "exit status 3" in caplog.text


def test_after_a_healthy_while_the_pauses_begin_anew(child, monkeypatch, caplog):
    monkeypatch.setattr("odziv.processes.child.HEALTHY_AFTER", 0.0)
    process = child("raise SystemExit(3)")
    process.start()
    wait_for(lambda: len(pauses_in(caplog)) >= 3, 30)
    assert pauses_in(caplog)[:3] == [0.05, 0.05, 0.05]


def test_one_that_ignores_sigterm_is_killed(child, tmp_path):
    program = "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
    process = child(program, grace=0.3)
    process.start()
    wait_for(lambda: (tmp_path / "child.log").exists() and "deaf" in (tmp_path / "child.log").read_text())
    pid, started = process.pid, time.monotonic()
    process.stop()
    assert not is_running(pid) and time.monotonic() - started < 5


def test_a_program_that_is_not_there_is_tried_again(tmp_path):
    process = ChildProcess(
        "child", ["/no/such/program"], environment={}, log_file=tmp_path / "x.log", is_ready=lambda: False,
        first_pause=0.05,
    )  # fmt: skip
    with process:
        wait_for(lambda: process.restarts >= 2)
        assert not process.wait_until_ready(0.1)


def test_waiting_tells_how_long_and_can_be_ended(child):
    process = child("import time; time.sleep(60)", is_ready=lambda: False)
    process.start()
    stop, started = threading.Event(), time.monotonic()
    threading.Timer(0.3, stop.set).start()
    assert not process.wait_until_ready(30, stop=stop)
    assert time.monotonic() - started < 5


def test_it_dies_with_its_parent(tmp_path):
    """A supervisor that is killed leaves no Rasa behind, holding the port."""
    program = f"""
import os, sys, time
from pathlib import Path
from odziv.processes.child import ChildProcess
command = [sys.executable, "-m", "bot.launch", str(os.getpid()), "http.server", "0", "--bind", "127.0.0.1"]
child = ChildProcess("child", command, environment=dict(os.environ), log_file=Path({str(tmp_path / "log")!r}),
                     is_ready=lambda: "Serving" in Path({str(tmp_path / "log")!r}).read_text())
child.start()
assert child.wait_until_ready(20)
print(child.pid, flush=True)
time.sleep(60)
"""
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    parent = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, env=environment, stdout=subprocess.PIPE)
    with parent:
        pid = int(parent.stdout.readline())
        assert is_running(pid)
        parent.kill()
    wait_for(lambda: not is_running(pid))


def test_an_old_log_is_put_aside(child, tmp_path, monkeypatch):
    monkeypatch.setattr("odziv.processes.child.LARGEST_LOG", 10)
    (tmp_path / "child.log").write_text("a log of some length")
    with child("import time; time.sleep(60)") as process:
        assert process.wait_until_ready(10)
    assert (tmp_path / "child.log.1").read_text() == "a log of some length"


def test_rasa_gets_what_it_needs_and_none_of_our_secrets(tmp_path, monkeypatch):
    monkeypatch.setenv("ODZIV_SECRET", "the web process's own")
    environment = rasa_environment(tmp_path, ODZIV_RASA_TOKEN="t")
    assert environment["RASA_TELEMETRY_ENABLED"] == "false" and environment["OMP_NUM_THREADS"] == "1"
    assert environment["ODZIV_VAR"] == str(tmp_path) and "ODZIV_SECRET" not in environment


def test_rasa_listens_on_loopback_only(tmp_path):
    process = rasa_process(
        tmp_path / "m.tar.gz", var=tmp_path, port=5005, token="t", action_url="http://127.0.0.1:8080/rasa/actions",
        is_ready=lambda: True,
    )  # fmt: skip
    command = process._command
    assert command[command.index("--interface") + 1] == "127.0.0.1"
    assert "--enable-api" not in command and "--cors" not in command and "t" not in command


class Answers:
    """What a process says of itself: as a test sets it, and "hangs" while it is stopped."""

    def __init__(self) -> None:
        self.process: ChildProcess | None = None
        self.says = "ok"

    def __call__(self) -> str:
        pid = self.process.pid if self.process else None
        stopped = pid and Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"
        return "hangs" if stopped else self.says


@pytest.fixture
def impatient(monkeypatch):
    for name, seconds in (
        ("LOOK_SECONDS", 0.05),
        ("FIRST_LOOKS_SECONDS", 0.05),
        ("PATIENCE_SECONDS", 0.2),
        ("PATIENCE_AT_START", 0.6),
        ("BUSY_TICKS", 3),
    ):
        monkeypatch.setattr(child_module, name, seconds)


def started(child, program: str, answers: Answers) -> int:
    process = answers.process = child(program, state=answers)
    process.start()
    assert process.wait_until_ready(10)
    return process.pid


def test_one_that_is_stopped_is_killed_and_started_again(child, impatient, caplog):
    answers = Answers()
    pid = started(child, "import time; time.sleep(60)", answers)
    time.sleep(0.2)  # it has answered
    os.kill(pid, signal.SIGSTOP)
    wait_for(lambda: answers.process.pid not in (None, pid))
    assert not is_running(pid) and answers.process.restarts == 1
    assert "it hung for" in caplog.text


def test_one_that_is_silent_for_a_moment_is_left_alone(child, impatient):
    answers = Answers()
    pid = started(child, "import time; time.sleep(60)", answers)
    for _ in range(5):
        answers.says = "hangs"
        time.sleep(0.08)
        answers.says = "ok"
        time.sleep(0.12)
    assert answers.process.pid == pid


def test_one_that_works_meanwhile_is_given_time(child, impatient, monkeypatch):
    monkeypatch.setattr(child_module, "PATIENCE_SECONDS", 1.0)  # in which it works three ticks, however busy others are
    answers = Answers()
    pid = started(child, "while True: pass", answers)
    time.sleep(0.2)
    answers.says = "hangs"
    time.sleep(2.0)
    assert answers.process.pid == pid


@pytest.mark.parametrize("says", ["down", "no model"])
def test_what_is_not_there_yet_does_not_hang(child, impatient, says):
    answers = Answers()
    answers.says = says
    pid = started(child, "import time; time.sleep(60)", answers)
    time.sleep(1.0)
    assert answers.process.pid == pid


def test_one_that_never_answers_is_given_longer(child, impatient):
    answers = Answers()
    answers.says = "hangs"
    process = answers.process = child("import time; time.sleep(60)", state=answers)
    process.start()
    wait_for(lambda: process.pid)
    pid = process.pid
    time.sleep(0.4)
    assert process.pid == pid
    wait_for(lambda: process.pid not in (None, pid))


def test_one_that_hangs_as_soon_as_it_was_ready_is_not(child, impatient, monkeypatch):
    monkeypatch.setattr(child_module, "PATIENCE_AT_START", 1000.0)
    monkeypatch.setattr(child_module, "BUSY_TICKS", 1000)  # it is only just beginning
    answers = Answers()
    answers.says = "hangs"
    pid = started(child, "import time; time.sleep(60)", answers)
    wait_for(lambda: answers.process.pid not in (None, pid))


def test_waiting_ends_where_it_is_in_vain(child):
    process = child("raise SystemExit(1)", is_ready=lambda: False)
    process.start()
    began = time.monotonic()
    assert not process.wait_until_ready(30, gives_up=lambda: process.restarts > 1)
    assert time.monotonic() - began < 15
