"""Which conversations are one customer's: those of which that is known, and those in which it was only said."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, or_, select, union

from odziv.store.conversations.conversation import Conversation
from odziv.store.mail.notifications import CODE, CONFIRMED
from odziv.store.schema import conversations, customer_addresses, mails, merges, messages, notifications

# Gives the forms in which an address may be stored.
Spell = Callable[[str], Collection[str]]


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


def spell_simply(address: str) -> set[str]:
    """As it is written, and in lower case."""
    return {address, address.lower()}


def select_known(conversation: Conversation, spell: Spell = spell_simply) -> Select[Any]:
    """The ids of the customer's other conversations, as far as that is known: the site verified both, both came by mail
    from one address, or an agent merged them."""
    c = conversations.c
    into = select(merges.c.into_id).where(merges.c.conversation_id == conversation.id)
    away = select(merges.c.conversation_id).where(merges.c.into_id == conversation.id)
    ways: list[ColumnElement[bool]] = [c.id.in_(into), c.id.in_(away)]
    if conversation.verified and conversation.customer is not None:
        ways.append(c.verified & (c.site == conversation.site) & (c.customer == conversation.customer))
    elif conversation.channel == "mail" and conversation.email is not None:
        ways.append((c.channel == "mail") & c.email.in_(spell(conversation.email)) & c.customer.is_(None))
    return select(c.id).where(or_(*ways), c.id != conversation.id)


def list_known(connection: Connection, conversation: Conversation) -> list[str]:
    """The same, looked up."""
    return list(connection.execute(select_known(conversation)).scalars())


def list_likely(connection: Connection, addresses: Collection[str], conversation_ids: Collection[str]) -> set[str]:
    """Those in which one of these addresses was typed, or added by an agent, and those that an agent merged with one of
    these conversations: whoever did that knows the customer, or takes somebody for them."""
    typed = select(conversations.c.id).where(func.lower(conversations.c.email).in_(addresses))
    added = select(customer_addresses.c.conversation_id).where(customer_addresses.c.address.in_(addresses))
    into = select(merges.c.into_id).where(merges.c.conversation_id.in_(conversation_ids))
    merged = select(merges.c.conversation_id).where(merges.c.into_id.in_(conversation_ids))
    return set(connection.execute(union(typed, added, into, merged)).scalars())


def list_in_order(connection: Connection, conversation_ids: Collection[str]) -> list[str]:
    """Those of them that are there, the oldest first."""
    these = select(conversations.c.id).where(conversations.c.id.in_(conversation_ids))
    return list(connection.execute(these.order_by(conversations.c.created_at, conversations.c.id)).scalars())
