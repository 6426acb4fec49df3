"""Who a customer is: what they said of themselves, or their site vouched for, and what their browser told."""

from __future__ import annotations

from sqlalchemy import update

from store.conversations import Conversation, load_conversation
from store.engine import Store, now_ms, touch
from store.schema import conversations

FIELDS = frozenset({"name", "email", "customer", "verified", "browser", "attributes"})


def set_contact(store: Store, conversation_id: str, **fields: object) -> Conversation | None:
    """Sets some of FIELDS and leaves the others; whoever follows the conversation is woken. None: there is none."""
    unknown = fields.keys() - FIELDS
    if unknown:
        raise ValueError(f"no contact fields: {', '.join(sorted(unknown))}")
    with store.write() as connection:
        connection.execute(
            update(conversations).where(conversations.c.id == conversation_id).values(**fields, updated_at=now_ms())
        )
        touch(connection, conversation_id)
        return load_conversation(connection, conversation_id)
