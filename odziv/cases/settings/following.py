"""Has a process follow what administrators set at the desk, whichever process they set it in."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Protocol, runtime_checkable

import structlog

from odziv.processes.periodic import PeriodicTask
from odziv.settings import Settings
from odziv.settings.layers import Effective, LeftOut, build_what_fits
from odziv.settings.offered import write_key
from odziv.store import Store
from odziv.store.settings.changes import SETTINGS, read_edition, read_values

log = structlog.get_logger()
LOOK_SECONDS = 10.0  # between looks for what no message told of


@runtime_checkable
class KeepsSettings(Protocol):
    """Works with the settings that it is given, until it is given others."""

    settings: Settings


class SettingsFollower(PeriodicTask):
    """Knows the settings that hold: those of the file, and under them those of the desk.

    `takers` are called with the new ones after each change. Who keeps settings for longer than a request has to be one.
    """

    def __init__(self, store: Store, base: Settings) -> None:
        super().__init__("settings-follower", pause=LOOK_SECONDS, first=LOOK_SECONDS)
        self.base, self.takers = base, list[Callable[[Settings], None]]()
        self._store, self._looking = store, threading.Lock()
        self.edition, self._effective = 0, Effective(base)
        self.values: dict[str, Any] = {}  # what is set at the desk, by key
        self._read()

    @property
    def settings(self) -> Settings:
        """Those that hold."""
        return self._effective.settings

    @property
    def left_out(self) -> tuple[LeftOut, ...]:
        """What is set at the desk and does not count: unknown here, or against what config.yml says by now."""
        return self._effective.left_out

    def hear(self, touched: set[str]) -> None:
        """A commit changed these."""
        if SETTINGS in touched:
            self.wake()

    def look(self) -> bool:
        """Takes over what was changed since the last look; returns whether anything was."""
        with self._looking:
            if read_edition(self._store) == self.edition:
                return False
            self._read()
            for take in self.takers:
                try:
                    take(self.settings)
                except Exception:  # the others are to follow all the same
                    log.exception("settings_not_taken")
            log.info("settings_taken", edition=self.edition)
            return True

    def _run_once(self) -> None:
        self.look()

    def _read(self) -> None:
        self.edition, self.values = read_values(self._store)
        self._effective = build_what_fits(self.base, self.values) if self.values else Effective(self.base)
        for each in self.left_out:
            log.warning("setting_left_out", key=write_key(each.key), why=each.why.english)
