"""Upgrades databases in processes that are killed in the middle: `python -m tests.store.upgrades.killed` with a JSON
list of `[url, moment]` on its input. Each child ends by SIGKILL, or this fails."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import NoReturn

from sqlalchemy import event

from odziv.store import Store
from odziv.store.migrate import migrate

MOMENTS = ("begun", "written", "decided", "committed")
CHANGING = ("CREATE", "ALTER", "INSERT", "UPDATE", "DROP")


def die(*_: object) -> NoReturn:
    """At once, as when the power goes."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("a killed process went on")


def upgrade(url: str, moment: str) -> None:
    """Upgrades to this version. Dies when the first missing migration has begun, when all of it is written but not
    noted, before everything is committed, or right after."""
    store = Store(url, files=Path(os.devnull))
    engine, dialect, done = store.writer_engine, store.writer_engine.dialect, [0]

    def look(_connection, _cursor, statement: str, *_: object) -> None:
        done[0] += statement.lstrip().upper().startswith(CHANGING)
        is_noted = "alembic_version" in statement and "UPDATE" in statement
        if (moment == "begun" and done[0] == 2) or (moment == "written" and is_noted):
            die()

    def commit(connection) -> None:
        if done[0] and moment == "decided":
            die()
        plain(connection)
        if done[0] and moment == "committed":
            die()

    plain, dialect.do_commit = dialect.do_commit, commit
    event.listen(engine, "before_cursor_execute", look)
    migrate(store)


def main() -> int:
    """0 when each was killed in its moment."""
    for url, moment in json.load(sys.stdin):
        child = os.fork()
        if child == 0:
            upgrade(url, moment)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status) or os.WTERMSIG(status) != signal.SIGKILL:
            print(f"the upgrade of {url} was not killed when {moment}: {status}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
