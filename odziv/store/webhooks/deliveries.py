"""Sending what waits for webhooks: take one, try it, note what came of it. A kill in between sends it again."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, delete, select, update

from odziv.store.audit import record
from odziv.store.engine import DAY_MS, Store, touch
from odziv.store.lengths import LONGEST_HOOK_ANSWER
from odziv.store.queue import Queue
from odziv.store.schema import deliveries, webhooks
from odziv.store.webhooks.events import WAKE_KEY

# A webhook to which nothing has come through for this long is switched off.
OFF_AFTER_MS = 3 * DAY_MS
# What is over is kept this long: to be looked at, and sent again.
KEEP_MS = 7 * DAY_MS


@dataclass(frozen=True)
class Delivery:
    """A delivery that was taken to be sent now."""

    id: int
    webhook_id: int
    url: str
    secret: str
    event_id: str
    body: str
    attempts: int
    since: int


@dataclass(frozen=True)
class Attempt:
    """What came of sending. `problem` is empty when it arrived."""

    status: int | None
    answer: str
    problem: str


# What an administrator sends again counts its attempts anew, since then.
_QUEUE = Queue(deliveries, deliveries.c.next_at, known_by=("since",))
_ENABLED = select(webhooks.c.id).where(webhooks.c.enabled.is_(True))
_LOAD = select(
    deliveries.c.id,
    deliveries.c.webhook_id,
    webhooks.c.url,
    webhooks.c.secret,
    deliveries.c.event_id,
    deliveries.c.body,
    deliveries.c.attempts,
    deliveries.c.since,
).join(webhooks, webhooks.c.id == deliveries.c.webhook_id)


def take_delivery(store: Store, busy: Collection[int], lease_ms: int) -> Delivery | None:
    """The delivery that has been due for longest, of webhooks not in `busy`; None when there is none.

    It counts as lost, and is due again, when nothing is heard of it for `lease_ms`.
    """
    webhook = deliveries.c.webhook_id
    return _QUEUE.take(store, lease_ms, _load, webhook.in_(_ENABLED), webhook.not_in(busy))


def _load(connection: Connection, number: int) -> Delivery:
    return Delivery(**connection.execute(_LOAD.where(deliveries.c.id == number)).mappings().one())


def finish_delivery(store: Store, delivery: Delivery, attempt: Attempt, next_at: int | None) -> bool:
    """Notes what came of an attempt: it arrived, will be tried again at `next_at`, or (None) has failed for good.

    Returns whether the webhook was switched off by this, because nothing has arrived for days. Nothing changes when it
    is no longer this attempt's: another has taken it since.
    """
    told = {
        "answer_status": attempt.status,
        "answer": attempt.answer[:LONGEST_HOOK_ANSWER] or None,
        "problem": attempt.problem[:LONGEST_HOOK_ANSWER] or None,
    }
    with store.write() as connection:
        if attempt.problem and next_at is not None:
            is_ours = _QUEUE.try_later(connection, [delivery], next_at, **told)
        else:
            status = "failed" if attempt.problem else "delivered"
            is_ours = _QUEUE.finish(connection, [delivery], status, **told)
        if not is_ours:
            return False
        if attempt.problem:
            return _count_failure(connection, delivery.webhook_id, store.clock())
        _count_success(connection, delivery.webhook_id)
        return False


def _count_success(connection: Connection, webhook_id: int) -> None:
    failing = (webhooks.c.id == webhook_id) & webhooks.c.failing_since.is_not(None)
    connection.execute(update(webhooks).where(failing).values(failing_since=None))


def _count_failure(connection: Connection, webhook_id: int, now: int) -> bool:
    this = webhooks.c.id == webhook_id
    connection.execute(update(webhooks).where(this, webhooks.c.failing_since.is_(None)).values(failing_since=now))
    too_long = this & webhooks.c.enabled.is_(True) & (webhooks.c.failing_since <= now - OFF_AFTER_MS)
    off = connection.execute(update(webhooks).where(too_long).values(enabled=False, off_reason="failing"))
    if off.rowcount:
        record(connection, "webhook_off", None, f"webhook:{webhook_id}", because="nothing arrived for days")
    return off.rowcount == 1


def send_again(store: Store, webhook_id: int, delivery_id: int) -> bool:
    """Makes a delivery due now, whatever became of it, for another day.

    It keeps its id, so receivers that have it already know. False when there is none, or the webhook is off.
    """
    now = store.clock()
    enabled = select(webhooks.c.id).where(webhooks.c.id == webhook_id, webhooks.c.enabled.is_(True))
    with store.write() as connection:
        if connection.execute(enabled).first() is None:
            return False
        again = connection.execute(
            update(deliveries)
            .where(deliveries.c.id == delivery_id, deliveries.c.webhook_id == webhook_id)
            .values(status="waiting", attempts=0, next_at=now, since=now, finished_at=None, problem=None)
        )
        touch(connection, WAKE_KEY)
        return again.rowcount == 1


def remove_old_deliveries(store: Store) -> int:
    """Deletes what has been over for a week; returns how many that were."""
    over = deliveries.c.finished_at < store.clock() - KEEP_MS
    with store.read() as connection:
        if connection.execute(select(deliveries.c.id).where(over).limit(1)).first() is None:
            return 0
    with store.write() as connection:
        return connection.execute(delete(deliveries).where(over)).rowcount
