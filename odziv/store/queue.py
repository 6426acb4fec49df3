"""A queue over the rows of a table: what is due is claimed, then finished, tried later or given up; and who does that.

Used by the bot's turns and by whatever is sent: mails, notifications, webhooks' deliveries, scheduled replies. Nothing
is kept in memory, so a process that is killed at any moment loses nothing: what it had claimed is due again when its
lease is over. Should it only have been slow, what comes of its attempt then is not taken: the claim is another's.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol, TypeVar

from sqlalchemy import (
    BindParameter,
    Column,
    ColumnElement,
    Connection,
    Row,
    Select,
    Table,
    and_,
    bindparam,
    func,
    select,
    true,
    tuple_,
    update,
)
from sqlalchemy.sql.dml import ReturningUpdate, Update

from odziv.processes.periodic import Bell, PeriodicTask, WatchedThread
from odziv.store.engine import Store, moment_of

T = TypeVar("T")
LOOK_SECONDS = 1.0
MOST_DOUBLINGS = 20  # by then the longest wait has long been reached, and no number grows without end


@dataclass(frozen=True)
class BackOff:
    """How long to wait after a failed attempt, in milliseconds: `first_ms`, then `factor` times as long each time.

    Never longer than `longest_ms`; each longer or shorter by up to the share `jitter`. After `give_up_ms` it is over;
    None: never, by time alone.
    """

    first_ms: int
    factor: int
    longest_ms: int
    give_up_ms: int | None
    jitter: float = 0.0

    def next_try(self, now: int, attempts: int, since: int) -> int | None:
        """The moment to try again after that many attempts since `since`; None when it is time to give up."""
        if self.give_up_ms is not None and now - since >= self.give_up_ms:
            return None
        return now + self.wait_ms(attempts)

    def wait_ms(self, attempts: int) -> int:
        """How long to wait after that many attempts."""
        wait = min(self.first_ms * self.factor ** min(attempts - 1, MOST_DOUBLINGS), self.longest_ms)
        return round(wait * random.uniform(1 - self.jitter, 1 + self.jitter))


class Taken(Protocol):
    """What was claimed, as its user loaded it: the row's key is in fields of the same names."""

    @property
    def attempts(self) -> int: ...


