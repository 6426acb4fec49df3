"""Who a customer is: what they said of themselves, or their site verified, and what their browser told."""

from __future__ import annotations

from sqlalchemy import update

from odziv.store.conversations.conversation import Conversation, load_conversation
from odziv.store.engine import Store, touch
from odziv.store.handoffs.after_hours import ask_no_more
from odziv.store.schema import conversations

TYPED = frozenset({"name", "email", "attributes", "language"})


class VerifiedBySite(Exception):
    """The site says who this is; what somebody types doesn't count against it."""


def change_contact(store: Store, conversation_id: str, **fields: object) -> Conversation | None:
    """Sets some of TYPED, as a customer or an agent typed them. None: there is no such conversation.

    Raises VerifiedBySite, with nothing changed, when the site verified the customer and name or e-mail would differ.
    """
    unknown = fields.keys() - TYPED
    if unknown:
        raise ValueError(f"no typed fields: {', '.join(sorted(unknown))}")
    with store.write() as connection:
        before = load_conversation(connection, conversation_id)
        if before is None:
            return None
        changed = {key: value for key, value in fields.items() if getattr(before, key) != value}
        if before.verified and changed.keys() & {"name", "email"}:
            raise VerifiedBySite(conversation_id)
        if changed:
            connection.execute(
                update(conversations)
                .where(conversations.c.id == conversation_id)
                .values(**changed, updated_at=store.clock())
            )
            if changed.get("email"):
                ask_no_more(connection, conversation_id)
            touch(connection, conversation_id)
        return load_conversation(connection, conversation_id)
