"""Has a web process of `bench.faults` kill itself at a moment that a file names; the product knows nothing of it.

Python reads this when it starts with this folder in PYTHONPATH. The file ODZIV_BENCH_FAULT, once it is there, holds a
role, a moment and a count, like "web, before commit 5": the fifth transaction from now on that changed something is not
committed. Only PROGRAMS look for it, and only a process of that role takes it. It renames it, so that the next one
isn't killed too.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

MOMENTS = ("before commit", "after commit", "after acknowledgement")
FILE = os.environ.get("ODZIV_BENCH_FAULT", "")
CREATED = 201
ROLE = "worker" if any("role='worker'" in part for part in sys.orig_argv) else "web"
PROGRAMS = ("gunicorn", "bench.faults.erase")


class Trap:
    """What is armed in this process: at the last of `count` such moments it ends."""

    def __init__(self) -> None:
        self.moment, self.count = "", 0

    def look(self) -> None:
        """Takes the file, where there is one for this process."""
        if self.moment or not os.path.exists(FILE):
            return
        try:
            with open(FILE, encoding="ascii") as file:
                role, _, what = file.read().partition(", ")
            if role == ROLE:
                os.rename(FILE, f"{FILE}.taken")
                self.moment, _, count = what.rpartition(" ")
                self.count = int(count)
        except OSError:
            pass  # another process was quicker

    def come_to(self, moment: str) -> None:
        """A moment has come; perhaps it is the one."""
        self.look()
        if self.moment != moment:
            return
        self.count -= 1
        if self.count <= 0:
            open(f"{FILE}.fired", "w").close()  # noqa: SIM115
            os.kill(os.getpid(), signal.SIGKILL)


def set_traps() -> None:
    """Looks at each commit and each answer of this process."""
    from gunicorn.http.wsgi import Response
    from sqlalchemy.engine.default import DefaultDialect

    trap, plain_commit, plain_close = Trap(), DefaultDialect.do_commit, Response.close
    changes: dict[int, int] = {}

    def changed(connection: Any) -> bool:
        """Whether this transaction is one of a writer that changed something."""
        driver = connection.driver_connection
        if not hasattr(driver, "total_changes"):
            return not driver.read_only
        before, changes[id(driver)] = changes.get(id(driver), 0), driver.total_changes
        return driver.total_changes != before

    def commit(dialect: DefaultDialect, connection: Any) -> None:
        counts = changed(connection)
        if counts:
            trap.come_to("before commit")
        plain_commit(dialect, connection)
        if counts:
            trap.come_to("after commit")

    def close(response: Response) -> None:
        plain_close(response)
        if response.status_code == CREATED:
            trap.come_to("after acknowledgement")

    DefaultDialect.do_commit, Response.close = commit, close  # type: ignore[method-assign]


if FILE and any(part in PROGRAMS for part in sys.orig_argv):
    set_traps()
