"""A queue over the rows of a table: what is due is claimed, then finished, tried later or given up; and who does that.

Used by whatever is sent: mails, notifications, webhooks' deliveries, scheduled replies. Nothing is kept in memory, so
a process that is killed at any moment loses nothing: what it had claimed is due again when its lease is over.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Column, ColumnElement, Connection, Table, func, select, update

from odziv.processes.periodic import PeriodicTask
from odziv.store.engine import Store, moment_of

T = TypeVar("T")
LOOK_SECONDS = 1.0
MOST_DOUBLINGS = 20  # by then the longest wait has long been reached, and no number grows without end


@dataclass(frozen=True)
class BackOff:
    """How long to wait after a failed attempt, in milliseconds: `first_ms`, then `factor` times as long each time.

    Never longer than `longest_ms`; each longer or shorter by up to the share `jitter`. After `give_up_ms` it is over.
    """

    first_ms: int
    factor: int
    longest_ms: int
    give_up_ms: int
    jitter: float = 0.0

    def next_try(self, now: int, attempts: int, since: int) -> int | None:
        """The moment to try again after that many attempts since `since`; None when it is time to give up."""
        if now - since >= self.give_up_ms:
            return None
        wait = min(self.first_ms * self.factor ** min(attempts - 1, MOST_DOUBLINGS), self.longest_ms)
        return now + round(wait * random.uniform(1 - self.jitter, 1 + self.jitter))


class Queue:
    """The rows of `table` that are `waiting`, each from the moment in `due_at` on.

    To be claimed, a table needs the columns `id` and `attempts`; to be finished, `status` and `finished_at`.
    """

    def __init__(self, table: Table, due_at: Column[int], waiting: ColumnElement[bool] | None = None) -> None:
        self.table, self.due_at = table, due_at
        self.waiting = table.c.status == "waiting" if waiting is None else waiting

    def is_due(self, now: int) -> ColumnElement[bool]:
        """The condition under which a row is due."""
        return self.waiting & (self.due_at <= now)

    def find_next_due(self, store: Store) -> int | None:
        """When the next row is or was due; None when none waits."""
        with store.read() as connection:
            return connection.execute(select(func.min(self.due_at)).where(self.waiting)).scalar()

    def take(
        self, store: Store, lease_ms: int, load: Callable[[Connection, int], T], *only: ColumnElement[bool]
    ) -> T | None:
        """Claims what has been due longest, and returns what `load` makes of its id in the same transaction.

        None when nothing is due, or another was quicker. `only` are further conditions.
        """
        oldest = (
            select(self.table.c.id, self.due_at.label("due_at"))
            .where(self.is_due(store.clock()), *only)
            .order_by(self.due_at, self.table.c.id)
            .limit(1)
        )
        with store.read() as connection:  # a look first: mostly there is nothing to do
            seen = connection.execute(oldest).first()
        if seen is None:
            return None
        with store.write() as connection:
            # Of several who saw it, one still finds it as it was: each claim moves the moment.
            as_seen = (self.table.c.id == seen.id) & (self.due_at == seen.due_at)
            return load(connection, seen.id) if self.claim(connection, lease_ms, as_seen) else None

    def claim(self, connection: Connection, lease_ms: int, which: ColumnElement[bool]) -> list[int]:
        """Claims those of `which` that still wait, by one conditional UPDATE; returns their ids.

        Each attempt is counted. Whoever is killed while working loses nothing: it is due again after `lease_ms`.
        """
        values = {"attempts": self.table.c.attempts + 1, self.due_at.name: moment_of(connection) + lease_ms}
        claimed = update(self.table).where(self.waiting, which).values(**values).returning(self.table.c.id)
        return list(connection.execute(claimed).scalars())

    def finish(self, connection: Connection, ids: Sequence[int], status: str, **values: Any) -> None:
        """They are over: done, given up, or not wanted any more, as `status` says."""
        self._change(connection, ids, status=status, finished_at=moment_of(connection), **values)

    def try_later(self, connection: Connection, ids: Sequence[int], due_at: int, **values: Any) -> None:
        """It did not work this time: they are due again at `due_at`."""
        self._change(connection, ids, **{self.due_at.name: due_at, **values})

    def _change(self, connection: Connection, ids: Sequence[int], **values: Any) -> None:
        connection.execute(update(self.table).where(self.table.c.id.in_(ids)).values(**values))


class Worker(PeriodicTask):
    """A thread that works off what is due, then sleeps until the next is, or until it is woken.

    It looks at least every `look_seconds`, for what another process added and for a clock that was set back; None
    leaves looking to others. A failure of the store is logged and ends nothing.
    """

    def __init__(
        self,
        store: Store,
        name: str,
        work_next: Callable[[], bool],
        next_due: Callable[[], int | None] = lambda: None,
        *,
        look_seconds: float | None = LOOK_SECONDS,
        after_failure: float = 1.0,
    ) -> None:
        super().__init__(name, pause=look_seconds, after_failure=after_failure)
        self._store, self._look_seconds = store, look_seconds
        self._work_next, self._next_due = work_next, next_due

    def work_off(self) -> int:
        """Works until nothing is due, or it is to stop. Returns how many were worked on."""
        count = 0
        while not self._stopping.is_set() and self._work_next():
            count += 1
        return count

    def seconds_to_next(self) -> float | None:
        """How long to sleep."""
        due = None if self._look_seconds is None else self._next_due()
        if due is None or self._look_seconds is None:
            return self._look_seconds
        return min(self._look_seconds, max(0.0, (due - self._store.clock()) / 1000))

    def _run_once(self) -> float | None:
        self.work_off()
        return self.seconds_to_next()


def stop_all(workers: Iterable[Worker], timeout: float) -> None:
    """Ends them together, after what is under way, within so many seconds. What is left goes on at the next start."""
    workers = list(workers)
    for worker in workers:
        worker.begin_stop()
    ends = time.monotonic() + timeout
    for worker in workers:
        worker.stop(max(0.0, ends - time.monotonic()))
