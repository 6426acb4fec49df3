"""Starts programs as a terminal does, or as a script does beside itself, however the tests themselves were started."""

from __future__ import annotations

import signal
import subprocess
from typing import Any


def start_program(command: list[str], *, hears_ctrl_c: bool = True, **more: Any) -> subprocess.Popen:
    """A started program. What a shell without job control starts with `&` is to ignore Ctrl-C: `hears_ctrl_c=False`.

    A program inherits that from us, and Python then makes no KeyboardInterrupt of it: tests that were started with `&`
    would wait for ever.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler if hears_ctrl_c else signal.SIG_IGN)
    try:
        return subprocess.Popen(command, **more)
    finally:
        signal.signal(signal.SIGINT, before)
