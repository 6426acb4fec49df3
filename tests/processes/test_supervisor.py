"""What ends the supervisor, however it was started."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from odziv.settings import ROOT
from tests.programs import start_program

# What it would start takes minutes, and is none of this test's business.
DRIVER = """
import odziv.processes.supervisor as it
it.check_port = lambda *_: None
it.serve = lambda settings, stop: (print("serving", flush=True), stop.wait())
raise SystemExit(it.main())
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sent", "hears_ctrl_c"), [(signal.SIGTERM, True), (signal.SIGINT, True), (signal.SIGTERM, False)]
)
def test_it_stops_when_it_is_told_to(sent, hears_ctrl_c):
    command = [sys.executable, "-c", DRIVER]
    process = start_program(command, hears_ctrl_c=hears_ctrl_c, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    with process:
        try:
            assert process.stdout.readline() == "serving\n"
            process.send_signal(sent)
            assert process.wait(30) == 0
        finally:
            process.kill()
