"""Deletes what the rules say, a few rows in a transaction, so that nobody who writes waits for long."""

from __future__ import annotations

import contextlib
import threading
from collections import Counter
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import structlog

from kb.render import render_plain
from odziv.cases.forgetting import HOUR_SECONDS, forget_remains, list_senders
from odziv.cases.retention.plan import list_old_logs
from odziv.cases.retention.rules import Rule, list_rules
from odziv.processes.periodic import PeriodicTask
from odziv.settings import Settings
from odziv.store import Store
from odziv.store.audit import record, record_alone, remove_old_entries
from odziv.store.retention.conversations import delete_old_conversation, list_old_conversations
from odziv.store.retention.parts import FILES, PARTS, Part, list_old_parts, remove_files, remove_parts
from odziv.store.search.filling import forget_stale_entries
from odziv.texts.notices import notice

log = structlog.get_logger()
STEP = 50  # rows of a transaction; of conversations, how many go before their remains are overwritten
PAUSE_SECONDS = 0.05  # after each transaction, for whoever waits to write
NIGHT = range(1, 5)  # hours in which it runs by itself
ACTION = "expired"


class RetentionRun:
    """One run over all rules. It may be ended between two steps; the next one goes on there."""

    def __init__(
        self, store: Store, settings: Settings, stopping: threading.Event, pause: float = PAUSE_SECONDS
    ) -> None:
        self._store, self._settings, self._stopping, self._pause = store, settings, stopping, pause
        self.deleted: Counter[str] = Counter()

    def run(self) -> Counter[str]:
        """Deletes all that is too old; returns how many of each kind."""
        now = self._store.clock()
        for rule in list_rules(self._settings, now):
            if rule.kind == "conversations":
                self._delete_conversations(rule)
            else:
                for part in PARTS[rule.kind]:
                    self._delete_parts(rule, part)
        self._forget_found()
        if not self._stopping.is_set():
            self._delete_entries()
            self._delete_logs(now)
        return self.deleted

    def _delete_conversations(self, rule: Rule) -> None:
        """Each as its customer would have it deleted; the audit trail has an entry of each."""
        while not self._stopping.is_set() and (due := list_old_conversations(self._store, rule.scope, STEP)):
            for conversation_id in due:
                senders = list_senders(self._store, self._settings, conversation_id)
                self.deleted["conversations"] += delete_old_conversation(
                    self._store, rule.scope, conversation_id, senders
                )
                self._stopping.wait(self._pause)
            forget_remains(self._store, self._settings.var, due)

    def _delete_parts(self, rule: Rule, part: Part) -> None:
        while not self._stopping.is_set() and (keys := list_old_parts(self._store, part, rule.scope, STEP)):
            files: list[str] = []
            with self._store.write() as connection:
                if part is FILES:
                    files = remove_files(self._store, connection, keys, _say_gone)
                    count = len(files)
                else:
                    count = remove_parts(connection, part, keys)
                record(connection, ACTION, None, part.table.name, count=count, site=rule.scope.site)
            self._store.files.remove(files)
            self.deleted[rule.kind] += count
            forget_remains(self._store, self._settings.var, ())
            self._stopping.wait(self._pause)

    def _forget_found(self) -> None:
        """What versions before this one left to be found of mails and files that are no longer kept."""
        while not self._stopping.is_set() and forget_stale_entries(self._store, STEP):
            self._stopping.wait(self._pause)

    def _delete_entries(self) -> None:
        if days := self._settings.retention.audit:
            self._note("audit", remove_old_entries(self._store, days))

    def _delete_logs(self, now: int) -> None:
        days = self._settings.retention.logs
        count = 0
        for path in list_old_logs(self._settings.var, days, now) if days else ():
            with contextlib.suppress(FileNotFoundError):
                path.unlink()
                count += 1
        self._note("logs", count)

    def _note(self, kind: str, count: int) -> None:
        if count:
            self.deleted[kind] += count
            record_alone(self._store, ACTION, None, kind, count=count)


def _say_gone(language: str) -> tuple[str, str]:
    text = notice("file_gone", language)
    return text, render_plain(text)


class RetentionTask(PeriodicTask):
    """Looks once an hour whether it is night, in the desk's time zone, and then deletes what is too old."""

    def __init__(self, store: Store, settings: Settings) -> None:
        super().__init__("retention", pause=HOUR_SECONDS)
        self._store, self.settings = store, settings

    def _run_once(self) -> None:
        if not self.settings.retention.is_on or not self._is_night():
            return
        if deleted := RetentionRun(self._store, self.settings, self._stopping).run():
            log.info("retention", **deleted)

    def _is_night(self) -> bool:
        zone = ZoneInfo(self.settings.desk.hours.time_zone or "UTC")
        return datetime.fromtimestamp(self._store.clock() / 1000, UTC).astimezone(zone).hour in NIGHT
