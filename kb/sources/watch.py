"""A thread that notices saved articles."""

from __future__ import annotations

import logging
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from watchfiles import watch

from kb.sources.strays import files_below

log = logging.getLogger(__name__)
LOOK_SECONDS = 5.0  # network file systems send no events, and nor does a folder that is not there
AWAY_SECONDS = 1.0  # between two looks for a folder that is away
AGAIN_SECONDS = 30.0  # after a refresh that failed, where nothing changes meanwhile


class Refreshable(Protocol):
    """What is refreshed: a knowledge base, over a folder."""

    folder: Path
    away: str  # what of the folder was away at the last refresh; empty while all was there

    def refresh(self) -> bool: ...


class Watcher:
    """Refreshes the knowledge base when a file in its folder changes, until stopped.

    Whatever happens to the folder, or to what tells of its changes, it goes on looking.
    """

    def __init__(self, knowledge_base: Refreshable) -> None:
        self._kb = knowledge_base
        self.stopping = threading.Event()
        self._seen: object = None
        self._again = 0.0  # when to refresh although nothing changed, by the monotonic clock; 0: no need
        self._thread = threading.Thread(target=self.run, name="kb-watch", daemon=True)

    def start(self) -> None:
        """Begin, in a thread of its own."""
        self._thread.start()

    def stop(self, timeout: float = 5.0) -> None:
        """Stop watching; waits up to `timeout` seconds for the thread to end."""
        self.stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout)

    def run(self) -> None:
        """Watch until stopped."""
        while not self.stopping.is_set():
            self._look()
            pause = AWAY_SECONDS
            try:
                self._follow()
            except Exception as error:  # no more files or watches to be had
                pause = LOOK_SECONDS
                log.warning("changes of the articles are looked for every %g s: %s", pause, error)
            self.stopping.wait(pause)

    def _follow(self) -> None:
        """Look at every change, until the folder is another one, or away."""
        place = place_of(self._kb.folder)
        if place is None:
            return
        # Editors save in several steps; 50 ms gather them, and leave most of the second for embedding and fitting.
        changes = watch(
            self._kb.folder, stop_event=self.stopping, debounce=50, step=20, rust_timeout=round(LOOK_SECONDS * 1000),
            yield_on_timeout=True, raise_interrupt=False,
        )  # fmt: skip
        for events in changes:
            self._look(bool(events))
            if place_of(self._kb.folder) != place:
                return

    def _look(self, is_told: bool = False) -> None:
        """Refresh if anything differs from the last look."""
        looked, is_again = (place_of(self._kb.folder), file_stamps(self._kb.folder)), 0 < self._again < time.monotonic()
        if looked == self._seen and not (is_told or is_again):
            return
        self._seen, self._again = looked, 0.0
        try:
            self._kb.refresh()
        except Exception:  # the next save may put right what made this one fail
            self._again = time.monotonic() + AGAIN_SECONDS
            log.exception("the knowledge base could not be refreshed; the last one serves on")
        else:
            if self._kb.away:  # what went and came back while it was read shows no change
                self._again = time.monotonic() + LOOK_SECONDS


def place_of(folder: Path) -> tuple[int, int] | None:
    """Return device and inode of a folder, others when another is mounted or moved there; None when it is away."""
    try:
        stat = folder.stat()
    except OSError:
        return None
    return stat.st_dev, stat.st_ino


def file_stamps(folder: Path) -> frozenset[tuple[str, int, int, int]]:
    """Return path, inode, size and time of change of every file below: what shows a change without reading them.

    Files that are not read count too: they are named, or were renamed so.
    """
    found = set()
    with suppress(OSError):  # what cannot be read is told by the refresh
        for path in files_below(folder):
            with suppress(OSError):  # gone since, or a link to nowhere: its absence shows
                stat = path.stat()
                found.add((str(path), stat.st_ino, stat.st_size, stat.st_mtime_ns))
    return frozenset(found)
