"""Which conversations are one customer's: those of which that is known, and those in which it was only said."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, func, select, union

from odziv.store.mail.notifications import CODE, CONFIRMED
from odziv.store.schema import conversations, mails, merges, messages, notifications


def list_of_customer_id(connection: Connection, site: str, customer: str) -> set[str]:
    """Those that the site verified to be this customer's; `customer` is its own id for them."""
    theirs = (conversations.c.site == site) & (conversations.c.customer == customer) & conversations.c.verified
    return set(connection.execute(select(conversations.c.id).where(theirs)).scalars())


def list_proven(connection: Connection, addresses: Collection[str]) -> set[str]:
    """Those of which one of these addresses, in lower case, is known to be the customer's.

    The inverse of `list_proven_addresses`: verified by the site, written from, or confirmed by a code.
    """
    if not addresses:  # the database would look through all conversations for none
        return set()
    verified = select(conversations.c.id).where(
        conversations.c.verified, func.lower(conversations.c.email).in_(addresses)
    )
    written = (
        select(mails.c.conversation_id)
        .join(messages, (messages.c.conversation_id == mails.c.conversation_id) & (messages.c.seq == mails.c.seq))
        .where(messages.c.sender == "customer", messages.c.author.is_(None))
        .where(func.lower(mails.c.sender).in_(addresses))
    )
    confirmed = (
        select(notifications.c.conversation_id)
        .join(conversations, conversations.c.id == notifications.c.conversation_id)
        .where(conversations.c.customer.is_(None), func.lower(notifications.c.recipient).in_(addresses))
        .where(notifications.c.kind == CODE, notifications.c.status == CONFIRMED)
    )
    return set(connection.execute(union(verified, written, confirmed)).scalars())


def list_likely(connection: Connection, addresses: Collection[str], conversation_ids: Collection[str]) -> set[str]:
    """Those in which one of these addresses was typed, and those that an agent merged with one of these
    conversations: whoever did that knows the customer, or takes somebody for them."""
    typed = select(conversations.c.id).where(func.lower(conversations.c.email).in_(addresses))
    into = select(merges.c.into_id).where(merges.c.conversation_id.in_(conversation_ids))
    merged = select(merges.c.conversation_id).where(merges.c.into_id.in_(conversation_ids))
    return set(connection.execute(union(typed, into, merged)).scalars())


def list_in_order(connection: Connection, conversation_ids: Collection[str]) -> list[str]:
    """Those of them that are there, the oldest first."""
    these = select(conversations.c.id).where(conversations.c.id.in_(conversation_ids))
    return list(connection.execute(these.order_by(conversations.c.created_at, conversations.c.id)).scalars())
