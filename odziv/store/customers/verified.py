"""Customers a site verified: their conversations on any device, and what anybody agreed to."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, update

from odziv.store.conversations.conversation import (
    Conversation,
    delete_conversation,
    insert_conversation,
    load_conversation,
)
from odziv.store.customers.other_addresses import take_over_addresses
from odziv.store.engine import Store, touch
from odziv.store.fields.values import take_over_values
from odziv.store.schema import conversations, messages

GOING_ON = ("bot", "queued", "open")
MOST_LISTED, LONGEST_SAID = 50, 160


@dataclass(frozen=True)
class Earlier:
    """A conversation in its customer's own list; `said` is how they began it."""

    id: str
    status: str
    language: str
    created_at: int
    updated_at: int
    said: str


class AnotherPerson(Exception):
    """The conversation is somebody else's."""


def resume_conversation(store: Store, site: str, customer: str, **person: str | None) -> Conversation | None:
    """The customer's newest chat on the site that is not closed, with what the site says of them now; or None."""
    return resume_or_create(store, site, customer, person, None)


def resume_or_create(
    store: Store, site: str, customer: str, person: dict[str, str | None], new: dict[str, Any] | None
) -> Conversation | None:
    """The same; where there is none, one made of the columns in `new`. Two tabs that ask at once get the same."""
    theirs = (conversations.c.site == site) & (conversations.c.customer == customer) & conversations.c.verified
    going_on = conversations.c.status.in_(GOING_ON) & (conversations.c.channel == "widget")
    newest = select(conversations.c.id).where(theirs, going_on)
    newest = newest.order_by(conversations.c.updated_at.desc(), conversations.c.id).limit(1)
    verified = {"customer": customer, "verified": True, **person}
    with store.write() as connection:
        found = connection.execute(newest).scalar()
        if found is None:
            if new is None:
                return None
            opened = insert_conversation(connection, site=site, **new, **verified)
            take_over_values(connection, opened.id)
            take_over_addresses(connection, opened.id)
            return opened
        _set(connection, found, verified)
        return load_conversation(connection, found)


def identify_conversation(
    store: Store, conversation_id: str, customer: str, **person: str | None
) -> Conversation | None:
    """The site says whose this is. None: there is no such conversation. Raises AnotherPerson: it was said otherwise.

    What was typed before goes: beside a verified id, it would pass for verified.
    """
    with store.write() as connection:
        before = load_conversation(connection, conversation_id)
        if before is None:
            return None
        if before.customer not in (None, customer):
            raise AnotherPerson(conversation_id)
        _set(connection, conversation_id, {"customer": customer, "verified": True, **person})
        if not before.verified:
            take_over_values(connection, conversation_id)
            take_over_addresses(connection, conversation_id)
        return load_conversation(connection, conversation_id)


def list_of_customer(store: Store, site: str, customer: str) -> list[Earlier]:
    """What the site verified to be this customer's, newest first; only where something was written."""
    of_it = (messages.c.conversation_id == conversations.c.id) & (messages.c.sender == "customer")
    first = select(func.substr(messages.c.text, 1, LONGEST_SAID)).where(of_it).order_by(messages.c.seq).limit(1)
    said = first.scalar_subquery()
    columns = (conversations.c[name] for name in ("id", "status", "language", "created_at", "updated_at"))
    statement = (
        select(*columns, said.label("said"))
        .where(conversations.c.site == site, conversations.c.customer == customer, conversations.c.verified)
        .where(said.is_not(None))
        .order_by(conversations.c.updated_at.desc(), conversations.c.id)
        .limit(MOST_LISTED)
    )
    with store.read() as connection:
        return [Earlier(**row) for row in connection.execute(statement).mappings()]


def record_consent(store: Store, conversation_id: str, version: str) -> Conversation | None:
    """Keeps when the customer agreed to which text; the first time counts."""
    with store.write() as connection:
        connection.execute(
            update(conversations)
            .where(conversations.c.id == conversation_id, conversations.c.consent_at.is_(None))
            .values(consent_at=store.clock(), consent_text=version)
        )
        return load_conversation(connection, conversation_id)


def forget_customer(
    store: Store,
    conversation: Conversation,
    *,
    all_of_theirs: bool,
    senders_of: Callable[[str], Collection[str]] = lambda _: (),
) -> list[str]:
    """Deletes a conversation at its customer's wish, or all that the site says are theirs; returns their ids.

    `senders_of` gives the addresses of a conversation's customer, whose mails that were put aside go with it.

    The conversation itself goes last: should this be cut short, its token still serves to ask again.
    """
    others: list[str] = []
    if all_of_theirs and conversation.customer is not None:
        theirs = (conversations.c.site == conversation.site) & (conversations.c.customer == conversation.customer)
        with store.read() as connection:
            rest = select(conversations.c.id).where(theirs, conversations.c.id != conversation.id)
            others = list(connection.execute(rest).scalars())
    for conversation_id in (*others, conversation.id):
        delete_conversation(store, conversation_id, action="forgotten", senders=senders_of(conversation_id))
    return [*others, conversation.id]


def _set(connection: Any, conversation_id: str, values: dict[str, Any]) -> None:
    """Only what differs: a page that says the same again at each load wakes nobody."""
    row = connection.execute(select(conversations).where(conversations.c.id == conversation_id)).mappings().one()
    changed = {key: value for key, value in values.items() if row[key] != value}
    if changed:
        connection.execute(update(conversations).where(conversations.c.id == conversation_id).values(**changed))
        touch(connection, conversation_id)
