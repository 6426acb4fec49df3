"""At a start: moments that the clock, set back since, has not come to yet. What was to happen by now happens now."""

from __future__ import annotations

from sqlalchemy import Column, ColumnElement, Table, true, update

from odziv.store.engine import HOUR_MS, Store, moment_of
from odziv.store.schema import (
    availability,
    deliveries,
    handoffs,
    mail_queue,
    notifications,
    pushes,
    scheduled_actions,
    scheduled_replies,
    side_mails,
)

# What is tried again, or can be taken back, and how long after now it may be due at the most: the longest back-off or
# lease, and a little more. Turns see to themselves (return_running_turns), and a snooze is a time of somebody's choice.
DUE: tuple[tuple[Table, Column[int], int], ...] = (
    (scheduled_replies, scheduled_replies.c.send_at, 60_000),
    (scheduled_actions, scheduled_actions.c.due_at, 120_000),
    (mail_queue, mail_queue.c.due_at, HOUR_MS + 60_000),
    (side_mails, side_mails.c.due_at, HOUR_MS + 60_000),
    (notifications, notifications.c.due_at, HOUR_MS + 60_000),
    (deliveries, deliveries.c.next_at, 4 * HOUR_MS),
    (pushes, pushes.c.due_at, HOUR_MS),
)
# When an agent was last there: a lease that began in the future would not end for so much longer.
SEEN: tuple[tuple[Table, Column[int], ColumnElement[bool]], ...] = (
    (availability, availability.c.seen_at, true()),
    (handoffs, handoffs.c.claimed_at, handoffs.c.status == "claimed"),
)


def bring_forward(store: Store) -> int:
    """Makes due what has been put off beyond any pause, and ends no lease later than it may; returns how many rows."""
    with store.write() as connection:
        now = moment_of(connection)
        late = [update(table).where(due > now + most).values({due.name: now}) for table, due, most in DUE]
        early = [update(table).where(seen > now, which).values({seen.name: now}) for table, seen, which in SEEN]
        return sum(connection.execute(statement).rowcount for statement in (*late, *early))
