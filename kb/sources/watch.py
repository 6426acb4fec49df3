"""A thread that notices saved articles."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from watchfiles import watch

log = logging.getLogger(__name__)


class Watcher:
    """Refreshes the knowledge base when a file in its folder changes, until stopped."""

    def __init__(self, knowledge_base):
        self._kb = knowledge_base
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="kb-watch", daemon=True)
        self._thread.start()

    def stop(self, timeout: float = 5.0) -> None:
        """Stop watching; waits up to `timeout` seconds for the thread to end."""
        self._stopping.set()
        self._thread.join(timeout)

    def _run(self) -> None:
        # A look every 5 s besides: network file systems send no events.
        # Editors save in several steps; 50 ms gather them, and leave most of the second for embedding and fitting.
        changes = watch(
            self._kb.folder, stop_event=self._stopping, debounce=50, step=20, rust_timeout=5000, yield_on_timeout=True,
            raise_interrupt=False,
        )  # fmt: skip
        seen = None
        for events in changes:
            looked = file_stamps(self._kb.folder)
            if not events and looked == seen:
                continue
            seen = looked
            try:
                self._kb.refresh()
            except Exception:  # the thread must live on: the next save may put right what made this one fail
                log.exception("the knowledge base could not be refreshed; the last one serves on")


def file_stamps(folder: Path) -> frozenset[tuple[str, int, int, int]]:
    """Return path, inode, size and time of change of every file below: what shows a change without reading them."""
    found = set()
    for path in folder.rglob("*.md"):
        try:
            stat = path.stat()
        except OSError:  # gone since, or a link to nowhere: its absence shows
            continue
        found.add((str(path), stat.st_ino, stat.st_size, stat.st_mtime_ns))
    return frozenset(found)
