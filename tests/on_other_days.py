"""`python -m tests.on_other_days [--slow | --all] [DAY …]`: the quick tests, more or all, as on a day, or all DAYS.

The clock is set inside the tests' own processes and those that they start (tests/other_day), so it needs nothing of the
system; how long something takes is measured as always. The exit status is 0 only when every run was green.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

ROOT = Path(__file__).parents[1]
QUICK = "not (rasa or browser or encoder or imap or slow or bench)"
# Clocks are set, sign-ins guessed and databases opened among the slow ones.
LIGHT = "not (rasa or browser or encoder or imap or bench)"
HOME = "Europe/Ljubljana"
# time_machine is loaded at the start of each process, before pytest meets it; so it is in those that tests start.
IMPORTED_EARLY = "ignore:Module already imported:pytest.PytestAssertRewriteWarning"
# A day is so many days from now, or a moment in its zone.
DAYS: dict[str, tuple[int | str, str]] = {
    "400-days-ago": (-400, "UTC"),
    "yesterday": (-1, "UTC"),
    "in-30-days": (30, "UTC"),
    "in-400-days": (400, "UTC"),
    "summer-time-begins": ("2027-03-28 01:59:00", HOME),
    "summer-time-ends": ("2027-10-31 02:59:00", HOME),
    "29-february": ("2028-02-29 12:00:00", HOME),
    "new-year": ("2026-12-31 23:59:00", "Pacific/Auckland"),
}


def moment_of(name: str) -> datetime:
    """When that day's tests begin."""
    day, zone = DAYS[name]
    if isinstance(day, int):
        return datetime.now(UTC) + timedelta(days=day)
    return datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(zone))


def environment_of(name: str) -> dict[str, str]:
    """What makes the processes of a test run believe in that day, in its zone."""
    shift = moment_of(name) - datetime.now(UTC)
    path = os.pathsep.join(filter(None, (str(ROOT / "tests" / "other_day"), os.environ.get("PYTHONPATH"))))
    changed = {"ODZIV_TEST_SHIFT": str(shift.total_seconds()), "PYTHONPATH": path, "TZ": DAYS[name][1]}
    return {**os.environ, **changed, "PYTEST_ADDOPTS": f"{os.environ.get('PYTEST_ADDOPTS', '')} -W '{IMPORTED_EARLY}'"}


def main() -> int:
    """Runs the chosen days one after another."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("days", nargs="*", metavar="DAY", help=", ".join(DAYS))
    parser.add_argument("--slow", action="store_true", help="the slow tests too")
    parser.add_argument("--all", action="store_true", help="every test, the heavy ones too")
    options = parser.parse_args()
    chosen = options.days or list(DAYS)
    if unknown := [name for name in chosen if name not in DAYS]:
        parser.error(f"{unknown[0]!r} is none of {', '.join(DAYS)}")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-n",
        "auto",
        "--dist",
        "loadgroup" if options.all else "worksteal",
    ]
    red = []
    for name in chosen:
        print(f"== {name}: {moment_of(name):%A, %Y-%m-%d %H:%M} in {DAYS[name][1]}", flush=True)
        arguments = [] if options.all else ["-m", LIGHT if options.slow else QUICK]
        if subprocess.run([*command, *arguments], cwd=ROOT, env=environment_of(name)).returncode:
            red.append(name)
    print(f"red: {', '.join(red)}" if red else f"green on {len(chosen)} other days")
    return 1 if red else 0


if __name__ == "__main__":
    sys.exit(main())
