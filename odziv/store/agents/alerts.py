"""What an agent may want to be told of: what customers wrote in the conversations they have."""

from __future__ import annotations

from sqlalchemy import case, func, select

from odziv.store.engine import Store
from odziv.store.schema import handoffs, messages


def list_newest_of_customers(store: Store, agent_id: int) -> dict[str, int]:
    """For each conversation this agent has, the number of its customer's newest message."""
    statement = (
        select(messages.c.conversation_id, func.max(messages.c.seq))
        .join(handoffs, handoffs.c.conversation_id == messages.c.conversation_id)
        .where(handoffs.c.status == "claimed", handoffs.c.agent_id == agent_id, messages.c.sender == "customer")
        .group_by(messages.c.conversation_id)
    )
    with store.read() as connection:
        return {row[0]: row[1] for row in connection.execute(statement)}


def list_unanswered(store: Store, agent_id: int) -> dict[str, int]:
    """The same, of those conversations in which no answer has been given to it yet."""
    c = messages.c
    newest = func.max(case((c.sender == "customer", c.seq), else_=0))
    answered = func.max(case((c.sender == "agent", c.seq), else_=0))
    statement = (
        select(c.conversation_id, newest)
        .join(handoffs, handoffs.c.conversation_id == c.conversation_id)
        .where(handoffs.c.status == "claimed", handoffs.c.agent_id == agent_id, c.internal.is_(False))
        .group_by(c.conversation_id)
        .having(newest > answered)
    )
    with store.read() as connection:
        return {row[0]: row[1] for row in connection.execute(statement)}
