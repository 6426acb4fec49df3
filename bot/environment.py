"""The environment and command line that Rasa's own processes get, and nothing else of ours."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).parent.parent
PYTHON = ROOT / ".venv-rasa" / "bin" / "python"
_PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TMPDIR", "TZ")


def rasa_environment(var: Path, **more: str) -> dict[str, str]:
    """Variables for a Rasa process. Our own processes' secrets in os.environ are not among them.

    One OpenMP thread: two processes with two each on two cores spin against each other (7 ms became 306 ms).
    Telemetry off: else every command first waits for a host that isn't there.
    """
    return {
        **{name: os.environ[name] for name in _PASSED_ON if name in os.environ},
        "ODZIV_VAR": str(var.resolve()),
        "OMP_NUM_THREADS": "1",
        "TF_NUM_INTEROP_THREADS": "1",
        "TF_NUM_INTRAOP_THREADS": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "CUDA_VISIBLE_DEVICES": "-1",
        "RASA_TELEMETRY_ENABLED": "false",
        "RASA_CACHE_DIRECTORY": str(var.resolve() / "rasa" / "cache"),
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "PYTHONUNBUFFERED": "1",
        "PYTHONWARNINGS": "ignore",
        **more,
    }


def rasa_command(*arguments: str, parent: int | None = None) -> list[str]:
    """The command line that runs Rasa with these arguments as a child of `parent`, usually this process, and ends it
    with that."""
    return [str(PYTHON), "-m", "bot.launch", str(parent or os.getpid()), "bot.rasa_program", *arguments]
