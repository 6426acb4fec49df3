"""Saving who the customer is, as an agent was told; where the site verified that, nobody types over it."""

from __future__ import annotations

from odziv.cases.refused import Kind, Refused
from odziv.store import Store
from odziv.store.conversations.conversation import Conversation
from odziv.store.customers.details import VerifiedBySite, change_contact
from odziv.texts.desk import _


def save_customer(store: Store, conversation_id: str, **fields: str | None) -> Conversation:
    """Sets `name` and `email`, or one of them; returns the conversation. Raises Refused."""
    try:
        changed = change_contact(store, conversation_id, **fields)
    except VerifiedBySite as error:
        problem = _("Not saved: the site says who this customer is, so it can’t be typed over.")
        raise Refused(Kind.CONFLICT, problem) from error
    if changed is None:
        raise Refused(Kind.NOT_FOUND, _("There is no such conversation."))
    return changed
