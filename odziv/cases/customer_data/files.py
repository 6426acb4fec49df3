"""A file that somebody takes away: whole under its name, or not there."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO


class ExportFailed(Exception):
    """Nothing was written; the message says why, in words for an operator."""


@contextlib.contextmanager
def new_file(target: Path) -> Iterator[IO[bytes]]:
    """A file, readable by its owner only, that comes to be when the block ends well. Raises ExportFailed."""
    if target.exists() or target.is_symlink():
        raise ExportFailed(f"{target} is there already, and stays as it is; choose another name.")
    draft = target.with_name(f".{target.name}.part")
    try:
        with contextlib.suppress(FileNotFoundError):  # of one that was killed
            draft.unlink()
        with open(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600), "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, target)  # unlike a rename, never in place of a file that came meanwhile
    except FileExistsError as error:
        raise ExportFailed(f"{target} came to be meanwhile, and stays as it is; choose another name.") from error
    except OSError as error:
        raise ExportFailed(f"{target} can't be written: {error.strerror or error}.") from error
    finally:
        with contextlib.suppress(OSError):
            draft.unlink()
