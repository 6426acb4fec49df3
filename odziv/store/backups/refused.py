"""How a backup that can't be made, or one that can't be put back, is told."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

from odziv.store.damage import NO_ROOM, code_of, has_room, is_damage, reason_of


class BackupFailed(Exception):
    """A backup can't be made or restored; the message says why, and what to do.

    `reason` says the same in a few words without a path, since anybody may read it in `/health`.
    """

    def __init__(self, told: str, reason: str = "failed") -> None:
        super().__init__(told)
        self.reason = reason


def tell_error(error: OSError, what: str) -> BackupFailed:
    """What the system refused; `what` names the file that was being written or read."""
    if error.errno in NO_ROOM:
        return BackupFailed(f"there is no room for {what} on its disk; make room there, then try again", "no room")
    where = error.filename or what
    reason = error.strerror or type(error).__name__
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        reason = f"{reason}; the account Odziv runs as has to be allowed to"
    return BackupFailed(f"{where} can't be read or written ({reason})", (error.strerror or "failed").lower())


def tell_sqlite(error: Exception, target: Path) -> BackupFailed:
    """What SQLite refused while a database was copied to beside `target`."""
    full = code_of(error) == sqlite3.SQLITE_FULL or not has_room(target)
    if full or code_of(error) == sqlite3.SQLITE_IOERR:
        return BackupFailed(f"a copy of the database can't be written beside {target}: is its disk full?", "no room")
    if is_damage(error):
        return BackupFailed(f"the database is damaged ({reason_of(error)}): no backup was made", "database damaged")
    return BackupFailed(f"the database can't be copied ({reason_of(error)})")


def tell_size(count: int) -> str:
    """A number of bytes for people: 512 B, 3.4 MB."""
    size = float(count)
    for unit in ("B", "KB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"
