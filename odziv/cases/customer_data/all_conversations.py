"""All conversations as JSON Lines: a document a line, of one moment, while the server serves."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from odziv.cases.customer_data.files import new_file
from odziv.store import Store
from odziv.store.audit import record_alone
from odziv.store.customers.known import read_documents

TELL_EVERY = 50  # conversations


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
    count = write_conversations(store, target, wanted, told)
    record_alone(store, "exported", None, "conversations", count=count, site=wanted.site)
    return count


def write_conversations(store: Store, target: Path, wanted: Range, told: Callable[[int], None]) -> int:
    """The same without an entry in the audit trail."""
    with new_file(target) as file:
        return _write_lines(store, file, wanted, told)


def _write_lines(store: Store, file: IO[bytes], wanted: Range, told: Callable[[int], None]) -> int:
    count = 0
    with store.read() as connection, connection.begin():
        for document in read_documents(connection, site=wanted.site, since=wanted.since, until=wanted.until):
            file.write(json.dumps(document, ensure_ascii=False).encode() + b"\n")
            count += 1
            if count % TELL_EVERY == 0:
                told(count)
    return count
