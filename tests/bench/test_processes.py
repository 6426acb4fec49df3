"""Processes are found by who started them, and killed only when they are still the same."""

import subprocess
import sys
from dataclasses import replace

import pytest

from bench.parts import processes
from bench.parts.processes import Process, below, is_alive, kill, memory_mb, read_process, roles

SLEEP = "import time; time.sleep(60)"
PARENT = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {SLEEP!r}])"


@pytest.fixture
def child():
    process = subprocess.Popen([sys.executable, "-c", SLEEP])
    yield process
    process.kill()
    process.wait()


def test_finds_children_of_children(wait_until):
    parent = subprocess.Popen([sys.executable, "-c", PARENT])
    try:
        assert wait_until(lambda: below(parent.pid))
        [grandchild] = below(parent.pid)
        assert grandchild.parent == parent.pid and "time.sleep" in grandchild.command
        assert kill(grandchild)
    finally:
        parent.kill()
        parent.wait()


def test_kills_this_process_and_no_other_with_its_number(child):
    found = read_process(child.pid)
    assert not kill(replace(found, started=found.started - 1))
    assert child.poll() is None
    assert kill(found)
    assert child.wait() == -9
    assert not is_alive(found) and not kill(found)


def test_memory_is_counted_in_megabytes(child, wait_until):
    assert wait_until(lambda: memory_mb([child.pid])["pss"] > 1)  # just started, it is not a Python yet
    one = memory_mb([child.pid])
    assert 1 < one["pss"] <= one["rss"] < 500
    assert memory_mb([]) == {"pss": 0.0, "rss": 0.0}


def test_roles_by_place_and_command(monkeypatch):
    tree = [
        Process(11, 1, 0, 0.0, ".venv/bin/python -m bot.launch 1 gunicorn server:create_app(role='web')"),
        Process(15, 1, 0, 0.0, ".venv/bin/python -m bot.launch 1 gunicorn server:create_app(role='worker')"),
        Process(12, 1, 0, 0.0, ".venv-rasa/bin/python -m bot.launch 1 bot.rasa_program run --model m"),
        Process(13, 11, 0, 0.0, ".venv/bin/python -m bot.launch 1 gunicorn server:create_app(role='web')"),
        Process(16, 15, 0, 0.0, ".venv/bin/python -m bot.launch 1 gunicorn server:create_app(role='worker')"),
        Process(14, 1, 0, 0.0, ".venv-rasa/bin/python -m bot.launch 1 rasa train"),
    ]
    monkeypatch.setattr(processes, "below", lambda root: tree)
    found = {role: process.pid for role, process in roles(1).items()}
    assert found == {"web-master": 11, "web": 13, "worker-master": 15, "worker": 16, "rasa": 12}
