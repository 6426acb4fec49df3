"""The bytes of attachments, one file each in the data folder, named by nothing but their random id."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

ID = re.compile(r"[0-9a-f]{32}")
GONE = ".gone"  # after the id of a file that is being removed; a point before it means that it is just being kept
# Whoever sends files must not fill the disk the database is on: less than this is left alone.
RESERVE_BYTES = 512 * 1024 * 1024


class NoRoom(Exception):
    """The disk is nearly full."""


class FilesAway(OSError):
    """Files can't be written or read now; the text says why, in words for an operator. Later they can."""


class Files:
    """A folder of files that are written once and never changed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def name(self) -> str:
        """What messages call the place."""
        return str(self.folder)

    @property
    def elsewhere(self) -> str | None:
        """The name of another place than the folder that has them too; None: there is none."""
        return None

    @property
    def trouble(self) -> str | None:
        """Why no file can be written or read now, in words for an operator; None where nothing is known of any."""
        return None

    @contextlib.contextmanager
    def at_hand(self, file_id: str) -> Iterator[Path]:
        """A path to read the file from, as long as the block lasts; it may lead nowhere. Raises FilesAway."""
        yield self.path(file_id)

    def save(self, data: bytes) -> str:
        """Keeps `data` and returns its new id. When it returns, the file is on the disk. Raises NoRoom.

        Until `settle`, a start that finds no row for it removes it.
        """
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if shutil.disk_usage(self.folder).free < RESERVE_BYTES + len(data):
            raise NoRoom
        file_id = secrets.token_hex(16)
        draft = self._draft(file_id)
        with open(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        # Linked into place, so that the name is either the whole file or nothing; then the folder's entry is synced.
        os.link(draft, self.path(file_id))
        self._sync()
        return file_id

    def settle(self, file_ids: Iterable[str]) -> None:
        """Their rows are there: they are files like all others."""
        for file_id in file_ids:
            self._draft(file_id).unlink(missing_ok=True)

    def path(self, file_id: str) -> Path:
        """Where a file is. Raises ValueError for what is no id: it must never become a path elsewhere."""
        if not ID.fullmatch(file_id):
            raise ValueError("not the id of a file")
        return self.folder / file_id

    def condemn(self, file_ids: Sequence[str]) -> None:
        """Their rows are about to go: should we be killed before `remove`, the next start removes them."""
        for file_id in file_ids:
            with contextlib.suppress(FileNotFoundError):  # the folder, where somebody moved it away
                self._mark(file_id).touch(mode=0o600)
        if file_ids and self.folder.exists():
            self._sync()

    def remove(self, file_ids: Iterable[str]) -> None:
        """Deletes files; those that are gone already are fine."""
        for file_id in file_ids:
            for path in (self.path(file_id), self._draft(file_id), self._mark(file_id)):
                path.unlink(missing_ok=True)

    def list_condemned(self) -> list[str]:
        """The ids of files that are to go and have not gone yet."""
        return [path.name[1 : -len(GONE)] for path in self._list() if _is_mark(path.name)]

    def sweep(self, known: set[str], before: int) -> int:
        """Finishes what a killed process left half done; returns how many files went. `known` are those with a row.

        Removed is what was condemned, and what was written and not settled `before` (milliseconds since 1970), if it
        has no row. Whatever else lies there is somebody's: another database may know it.
        """
        return sum(self._finish(path, known, before) for path in self._list() if path.name.startswith("."))

    def _finish(self, path: Path, known: set[str], before: int) -> bool:
        name = path.name.removeprefix(".")
        file_id, is_condemned = name.removesuffix(GONE), name.endswith(GONE)
        if not ID.fullmatch(file_id):
            return False
        if file_id in known:
            path.unlink(missing_ok=True)
            return False
        if is_condemned or _written_at(path) < before:
            self.remove([file_id])
            return not self._mark(file_id).exists()
        return False

    def list_unknown(self, known: set[str]) -> list[str]:
        """The ids of files that have no row, and are not just being written or removed."""
        names = {path.name for path in self._list()}
        return [name for name in names if ID.fullmatch(name) and name not in known and f".{name}" not in names]

    def count(self) -> int:
        """How many files there are."""
        return sum(ID.fullmatch(path.name) is not None for path in self._list())

    def _list(self) -> list[Path]:
        try:
            return list(self.folder.iterdir())
        except (FileNotFoundError, NotADirectoryError):
            return []

    def _draft(self, file_id: str) -> Path:
        return self.folder / f".{file_id}"

    def _mark(self, file_id: str) -> Path:
        return self.folder / f".{file_id}{GONE}"

    def _sync(self) -> None:
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _is_mark(name: str) -> bool:
    return name.startswith(".") and name.endswith(GONE) and ID.fullmatch(name[1 : -len(GONE)]) is not None


def _written_at(path: Path) -> int:
    """When, in milliseconds since 1970; of what has just gone: now."""
    try:
        return path.stat().st_mtime_ns // 1_000_000
    except FileNotFoundError:
        return sys.maxsize
