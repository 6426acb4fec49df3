"""What became of the last backup, in a small file of the data folder; read by health and metrics."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from odziv.store.backups.refused import BackupFailed

STATE, LOCK = "backup.json", "backup.lock"
INTERRUPTED = "interrupted"


@dataclass(frozen=True)
class BackupState:
    """The newest backup and the newest good one; moments in milliseconds since 1970, None for what never was.

    `outcome` is running, ok or failed, and `reason` says in a few words why it failed.
    """

    outcome: str = "running"
    reason: str | None = None
    began_at: int | None = None
    last_success: int | None = None
    last_failure: int | None = None
    seconds: float | None = None
    bytes: int | None = None


def read_state(var: Path) -> BackupState | None:
    """How backups stand; None where none was ever begun. One whose process was killed counts as failed."""
    state = _read(var)
    if state is None or state.outcome != "running" or _is_running(var):
        return state
    return replace(state, outcome="failed", reason=INTERRUPTED, last_failure=state.began_at)


@contextlib.contextmanager
def noting(var: Path, clock: Callable[[], int]) -> Iterator[Callable[[float, int], None]]:
    """Notes that a backup runs, and in the end what became of it. Raises BackupFailed while another one runs.

    Yields what is to be told of a good one: how many seconds it took, and its bytes.
    """
    with _only_backup(var):
        before = replace(_read(var) or BackupState(), outcome="running", reason=None, began_at=clock())
        _write(var, before)
        try:
            yield lambda seconds, size: _write(
                var, replace(before, outcome="ok", last_success=clock(), seconds=seconds, bytes=size)
            )
        except BaseException as error:
            reason = error.reason if isinstance(error, BackupFailed) else _name(error)
            _write(var, replace(before, outcome="failed", reason=reason, last_failure=clock()))
            raise


def _name(error: BaseException) -> str:
    return "failed" if isinstance(error, Exception) else INTERRUPTED


def _read(var: Path) -> BackupState | None:
    try:
        told: Any = json.loads((var / STATE).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    known = {field.name for field in fields(BackupState)}
    return BackupState(**{key: told[key] for key in known & told.keys()}) if isinstance(told, dict) else None


def _write(var: Path, state: BackupState) -> None:
    """Replaces the file; where that can't be, the backup itself still counts."""
    draft = var / f"{STATE}.new"
    with contextlib.suppress(OSError):
        draft.write_text(json.dumps(asdict(state)), "utf-8")
        draft.replace(var / STATE)


@contextlib.contextmanager
def _only_backup(var: Path) -> Iterator[None]:
    with _open_lock(var) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupFailed("another backup of this data folder is under way; wait for its end") from None
        yield


def _is_running(var: Path) -> bool:
    """Whether a process holds the lock; it goes with that process, however it ends."""
    try:
        with _open_lock(var) as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


@contextlib.contextmanager
def _open_lock(var: Path) -> Iterator[int]:
    number = os.open(var / LOCK, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        yield number
    finally:
        os.close(number)
