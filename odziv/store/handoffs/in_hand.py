"""Everything that waits, that somebody has, or that is snoozed, for whoever looks after the team."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select

from odziv.store.engine import Store
from odziv.store.schema import conversations, handoffs

MINUTE_MS = 60_000  # more than what a transaction takes: a conversation is changed in the one that closes
MOST_LISTED = 1000
_NOW = ("waiting", "claimed", "snoozed")


@dataclass(frozen=True)
class InHand:
    """A handoff that isn't over. Moments are in milliseconds; `asked_at` is since when the customer waits for the next
    answer, None while nothing is asked."""

    id: int
    conversation_id: str
    status: str
    agent_id: int | None
    language: str
    topic: str | None
    reason: str
    created_at: int
    claimed_at: int | None
    replied_at: int | None
    asked_at: int | None
    snoozed_until: int | None
    name: str | None
    email: str | None

    @property
    def waits_since(self) -> int | None:
        """Since when the customer waits for a person to answer; None when they have their answer, or it is snoozed."""
        if self.status == "snoozed":
            return None
        return self.created_at if self.replied_at is None else self.asked_at


def list_in_hand(store: Store) -> list[InHand]:
    """All of them, those that came first first; at most MOST_LISTED."""
    own = [handoffs.c[name] for name in InHand.__dataclass_fields__ if name not in ("name", "email")]
    statement = (
        select(*own, conversations.c.name, conversations.c.email)
        .join(conversations, conversations.c.id == handoffs.c.conversation_id)
        .where(handoffs.c.status.in_(_NOW))
        .order_by(handoffs.c.created_at, handoffs.c.id)
        .limit(MOST_LISTED)
    )
    with store.read() as connection:
        return [InHand(**row) for row in connection.execute(statement).mappings()]


def count_resolved(store: Store, since: int) -> Mapping[int, int]:
    """By agent, how many they have resolved since that moment; those with none are left out."""
    done = (handoffs.c.closed_at >= since) & (handoffs.c.outcome == "resolved") & handoffs.c.agent_id.is_not(None)
    # Whatever is closed changes its conversation, and those that changed since are few; by their status, all that were
    # ever closed would be read, and `coalesce` keeps the database from that.
    changed = select(conversations.c.id).where(conversations.c.updated_at >= since - MINUTE_MS)
    closed = func.coalesce(handoffs.c.status, "") == "closed"
    statement = select(handoffs.c.agent_id, func.count()).where(handoffs.c.conversation_id.in_(changed), done, closed)
    with store.read() as connection:
        return {agent_id: count for agent_id, count in connection.execute(statement.group_by(handoffs.c.agent_id))}


def mark_in_hand(store: Store) -> str:
    """Differs whenever the list does, or what is said in it."""
    sums = [func.sum(func.coalesce(column, 0)) for column in (handoffs.c.asked_at, handoffs.c.claimed_at)]
    statement = (
        select(handoffs.c.status, func.count(), func.sum(handoffs.c.id), func.sum(conversations.c.last_seq), *sums)
        .join(conversations, conversations.c.id == handoffs.c.conversation_id)
        .where(handoffs.c.status.in_(_NOW))
        .group_by(handoffs.c.status)
        .order_by(handoffs.c.status)
    )
    with store.read() as connection:
        return ".".join("-".join(map(str, row)) for row in connection.execute(statement)) or "0"
