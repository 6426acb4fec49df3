"""What an agent may want to be told of: what customers wrote in the conversations they have."""

from __future__ import annotations

from sqlalchemy import func, select

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
