"""Says what is the matter with the database or the data folder, and looks for it without changing a byte."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import sqlite3
from pathlib import Path

from sqlalchemy.exc import OperationalError, SQLAlchemyError

from odziv.settings import BadSetting
from odziv.store.postgresql_errors import is_postgresql, tell, tell_any

BACKUP = "docs/operators.md, “The data folder and its backup”"
DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
LOCKED = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
CLOSED = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH)
BUSY_SECONDS = 10.0  # for which SQLite waits for another's lock
LEAST_FREE = 1_000_000  # bytes on the disk
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
HEAD = b"SQLite format 3\0"
GOOD = ("ok", 1)
LACKING = ("no such table", "no such column", "no such index")
NO_TEXT = "Could not decode to UTF-8"  # what Python's own module says, without a code, of bytes that are damaged


class DatabaseBroken(BadSetting):
    """The database's file can't be used; the message says what to do."""


def tell_broken(path: str, error: object) -> str:
    """What is to be done about a database, called `path`, that SQLite, PostgreSQL or the system refuses."""
    if is_postgresql(error):
        return tell_any(path, error)
    reason, code = reason_of(error), code_of(error)
    if code in LOCKED:
        return (
            f"the database {path} can't be opened ({reason}): another program has held it for longer than Odziv waits."
            " `fuser -v` with that path names it (another Odziv, a backup, sqlite3 at a prompt); let it end, then try"
            " again"
        )
    is_full = code == sqlite3.SQLITE_FULL or getattr(error, "errno", None) in NO_ROOM
    if is_full or (code == sqlite3.SQLITE_IOERR and not has_room(Path(path))):
        return f"the disk with the database {path} is full ({reason}); make room there, then try again"
    if code == sqlite3.SQLITE_IOERR:
        return (
            f"the disk with the database {path} can't be read or written ({reason}). Look at the disk first (`dmesg`"
            f" names its errors, `df` its free space); if the file has suffered, put back your newest backup: {BACKUP}"
        )
    if isinstance(error, OSError) or code in CLOSED:
        return (
            f"the database {path} can't be opened ({reason}); it has to be a file that, like its folder, the account"
            " Odziv runs as may read and write, and that no other program holds"
        )
    return tell_damaged(path, reason)


def has_room(path: Path) -> bool:
    """Whether the disk has room for what SQLite needs beside a file; it calls a lack of that an error of the disk."""
    try:
        return shutil.disk_usage(path.parent).free >= LEAST_FREE
    except OSError:
        return True


def tell_damaged(path: str, reason: str) -> str:
    """What is to be done about a database whose content is damaged."""
    return (
        f"the database {path} is damaged ({reason}). Move it away together with the files beside it whose names begin"
        f" like its own, and put back your newest backup: {BACKUP}. What the damaged file still holds, sqlite3 may get"
        f" out of it: sqlite3 {path} .recover"
    )


def tell_trouble(path: str, error: BaseException) -> str | None:
    """A sentence for what is wrong with the data folder or its disk; None for any other error."""
    if isinstance(error, OSError) and error.errno in NO_ROOM:
        return f"the disk is full ({error.filename or 'of the data folder'}); make room there, then try again"
    if isinstance(error, OSError) and error.filename is not None:
        return (
            f"{error.filename} can't be read or written ({error.strerror}); the account Odziv runs as has to own the"
            " data folder and all that is in it"
        )
    if not isinstance(error, (SQLAlchemyError, sqlite3.Error)):
        return None
    if is_postgresql(error):
        return tell(path, error)
    is_lack = code_of(error) == sqlite3.SQLITE_ERROR and reason_of(error).startswith(LACKING)
    is_away = isinstance(error, OperationalError) and code_of(error) is None
    known = (*DAMAGED, *LOCKED, *CLOSED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)
    return tell_broken(path, error) if is_lack or is_away or code_of(error) in known else None


def code_of(error: object) -> int | None:
    """SQLite's own primary code of an error, also of one that SQLAlchemy wrapped; None where there is none."""
    code = getattr(getattr(error, "orig", None) or error, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF


def is_damage(error: object) -> bool:
    """Whether an error says that the file's content is damaged."""
    return code_of(error) in DAMAGED or reason_of(error).startswith(NO_TEXT)


def reason_of(error: object) -> str:
    """Its reason in SQLite's or the system's words, on one line."""
    words = getattr(error, "orig", None) or getattr(error, "strerror", None) or error
    return " ".join(str(words).split())[:200]


def examine(path: Path, *, wholly: bool) -> None:
    """Looks at a database file, at every page if `wholly` (a second or two for each gigabyte). Raises DatabaseBroken.

    Nothing is written, and no log of what was written last is taken over: who mends a damaged file may need it.
    """
    if not path.exists():
        return
    _check_rights(path)
    try:
        _check_head(path)
        found = _look(path, "PRAGMA quick_check(1)" if wholly else "SELECT count(*) > -1 FROM sqlite_master")
    except (OSError, sqlite3.Error) as error:
        raise DatabaseBroken(tell_broken(str(path), error)) from error
    if found not in GOOD:
        raise DatabaseBroken(tell_damaged(str(path), " ".join(str(found).split())[:200]))


def _check_rights(path: Path) -> None:
    """Before SQLite makes files beside it: they would have its rights, and stay when those are put right."""
    beside = [path.with_name(path.name + ending) for ending in ("-wal", "-shm")]
    for each in (path.parent, path, *filter(Path.exists, beside)):
        if not os.access(each, os.R_OK | os.W_OK):
            raise DatabaseBroken(
                f"{each} can't be opened to be read and written; the account Odziv runs as has to be allowed both of"
                f" the database {path}, the files beside it whose names begin like its own, and its folder"
            )


def _check_head(path: Path) -> None:
    """SQLite takes a file of a few bytes, or of none, for a new database."""
    with open(path, "rb") as file:
        head = file.read(len(HEAD))
    if head != HEAD:
        reason = "it does not begin as one does" if head else "it is empty: 0 bytes"
        raise DatabaseBroken(tell_damaged(str(path), reason))


def _look(path: Path, question: str) -> object:
    """What SQLite says. Where another program wrote meanwhile, what looks like damage is looked at once more."""
    before = _state_of(path)
    try:
        found = _ask(path, question)
    except sqlite3.Error:
        if _state_of(path) == before:
            raise
        return _ask(path, question)
    return found if found in GOOD or _state_of(path) == before else _ask(path, question)


def _state_of(path: Path) -> tuple[int, int, bool]:
    """What another program's writing changes."""
    stat = path.stat()
    return stat.st_mtime_ns, stat.st_size, _log_of(path).exists()


def _log_of(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")


def _ask(path: Path, question: str) -> object:
    """Without a log nobody has the file open, and none must be made beside it."""
    address = f"{path.absolute().as_uri()}?mode=ro{'' if _log_of(path).exists() else '&immutable=1'}"
    with contextlib.closing(sqlite3.connect(address, uri=True, timeout=BUSY_SECONDS)) as connection:
        return connection.execute(question).fetchone()[0]
