"""What is known of the connection to a mail server, for monitors: when it last worked, what failed. Never a text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from odziv.store.engine import iso_time


class ConnectionState:
    """Written by the one thread that uses the connection."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._worked_at: int | None = None
        self._failed_at: int | None = None
        self._error: str | None = None
        self.is_down = False

    def worked(self) -> None:
        """The server answered as it should."""
        self._worked_at, self.is_down = self._clock(), False

    def failed(self, kind: str) -> None:
        """It did not; `kind` is the name of the error, without what it says."""
        self._failed_at, self._error, self.is_down = self._clock(), kind, True

    def as_json(self) -> dict[str, Any]:
        """State since the start: `unused`, `ok` or `down`, and the newest of each kind."""
        state = "down" if self.is_down else "unused" if self._worked_at is None else "ok"
        return {
            "state": state,
            "last_success": iso_time(self._worked_at) if self._worked_at else None,
            "last_failure": iso_time(self._failed_at) if self._failed_at else None,
            "last_error": self._error,
        }
