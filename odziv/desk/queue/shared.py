"""What all open pages ask for when something changes, read once for all of them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, NamedTuple, TypeVar

from odziv.store import Store
from odziv.web.streams import Hub

T = TypeVar("T")
LASTING_MS = 1_000  # then it is read anew, also without a change: who is there depends on the time


class Kept(NamedTuple):
    """What was read, when, and how many changes of the lists had been heard of before."""

    changes: int
    at: int
    value: object


class Shared(Generic[T]):
    """A reading that all pages of this process share, until a list of the desk has changed; thread-safe."""

    def __init__(self, hub: Hub, read: Callable[[Store], T]) -> None:
        self._hub, self._read, self._lock = hub, read, threading.Lock()
        self._kept: Kept | None = None

    def of(self, store: Store) -> T:
        """The reading as it was after the last change that this process has heard of. Raises what reading raises."""
        with self._lock:  # who comes meanwhile waits, and has it too
            changes, now = self._hub.list_changes, store.clock()
            if self._kept is None or self._kept.changes != changes or abs(now - self._kept.at) >= LASTING_MS:
                self._kept = Kept(changes, now, self._read(store))
            return self._kept.value  # type: ignore[return-value]
