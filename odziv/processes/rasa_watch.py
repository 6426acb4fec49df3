"""Beside a Rasa that was started alone: kills it when it hangs, so that the service manager begins another.

`python -m odziv.processes.rasa_watch PID URL`, begun by the process that then becomes Rasa, and gone with it. Where the
supervisor starts Rasa, it sees to that itself.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable

from odziv.processes import child
from odziv.processes.child import Patience

TOKEN = "ODZIV_RASA_TOKEN"  # in the environment, as Rasa has it


def begin_watch(pid: int, url: str, token: str) -> subprocess.Popen[bytes]:
    """Begins to watch the process that is, or becomes, the Rasa at that address."""
    command = [sys.executable, "-m", "odziv.processes.rasa_watch", str(pid), url]
    return subprocess.Popen(command, cwd=child.ROOT, env={**os.environ, TOKEN: token}, stdin=subprocess.DEVNULL)


def watch(pid: int, state: Callable[[], str]) -> float | None:
    """Until it ends (returns None), or has hung for too long and is killed (returns for how many seconds)."""
    try:
        handle = os.pidfd_open(pid)  # its number may be another's later
    except ProcessLookupError:
        return None
    try:
        patience, ending = Patience(pid), select.poll()
        ending.register(handle, select.POLLIN)
        while not ending.poll(1000 * (child.LOOK_SECONDS if patience.has_answered else child.FIRST_LOOKS_SECONDS)):
            if (silent := patience.look(state)) is not None:
                with contextlib.suppress(ProcessLookupError):
                    signal.pidfd_send_signal(handle, signal.SIGKILL)
                return silent
        return None
    finally:
        os.close(handle)


def main(pid: str, url: str) -> None:
    """Watches, and says why it killed."""
    from bot.client import RasaClient

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for Rasa, and it ends with that
    client = RasaClient(url, os.environ[TOKEN])
    if (silent := watch(int(pid), client.state)) is not None:
        print(f"Rasa has not answered for {silent:.0f} s and is killed", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