class Queue:
    """The rows of `table` that are `waiting`, each from the moment in `due_at` on.

    To be claimed, a table needs the column `attempts`; to be finished, `status` and `finished_at`. Whatever its primary
    key is, `Taken` has it. What is claimed has to be `waiting` too, so that it is due again after the lease.

    `may_begin` is what has to hold besides for a row to be claimed, and `begun` are the values that a claim sets. A
    claim is known by the number of its attempt, and by the columns named in `known_by`, for where that begins anew.
    """

    def __init__(
        self,
        table: Table,
        due_at: Column[int],
        waiting: ColumnElement[bool] | None = None,
        *,
        may_begin: ColumnElement[bool] | None = None,
        begun: Mapping[str, Any] | None = None,
        known_by: Sequence[str] = (),
    ) -> None:
        self.table, self.due_at = table, due_at
        self.waiting = table.c.status == "waiting" if waiting is None else waiting
        self._may_begin = true() if may_begin is None else may_begin
        self._begun = dict(begun or {})
        self._key = tuple(table.primary_key.columns)
        self._claim_names = (*(column.name for column in self._key), "attempts", *known_by)

    def is_due(self, now: int | BindParameter[int]) -> ColumnElement[bool]:
        """The condition under which a row is due."""
        return self.waiting & (self.due_at <= now)

    def find_next_due(self, store: Store, *only: ColumnElement[bool]) -> int | None:
        """When the next row that may begin is or was due, or a lease is over; None when there is none.

        `only` are further conditions.
        """
        with store.read() as connection:
            return connection.execute(self._next_due.where(*only)).scalar()

    def take(self, store: Store, lease_ms: int, load: Callable[..., T], *only: ColumnElement[bool]) -> T | None:
        """Claims what has been due longest, and returns what `load(connection, *key)` makes of it.

        `load` runs in the same transaction, so when it fails nothing is claimed. None when nothing is due. `only` are
        further conditions.
        """
        look, claim = self._select_and_claim(*only) if only else self._any
        while True:
            with store.read() as connection:  # a look first: mostly there is nothing to do
                if connection.execute(look, {"now": store.clock()}).first() is None:
                    return None
            with store.write() as connection:
                now = moment_of(connection)
                key = connection.execute(claim, {"now": now, "lease_end": now + lease_ms}).first()
                if key is not None:
                    return load(connection, *key)
            # Others have taken it since; perhaps they left something.

    def claim(self, connection: Connection, lease_ms: int, which: ColumnElement[bool]) -> Sequence[Row[Any]]:
        """Claims those of `which` that still wait, by one conditional UPDATE; returns their keys.

        Each attempt is counted. Whoever is killed while working loses nothing: it is due again after `lease_ms`.
        """
        statement = self._claim_those(self._may_begin, which)
        return connection.execute(statement, {"lease_end": moment_of(connection) + lease_ms}).all()

    def finish(self, connection: Connection, taken: Iterable[Taken], status: str, **values: Any) -> int:
        """They are over: done, given up, or not wanted any more, as `status` says. Returns how many that was.

        Those that another has claimed since, or ended, stay as they are.
        """
        return self._change(connection, taken, status=status, finished_at=moment_of(connection), **values)

    def try_later(self, connection: Connection, taken: Iterable[Taken], due_at: int, **values: Any) -> int:
        """It did not work this time: they are due again at `due_at`. Returns how many; others' stay as they are."""
        return self._change(connection, taken, **{self.due_at.name: due_at, **values})

    def _change(self, connection: Connection, taken: Iterable[Taken], **values: Any) -> int:
        changed = 0
        for each in taken:
            claim = {f"taken_{name}": getattr(each, name) for name in self._claim_names}
            changed += connection.execute(self._change_claimed, {**values, **claim}).rowcount
        return changed

    # Built once: for what is done with each turn that takes longer than running it.

    @cached_property
    def _next_due(self) -> Select[int]:
        return select(func.min(self.due_at)).where(self.waiting, self._may_begin)

    @cached_property
    def _any(self) -> tuple[Select[Any], ReturningUpdate[Any]]:
        return self._select_and_claim()

    def _select_and_claim(self, *only: ColumnElement[bool]) -> tuple[Select[Any], ReturningUpdate[Any]]:
        """What has been due longest, and the UPDATE that claims it: of several who try, one finds it so."""
        now = bindparam("now", type_=self.due_at.type)
        due = select(*self._key).where(self.is_due(now), self._may_begin, *only)
        oldest = due.order_by(self.due_at, *self._key).limit(1)
        return oldest, self._claim_those(self.due_at <= now, tuple_(*self._key).in_(oldest))

    def _claim_those(self, *which: ColumnElement[bool]) -> ReturningUpdate[Any]:
        lease_end = bindparam("lease_end", type_=self.due_at.type)
        values = {"attempts": self.table.c.attempts + 1, self.due_at.name: lease_end, **self._begun}
        return update(self.table).where(self.waiting, *which).values(**values).returning(*self._key)

    @cached_property
    def _change_claimed(self) -> Update:
        same = [self.table.c[name] == bindparam(f"taken_{name}") for name in self._claim_names]
        begun = [self.table.c[name] == value for name, value in self._begun.items()]
        return update(self.table).where(and_(*same, *begun), self.waiting)


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
        bell: Bell | None = None,
    ) -> None:
        super().__init__(name, pause=look_seconds, after_failure=after_failure, bell=bell)
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


def stop_all(tasks: Iterable[PeriodicTask], timeout: float) -> None:
    """Ends them together, after what is under way, within so many seconds. What is left goes on at the next start."""
    tasks = list(tasks)
    for task in tasks:
        task.begin_stop()
    ends = time.monotonic() + timeout
    for task in tasks:
        task.stop(max(0.0, ends - time.monotonic()))


class Workers:
    """Several `Worker`s for one queue, `name-0` and so on: what is new wakes one of them, and they end together.

    The first looks around by itself too, for what is tried again, and for what another process added or had.
    """

    def __init__(
        self, store: Store, name: str, work_next: Callable[[], bool], next_due: Callable[[], int | None], *, count: int
    ) -> None:
        self._bell = Bell(most=count)
        self._stopping = self._bell.stopping
        self._workers = [
            Worker(
                store,
                f"{name}-{number}",
                work_next,
                next_due,
                look_seconds=None if number else LOOK_SECONDS,
                bell=self._bell,
            )
            for number in range(count)
        ]

    def start(self) -> None:
        """Begins."""
        for worker in self._workers:
            worker.start()

    def threads(self) -> list[WatchedThread]:
        """Those of all of them."""
        return [thread for worker in self._workers for thread in worker.threads()]

    def wake(self) -> None:
        """There is one more to work on."""
        self._bell.ring()

    def stop(self, timeout: float = 10.0) -> None:
        """Ends after what is under way, within so many seconds. What is left goes on at the next start."""
        stop_all(self._workers, timeout)
