"""A resolved conversation that goes on with a person: its customer comes back, or an agent reopens it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, insert, select

from odziv.store.agents.availability import select_available
from odziv.store.agents.shown_name import name_for_customers
from odziv.store.audit import record
from odziv.store.conversations.conversation import Conversation, change_owner
from odziv.store.engine import DAY_MS, moment_of
from odziv.store.schema import agents, handoffs

# Who comes back later has something else at heart, which the bot may know.
SAME_MATTER_MS = 7 * DAY_MS


def give_back(connection: Connection, conversation: Conversation) -> str | None:
    """Gives a resolved conversation to the agent who had it, when they are there and available.

    Returns their name, as customers read it; None, with nothing changed, for all others. In the caller's transaction.
    """
    now, last = moment_of(connection), _find_last(connection, conversation.id)
    if last is None or last.outcome not in ("resolved", "silent") or now - last.closed_at > SAME_MATTER_MS:
        return None
    if connection.execute(select_available(now).where(agents.c.id == last.agent_id)).first() is None:
        return None
    begin_again(connection, conversation, last.agent_id, "returned")
    record(connection, "assigned", last.agent_id, f"conversation:{conversation.id}")
    names = connection.execute(select(agents.c.name, agents.c.shown_name).where(agents.c.id == last.agent_id)).one()
    return name_for_customers(names.name, names.shown_name)


def begin_again(connection: Connection, conversation: Conversation, agent_id: int, reason: str, **values: Any) -> None:
    """A new handoff, which the agent has at once; in the caller's transaction.

    Nobody waited for it, so `first_claimed_at` stays empty: how long customers wait is told from that.
    """
    now, last = moment_of(connection), _find_last(connection, conversation.id)
    row = {"status": "claimed", "agent_id": agent_id, "claimed_at": now, "created_at": now, "reason": reason}
    topic = last.topic if last is not None else None
    connection.execute(
        insert(handoffs).values(
            **row, conversation_id=conversation.id, language=conversation.language, topic=topic, **values
        )
    )
    change_owner(connection, conversation.id, "open", agent_id=agent_id)


def _find_last(connection: Connection, conversation_id: str) -> Any:
    c = handoffs.c
    of_it = select(c.agent_id, c.outcome, c.closed_at, c.topic).where(c.conversation_id == conversation_id)
    return connection.execute(of_it.order_by(c.id.desc()).limit(1)).first()
