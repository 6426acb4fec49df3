"""What a start does once is done in a process of its own, that goes with it; the supervisor hears what came of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

import pytest

from odziv.processes.preparing import Preparation, Stopped, _Steps
from odziv.processes.starting import StartFailed
from odziv.settings import ROOT
from odziv.store import Store
from tests.scratch_articles import write

HEAVY = ["sqlalchemy", "alembic", "numpy", "flask", "odziv.store", "odziv.texts"]
# Starts one and is killed; what it started has the pipe's other end, which closes with it.
KILLED = """
import os, signal, sys, threading
from odziv.processes.preparing import Preparation
from odziv.settings import load_settings
preparation = Preparation(load_settings(passwords=False), print, threading.Event())
preparation.look()
print("prepared", flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def placed(settings, tmp_path):
    """Settings with an article."""
    articles = tmp_path / "articles"
    write(articles, "en/orders/return", "Return", ["how do I return boots"], "Send it back.")
    return settings.model_copy(update={"articles": articles})


@pytest.fixture
def prepare(placed):
    """Begins one; what it begins ends with the test."""
    begun = []

    def begin(stop: threading.Event | None = None) -> Preparation:
        begun.append(Preparation(placed, print, stop or threading.Event()))
        return begun[-1]

    yield begin
    for each in begun:
        each.end()


def test_the_supervisor_loads_nothing_of_the_database():
    asked = f"import sys, odziv.processes.supervisor; print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, timeout=100)
    assert done.stdout == "[]\n", done.stderr


def test_it_makes_the_database_and_invites_the_first_agent(placed, prepare):
    preparation = prepare()
    assert preparation.look() == placed.articles
    token = preparation.invite()
    store = Store.in_folder(placed.var)
    try:
        assert token and store.is_up()
    finally:
        store.close()


def test_what_is_wrong_is_a_sentence_of_the_start(placed, prepare):
    placed.var.mkdir(parents=True, exist_ok=True)
    (placed.var / "odziv.sqlite").write_bytes(b"this is no database at all, but text\n" * 300)
    with pytest.raises(StartFailed, match=r"odziv\.sqlite"):
        prepare().look()


def test_what_nobody_foresaw_is_told_too(prepare, monkeypatch, capfd):
    def fail(_self: _Steps) -> None:
        raise ZeroDivisionError("by nothing")

    monkeypatch.setattr(_Steps, "look", fail)
    with pytest.raises(StartFailed, match="ZeroDivisionError: by nothing"):
        prepare().look()
    assert "Traceback" in capfd.readouterr().err


def test_one_that_is_killed_ends_the_start_in_words(prepare, monkeypatch):
    monkeypatch.setattr(_Steps, "look", lambda _self: os.kill(os.getpid(), signal.SIGKILL))
    with pytest.raises(StartFailed, match="was ended"):
        prepare().look()


def test_who_is_told_to_stop_does_not_wait_for_it(prepare, monkeypatch):
    stop = threading.Event()
    monkeypatch.setattr(_Steps, "look", lambda _self: threading.Event().wait())
    preparation = prepare(stop)
    stop.set()
    with pytest.raises(Stopped):
        preparation.look()
    preparation.end()
    assert not preparation._process.is_alive()


@pytest.mark.slow
def test_it_ends_with_who_began_it(tmp_path):
    environment = {**os.environ, "ODZIV_VAR": str(tmp_path / "var")}
    command = [sys.executable, "-c", KILLED]
    # Ends when nobody has the other end of its output any more.
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == -signal.SIGKILL and done.stdout.endswith("prepared\n")
