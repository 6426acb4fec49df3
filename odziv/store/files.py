"""The bytes of attachments, one file each in the data folder, named by nothing but their random id."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
from collections.abc import Iterable
from pathlib import Path

ID = re.compile(r"[0-9a-f]{32}")
# Whoever sends files must not fill the disk the database is on: less than this is left alone.
RESERVE_BYTES = 512 * 1024 * 1024


class NoRoom(Exception):
    """The disk is nearly full."""


class Files:
    """A folder of files that are written once and never changed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def save(self, data: bytes) -> str:
        """Keeps `data` and returns its new id. When it returns, the file is on the disk. Raises NoRoom."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if shutil.disk_usage(self.folder).free < RESERVE_BYTES + len(data):
            raise NoRoom
        file_id = secrets.token_hex(16)
        draft = self.folder / f".{file_id}"
        with open(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        # Linked into place, so that the name is either the whole file or nothing; then the folder's entry is synced.
        os.link(draft, self.path(file_id))
        draft.unlink()
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return file_id

    def path(self, file_id: str) -> Path:
        """Where a file is. Raises ValueError for what is no id: it must never become a path elsewhere."""
        if not ID.fullmatch(file_id):
            raise ValueError("not the id of a file")
        return self.folder / file_id

    def remove(self, file_ids: Iterable[str]) -> None:
        """Deletes files; those that are gone already are fine."""
        for file_id in file_ids:
            self.path(file_id).unlink(missing_ok=True)

    def sweep(self, kept: set[str], first: int, last: int) -> int:
        """Deletes what was written from `first` to `last` (milliseconds since 1970) and is not in `kept`, half-written
        drafts included; returns how many. At a start only."""
        swept = 0
        with contextlib.suppress(FileNotFoundError):
            for path in self.folder.iterdir():
                if path.name not in kept and first <= path.stat().st_mtime_ns // 1_000_000 <= last:
                    path.unlink(missing_ok=True)
                    swept += 1
        return swept
