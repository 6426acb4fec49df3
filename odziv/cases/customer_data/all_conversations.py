"""All conversations as JSON Lines: a document a line, of one moment, while the server serves."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from odziv.store import Store
from odziv.store.audit import record_alone
from odziv.store.customers.known import read_documents

TELL_EVERY = 500  # conversations


class ExportFailed(Exception):
    """Nothing was written; the message says why, in words for an operator."""


@dataclass(frozen=True)
class Range:
    """Which conversations: of a site, begun from `since` on and before `until` (milliseconds); None is no limit."""

    site: str | None = None
    since: int | None = None
    until: int | None = None


def export_conversations(
    store: Store, target: Path, wanted: Range, told: Callable[[int], None] = lambda _count: None
) -> int:
    """Writes them to `target`, which is there afterwards whole, or not at all; returns how many they are.

    `told` hears now and then how many are written. Raises ExportFailed.
    """
    with new_file(target) as file:
        count = _write_lines(store, file, wanted, told)
    record_alone(store, "exported", None, "conversations", count=count, site=wanted.site)
    return count


def _write_lines(store: Store, file: IO[bytes], wanted: Range, told: Callable[[int], None]) -> int:
    count = 0
    with store.read() as connection, connection.begin():
        for document in read_documents(connection, site=wanted.site, since=wanted.since, until=wanted.until):
            file.write(json.dumps(document, ensure_ascii=False).encode() + b"\n")
            count += 1
            if count % TELL_EVERY == 0:
                told(count)
    return count


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
