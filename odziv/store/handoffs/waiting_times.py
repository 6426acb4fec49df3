"""How long customers wait for a person: noted as it happens, told from how it was lately."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select, update

from odziv.store.engine import Store
from odziv.store.schema import handoffs


@dataclass(frozen=True)
class Course:
    """What is known of a handoff beside who has it; moments in milliseconds, None while they haven't come."""

    after_hours: bool
    asks_email: bool
    priority: str | None
    first_claimed_at: int | None
    replied_at: int | None
    asked_at: int | None
    told_at: int | None
    outcome: str | None


def claim_values(now: int) -> dict[str, Any]:
    """What a claim sets on a handoff. When it was claimed first stays known."""
    first = func.coalesce(handoffs.c.first_claimed_at, now)
    return {"status": "claimed", "claimed_at": now, "first_claimed_at": first, "absence_told_at": None}


def note_reply(connection: Connection, conversation_id: str, now: int) -> None:
    """An agent answered: the first reply is given, and nothing is asked any more.

    Also when it waits for somebody else by now: a scheduled reply is sent as its agent goes.
    """
    connection.execute(
        update(handoffs)
        .where(handoffs.c.conversation_id == conversation_id, handoffs.c.status != "closed")
        .values(replied_at=func.coalesce(handoffs.c.replied_at, now), asked_at=None)
    )


def note_question(connection: Connection, conversation_id: str, now: int) -> None:
    """The customer wrote to a person; what they write before the reply doesn't begin the wait anew."""
    connection.execute(
        update(handoffs)
        .where(
            handoffs.c.conversation_id == conversation_id,
            handoffs.c.status != "closed",
            handoffs.c.asked_at.is_(None),
        )
        .values(asked_at=now)
    )


def mark_danger(connection: Connection, conversation_id: str) -> bool:
    """Somebody who waits for a person, or has one, writes of danger: urgent, before all others, and told anew.

    False when that was known, or nobody is waited for.
    """
    marked = connection.execute(
        update(handoffs)
        .where(
            handoffs.c.conversation_id == conversation_id,
            handoffs.c.status != "closed",
            handoffs.c.reason != "danger",
        )
        .values(reason="danger", priority="urgent", told_at=None, asks_email=False)
    )
    return marked.rowcount > 0


def list_recent_waits(store: Store, language: str, since: int, count: int) -> list[int]:
    """How long the last `count` of a language claimed after `since` waited, in milliseconds.

    Of those whose customers waited there: neither tickets nor who had gone.
    """
    waited_there = handoffs.c.after_hours.is_(False) & handoffs.c.deferred_to.is_(None)
    statement = (
        select(handoffs.c.first_claimed_at - handoffs.c.created_at)
        .where(handoffs.c.language == language, handoffs.c.first_claimed_at > since, waited_there)
        .order_by(handoffs.c.first_claimed_at.desc())
        .limit(count)
    )
    with store.read() as connection:
        return [max(0, wait) for wait in connection.execute(statement).scalars()]
