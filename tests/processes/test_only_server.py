"""One data folder has one server; the lock goes with its process, however that ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from odziv.processes.only_server import FILE, FolderTaken, only_server
from odziv.settings import ROOT

# What it would start takes minutes, and is none of this test's business.
DRIVER = """
import sys
import odziv.processes.supervisor as it
it.check_port = lambda *_: None
it.serve = lambda settings, stop: (print("serving", flush=True), stop.wait())
raise SystemExit(it.main())
"""


def start(folder) -> subprocess.Popen:
    environment = {**os.environ, "ODZIV_VAR": str(folder)}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen([sys.executable, "-c", DRIVER], cwd=ROOT, env=environment, **pipes)


@pytest.mark.slow
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_a_second_server_is_refused_with_words_while_the_first_one_lives(tmp_path, end):
    first = start(tmp_path)
    try:
        assert first.stdout.readline() == "serving\n"
        second = start(tmp_path)
        out, told = second.communicate(timeout=30)
        assert second.returncode == 1 and "Traceback" not in told and out == ""
        assert f"another Odziv (process {first.pid}) runs with the data folder {tmp_path}. Stop that one" in told
    finally:
        first.send_signal(end)
        first.communicate(timeout=30)
    third = start(tmp_path)
    try:
        assert third.stdout.readline() == "serving\n"
    finally:
        third.terminate()
        third.communicate(timeout=30)


def test_the_file_alone_means_nothing(tmp_path):
    (tmp_path / FILE).write_text("12345\nnot a lock")
    with only_server(tmp_path):
        assert (tmp_path / FILE).read_text() == f"{os.getpid()}\n"
        with pytest.raises(FolderTaken, match=f"process {os.getpid()}"), only_server(tmp_path):
            pass
    with only_server(tmp_path):
        pass


def test_a_folder_that_is_none_is_told(tmp_path):
    (tmp_path / "var").write_text("in the way")
    with pytest.raises(FolderTaken, match="can't be written to"), only_server(tmp_path / "var"):
        pass


def test_children_do_not_hold_it(tmp_path):
    with only_server(tmp_path):
        child = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    try:
        with only_server(tmp_path):
            pass
    finally:
        child.communicate(timeout=10)
