"""A Rasa that was started alone and hangs is killed; one that works, or takes long to begin, is not."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from odziv.processes import alone, child, rasa_watch
from odziv.processes.rasa_watch import begin_watch, watch
from tests.waiting import wait_until

SERVER = """
import http.server
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.wfile.write(b"HTTP/1.0 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\n{}")
    def log_message(self, *_): pass
server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
"""


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(child, "LOOK_SECONDS", 0.02)
    monkeypatch.setattr(child, "FIRST_LOOKS_SECONDS", 0.02)
    monkeypatch.setattr(child, "PATIENCE_SECONDS", 0.1)
    monkeypatch.setattr(child, "PATIENCE_AT_START", 600.0)


@pytest.fixture
def begin() -> Iterator[Callable[..., subprocess.Popen]]:
    begun: list[subprocess.Popen] = []

    def begin(*command: str) -> subprocess.Popen:
        begun.append(subprocess.Popen(command, stdout=subprocess.PIPE))
        return begun[-1]

    yield begin
    for process in begun:
        process.kill()
        process.wait()
        process.stdout.close()


def states(*said: str) -> Callable[[], str]:
    """One after the other, and the last one from then on."""
    coming = itertools.chain(said, itertools.repeat(said[-1]))
    return lambda: next(coming)


def test_one_that_has_answered_and_hangs_is_killed(begin):
    rasa = begin("sleep", "600")
    silent = watch(rasa.pid, states("down", "ok", "hangs"))
    assert silent is not None and silent >= 0.1
    assert rasa.wait(10) == -signal.SIGKILL


def test_one_that_hangs_now_and_then_is_left(begin):
    rasa = begin("sleep", "1")
    coming = itertools.cycle(["ok", "hangs"])
    assert watch(rasa.pid, lambda: next(coming)) is None
    assert rasa.wait(10) == 0


def test_one_that_has_never_answered_has_time_to_begin(begin):
    rasa = begin("sleep", "1")
    assert watch(rasa.pid, states("hangs")) is None
    assert rasa.wait(10) == 0


def test_one_that_is_gone_already_is_nobody(begin):
    rasa = begin("true")
    rasa.wait(10)
    assert watch(rasa.pid, states("hangs")) is None


def test_the_program_watches_a_real_one_and_goes_with_it(begin):
    rasa = begin(sys.executable, "-c", SERVER)
    port = int(rasa.stdout.readline())
    watching = begin_watch(rasa.pid, f"http://127.0.0.1:{port}", "token")
    with pytest.raises(subprocess.TimeoutExpired):
        watching.wait(1)
    rasa.terminate()
    assert watching.wait(30) == 0


@pytest.mark.slow
def test_the_program_kills_a_real_one_that_stands_still(begin):
    rasa = begin(sys.executable, "-c", SERVER)
    port = int(rasa.stdout.readline())
    watching = begin_watch(rasa.pid, f"http://127.0.0.1:{port}", "token")
    wait_until(lambda: watching.poll() is None and os.path.exists(f"/proc/{watching.pid}"), 10)
    with pytest.raises(subprocess.TimeoutExpired):
        watching.wait(5)  # in which it has been asked once at least
    rasa.send_signal(signal.SIGSTOP)
    assert rasa.wait(60) == -signal.SIGKILL
    assert watching.wait(10) == 0


def test_whoever_becomes_rasa_has_itself_watched(monkeypatch, settings, tmp_path):
    begun: list[tuple] = []
    monkeypatch.setattr(alone, "begin_watch", lambda *told: begun.append(told))
    monkeypatch.setattr(alone, "train", lambda **_: tmp_path / "model.tar.gz")
    monkeypatch.setattr(alone, "find_articles", lambda *_: tmp_path)
    monkeypatch.setattr(alone, "check_port", lambda *_: None)
    monkeypatch.setattr(alone.os, "execve", lambda *_: begun.append(("became",)))
    alone.become_rasa(settings)
    assert begun[0] == (
        os.getpid(), settings.rasa_url, settings.secret("rasa")
    )  # fmt: skip
    assert begun[1] == ("became",) and rasa_watch.TOKEN == "ODZIV_RASA_TOKEN"
