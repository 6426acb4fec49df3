"""What a skipped test means: here a reason, in CI (ODZIV_NO_SKIP=1) a failure."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NEEDS = {
    "rasa": (
        lambda: (ROOT / ".venv-rasa" / "bin" / "python").exists(),
        ".venv-rasa is missing; `make setup` builds it",
    ),
    "browser": (
        lambda: import_module("bench.parts.browser").find_chromium() is not None,
        "chromium is missing; on Debian: apt-get install chromium-headless-shell, or chromium",
    ),
    "postgresql": (
        lambda: import_module("tests.postgresql.server").find_programs() is not None,
        "PostgreSQL 15 or newer is missing; on Debian: apt-get install postgresql",
    ),
    "redis": (
        lambda: shutil.which("redis-server") is not None,
        "redis-server is missing; on Debian: apt-get install redis-server",
    ),
    "imap": (
        lambda: shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin") is not None,
        "dovecot is missing; on Debian: apt-get install dovecot-imapd",
    ),
}


def may_skip() -> bool:
    """Whether a test may be left out."""
    return os.environ.get("ODZIV_NO_SKIP") != "1"


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Leaves out what this machine can't run, and says what is missing."""
    for marker, (is_there, reason) in NEEDS.items():
        if item.get_closest_marker(marker) is not None and not is_there():
            pytest.skip(reason)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """A skipped test fails where nothing may be skipped; an expected failure stays one."""
    outcome = yield
    _forbid_skip(outcome.get_result())


@pytest.hookimpl(hookwrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Iterator[None]:
    """The same for a whole module that skips itself."""
    outcome = yield
    _forbid_skip(outcome.get_result())


def _forbid_skip(report) -> None:
    if report.skipped and not hasattr(report, "wasxfail") and not may_skip():
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome, report.longrepr = "failed", f"ODZIV_NO_SKIP=1, but this was skipped: {reason}"
