"""Webhooks as administrators set them up: where to send, what, and whether it arrives."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from odziv.store.agents.agent import check_admin
from odziv.store.audit import record
from odziv.store.engine import Store
from odziv.store.schema import deliveries, webhooks
from odziv.store.webhooks.events import EVENTS, TEST_EVENT, add_delivery, new_event_id

SECRET_BYTES = 32  # Standard Webhooks asks for 24 to 64


@dataclass(frozen=True)
class Webhook:
    """One address. `off_reason` is "admin", or "failing" when it was switched off after days without success."""

    id: int
    url: str
    events: tuple[str, ...]
    enabled: bool
    failing_since: int | None
    off_reason: str | None
    last_seq: int
    created_at: int


@dataclass(frozen=True)
class ListedDelivery:
    """One event on its way to one webhook. `status` is waiting, delivered or failed."""

    id: int
    event_id: str
    event: str
    conversation_id: str | None
    status: str
    attempts: int
    next_at: int
    created_at: int
    finished_at: int | None
    answer_status: int | None
    answer: str | None
    problem: str | None


_WEBHOOK = [webhooks.c[name] for name in Webhook.__dataclass_fields__]
_DELIVERY = [deliveries.c[name] for name in ListedDelivery.__dataclass_fields__]


def add_webhook(store: Store, url: str, events: Iterable[str], by: int | None = None) -> tuple[int, str]:
    """Returns the new webhook's id and its secret, which is shown once. Raises ValueError for an unknown event."""
    chosen = [event for event in EVENTS if event in set(events)]
    if not chosen or set(events) - set(EVENTS):
        raise ValueError(f"events must be some of {', '.join(EVENTS)}")
    secret = "whsec_" + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()
    values = {"url": url, "events": chosen, "secret": secret, "enabled": True, "last_seq": 0}
    with store.write() as connection:
        check_admin(connection, by)
        inserted = connection.execute(insert(webhooks).values(**values, created_at=store.clock(), created_by=by))
        webhook_id = inserted.inserted_primary_key[0]
        record(connection, "webhook_added", by, f"webhook:{webhook_id}", events=len(chosen))
        return webhook_id, secret


def list_webhooks(store: Store) -> list[Webhook]:
    """Every webhook, the oldest first."""
    with store.read() as connection:
        return [_read(row) for row in connection.execute(select(*_WEBHOOK).order_by(webhooks.c.id)).mappings()]


def find_webhook(store: Store, webhook_id: int) -> Webhook | None:
    """One webhook, or None."""
    with store.read() as connection:
        row = connection.execute(select(*_WEBHOOK).where(webhooks.c.id == webhook_id)).mappings().first()
    return _read(row) if row else None


def _read(row: Any) -> Webhook:
    return Webhook(**{**row, "events": tuple(row["events"])})


def count_given_up(store: Store) -> int:
    """How many webhooks were switched off because nothing arrived."""
    given_up = webhooks.c.enabled.is_(False) & (webhooks.c.off_reason == "failing")
    with store.read() as connection:
        return connection.execute(select(func.count()).select_from(webhooks).where(given_up)).scalar_one()


@dataclass(frozen=True)
class Webhooks:
    """All of them together: events on their way, and webhooks where nothing arrives or that were given up for it."""

    waiting: int
    failing: int


def measure_webhooks(store: Store) -> Webhooks:
    """How they are."""
    on, off = webhooks.c.enabled.is_(True), webhooks.c.enabled.is_(False)
    failing = (on & webhooks.c.failing_since.is_not(None)) | (off & (webhooks.c.off_reason == "failing"))
    waiting = select(func.count()).select_from(deliveries).join(webhooks, webhooks.c.id == deliveries.c.webhook_id)
    with store.read() as connection:
        return Webhooks(
            connection.execute(waiting.where(on, deliveries.c.status == "waiting")).scalar_one(),
            connection.execute(select(func.count()).select_from(webhooks).where(failing)).scalar_one(),
        )


def set_enabled(store: Store, webhook_id: int, enabled: bool, by: int | None = None) -> bool:
    """Switches a webhook on or off; returns whether that changed anything. What waits is kept, and goes on later."""
    values: dict[str, Any] = {"enabled": enabled, "off_reason": None if enabled else "admin", "failing_since": None}
    with store.write() as connection:
        check_admin(connection, by)
        changed = connection.execute(
            update(webhooks).where(webhooks.c.id == webhook_id, webhooks.c.enabled.is_not(enabled)).values(**values)
        )
        if changed.rowcount:
            record(connection, "webhook_on" if enabled else "webhook_off", by, f"webhook:{webhook_id}")
        return changed.rowcount == 1


def remove_webhook(store: Store, webhook_id: int, by: int | None = None) -> bool:
    """Deletes a webhook and everything that was, or was to be, sent to it."""
    with store.write() as connection:
        check_admin(connection, by)
        connection.execute(delete(deliveries).where(deliveries.c.webhook_id == webhook_id))
        removed = connection.execute(delete(webhooks).where(webhooks.c.id == webhook_id))
        if removed.rowcount:
            record(connection, "webhook_removed", by, f"webhook:{webhook_id}")
        return removed.rowcount == 1


def send_test(store: Store, webhook_id: int) -> bool:
    """Writes a test event for one webhook; False when there is none, or it is off."""
    with store.write() as connection:
        enabled = select(webhooks.c.id).where(webhooks.c.id == webhook_id, webhooks.c.enabled.is_(True))
        if connection.execute(enabled).first() is None:
            return False
        add_delivery(connection, webhook_id, TEST_EVENT, new_event_id(), {})
        return True


def list_deliveries(
    store: Store, webhook_id: int, *, before: int | None = None, failed: bool = False, limit: int = 50
) -> list[ListedDelivery]:
    """What was sent to a webhook, newest first; only what didn't arrive with `failed`."""
    statement = select(*_DELIVERY).where(deliveries.c.webhook_id == webhook_id)
    if before is not None:
        statement = statement.where(deliveries.c.id < before)
    if failed:
        statement = statement.where(deliveries.c.status == "failed")
    with store.read() as connection:
        rows = connection.execute(statement.order_by(deliveries.c.id.desc()).limit(limit)).mappings()
        return [ListedDelivery(**row) for row in rows]
