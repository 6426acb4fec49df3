"""Sees to it that one data folder has one server, or several processes that were each started alone, and no command
beside them that needs it for itself."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FILE = "server.lock"


class FolderTaken(Exception):
    """Another server has the data folder, or it can't be used; the message says what to do."""


@contextmanager
def only_server(var: Path, *, shared: bool = False) -> Iterator[None]:
    """Has the data folder for itself while it lasts; `shared`, with others that share it too. Raises FolderTaken.

    A `shared` lock goes on in the program that this process becomes (exec). The kernel lets go of a lock when the
    process ends, however that happens; the file stays and means nothing.
    """
    try:
        var.mkdir(parents=True, exist_ok=True)
        file = open(var / FILE, "a+", encoding="ascii", errors="replace")  # noqa: SIM115
    except OSError as error:
        raise _unfit(var, error) from error
    with file:
        _take(file.fileno(), var, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
        os.set_inheritable(file.fileno(), shared)
        try:
            os.truncate(file.fileno(), 0)
            os.write(file.fileno(), f"{os.getpid()}\n".encode())
        except OSError as error:
            raise _unfit(var, error) from error
        yield


def _unfit(var: Path, error: OSError) -> FolderTaken:
    return FolderTaken(
        f"the data folder {var} can't be written to ({error.strerror}); the account Odziv runs as has to own it, and"
        " its disk needs room"
    )


def _take(number: int, var: Path, kind: int) -> None:
    try:
        fcntl.flock(number, kind | fcntl.LOCK_NB)
    except BlockingIOError as error:
        told = os.pread(number, 20, 0).decode("ascii", "replace").strip()
        who = f" (process {told})" if told.isdecimal() else ""
        raise FolderTaken(
            f"another Odziv{who} runs with the data folder {var}. Stop that one first, or give this one a folder of"
            " its own with ODZIV_VAR=… and other ports with ODZIV_PORT=…, ODZIV_RASA_PORT=… and ODZIV_WORKER_PORT=…"
        ) from error
