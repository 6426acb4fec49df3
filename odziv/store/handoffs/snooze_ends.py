"""The end of a snooze, inside a transaction: the conversation is in its agent's inbox again, with a fresh lease."""

from __future__ import annotations

from sqlalchemy import Connection, update

from odziv.store.engine import touch
from odziv.store.schema import handoffs


def wake(connection: Connection, conversation_id: str, now: int, agent_id: int | None = None) -> bool:
    """Ends the snooze of a conversation (of this agent, when one is named). False: there was none, or somebody did it.

    `now` counts as a sign of life: an agent who is away then has as long to come back as with any claim.
    """
    statement = update(handoffs).where(handoffs.c.conversation_id == conversation_id, handoffs.c.status == "snoozed")
    if agent_id is not None:
        statement = statement.where(handoffs.c.agent_id == agent_id)
    woken = connection.execute(statement.values(status="claimed", snoozed_until=None, claimed_at=now))
    if woken.rowcount:
        touch(connection, conversation_id)
    return woken.rowcount > 0
