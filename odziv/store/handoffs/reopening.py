"""Reopening: an agent takes a resolved conversation up again."""

from __future__ import annotations

from sqlalchemy import select

from odziv.store.audit import record
from odziv.store.conversations.conversation import load_conversation
from odziv.store.conversations.messages import NewMessage, append_message
from odziv.store.engine import Store
from odziv.store.handoffs.returning import begin_again
from odziv.store.schema import merges


class MergedAway(Exception):
    """It goes on in another conversation, whose id this carries."""


def reopen(store: Store, conversation_id: str, agent_id: int, notice: NewMessage) -> bool:
    """Gives a resolved conversation to the agent, with a notice to its customer. Of several agents one wins.

    False, with nothing changed: it is not resolved, or not there. Raises MergedAway.
    """
    with store.write() as connection:
        conversation = load_conversation(connection, conversation_id)
        if conversation is None or conversation.status != "resolved":
            return False
        into = select(merges.c.into_id).where(merges.c.conversation_id == conversation_id)
        if (other := connection.execute(into).scalar()) is not None:
            raise MergedAway(other)
        # Nobody asked for it, so no answer is due before the customer writes.
        begin_again(connection, conversation, agent_id, "reopened", replied_at=store.clock())
        append_message(connection, conversation_id, notice)
        record(connection, "reopened", agent_id, f"conversation:{conversation_id}")
        return True
