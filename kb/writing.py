"""Files are written in one step: whoever reads one, or starts again after a crash, finds the old or the new."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file so that a crash leaves either the old content or the new, never half of it.

    A file that was there keeps its permissions and, as far as we may, its owner.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with written_beside(path, content) as temporary:
        if path.exists():
            _keep_access(path, temporary)
        os.replace(temporary, path)


@contextlib.contextmanager
def written_beside(path: Path, content: bytes) -> Iterator[Path]:
    """Yield a file in the folder of `path` with all of `content` on the disk, to be put in its place.

    When the block ends, the folder's entry is on the disk too; when it raises, the file is gone.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with open(temporary, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        yield temporary
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _keep_access(old: Path, new: Path) -> None:
    stat = old.stat()
    with contextlib.suppress(PermissionError):  # only root gives a file away, and a group only its members
        os.chown(new, stat.st_uid, stat.st_gid)
    shutil.copymode(old, new)
