"""How much waits, and since when: a few small questions, each answered by an index over what waits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select

from odziv.store.engine import Store
from odziv.store.schema import (
    deliveries,
    handoffs,
    mail_queue,
    mails,
    notifications,
    rule_events,
    scheduled_actions,
    turns,
)


@dataclass(frozen=True)
class Waiting:
    """How many there are, and since when the oldest waits: milliseconds since 1970, None where there is none."""

    count: int
    since: int | None


# What waits by name. Those of the queue wait for a person, open ones are with one, turns are the bot's to answer,
# actions can still be undone, or are due.
QUESTIONS: dict[str, Select[int, Any]] = {
    "queue": select(func.count(), func.min(handoffs.c.created_at)).where(handoffs.c.status == "waiting"),
    "snoozed": select(func.count(), func.min(handoffs.c.created_at)).where(handoffs.c.status == "snoozed"),
    "claimed": select(func.count(), func.min(handoffs.c.created_at)).where(handoffs.c.status == "claimed"),
    "turns": select(func.count(), func.min(turns.c.created_at)).where(turns.c.finished_at.is_(None)),
    "mails": select(func.count(), func.min(mail_queue.c.created_at)).where(mail_queue.c.status == "waiting"),
    "notifications": select(func.count(), func.min(notifications.c.created_at)).where(
        notifications.c.status == "waiting"
    ),
    "webhook_events": select(func.count(), func.min(deliveries.c.created_at)).where(deliveries.c.status == "waiting"),
    "actions": select(func.count(), func.min(scheduled_actions.c.due_at)).where(
        scheduled_actions.c.status == "waiting"
    ),
    "rule_events": select(func.count(), func.min(rule_events.c.created_at)).where(rule_events.c.status == "waiting"),
    "aside": select(func.count(), func.min(mails.c.created_at)).where(mails.c.conversation_id.is_(None)),
}


def measure_waiting(store: Store) -> dict[str, Waiting]:
    """All of them at one moment."""
    with store.read() as connection:
        rows = {name: connection.execute(question).one() for name, question in QUESTIONS.items()}
    return {name: Waiting(count, since) for name, (count, since) in rows.items()}
