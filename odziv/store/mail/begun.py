"""Conversations that an agent begins by e-mail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, or_, select

from odziv.store.audit import record
from odziv.store.conversations.conversation import insert_conversation, load_conversation
from odziv.store.conversations.messages import NewMessage, append_message
from odziv.store.customers.other_addresses import take_over_addresses
from odziv.store.engine import Store
from odziv.store.fields.values import take_over_values
from odziv.store.handoffs.returning import begin_again
from odziv.store.schema import conversations, customer_addresses

REASON = "begun"  # of its handoff


@dataclass(frozen=True)
class Opening:
    """To whom an agent writes, about what, on behalf of which site, in which language and from which mailbox."""

    email: str
    name: str | None
    site: str
    language: str
    subject: str
    mailbox: str = ""


@dataclass(frozen=True)
class KnownCustomer:
    """Somebody who is known by an address, as their newest conversation has them."""

    email: str
    name: str | None
    site: str
    language: str


def begin_conversation(store: Store, conversation_id: str, agent_id: int, opening: Opening, entry: NewMessage) -> bool:
    """A conversation that the agent has from the beginning, with an entry in its log; False where it is there already.

    Nobody waits in it, so no answer is due before its customer writes.
    """
    who = {"channel": "mail", "email": opening.email, "name": opening.name, "subject": opening.subject}
    with store.write() as connection:
        if load_conversation(connection, conversation_id) is not None:
            return False
        where = {"site": opening.site, "language": opening.language, "mailbox": opening.mailbox}
        opened = insert_conversation(connection, id=conversation_id, **where, **who)
        take_over_values(connection, opened.id)
        take_over_addresses(connection, opened.id)
        begin_again(connection, opened, agent_id, REASON, replied_at=store.clock())
        append_message(connection, opened.id, entry)
        record(connection, "begun", agent_id, f"conversation:{opened.id}")
        return True


def find_known(store: Store, words: str, limit: int) -> list[KnownCustomer]:
    """Those whose address or name begins with what is typed, or whose name has a word that does; the newest first.

    Behind them stand those of whom an agent added an address that begins so, under that address.
    """
    c, begun = conversations.c, words.lower()
    starts = [func.lower(c.email).startswith(begun, autoescape=True)]
    starts += [func.lower(c.name).startswith(begun, autoescape=True)]
    starts += [func.lower(c.name).contains(f" {begun}", autoescape=True)]
    newest = (
        select(func.max(c.created_at).label("at"), c.email)
        .where(c.email.is_not(None), or_(*starts))
        .group_by(c.email)
        .order_by(func.max(c.created_at).desc())
        .limit(limit)
        .subquery()
    )
    rows = select(c.email, c.name, c.site, c.language, c.created_at).join(
        newest, (newest.c.email == c.email) & (newest.c.at == c.created_at)
    )
    with store.read() as connection:
        own = connection.execute(rows.order_by(c.created_at.desc())).all()
        found = [*own, *connection.execute(_select_added(begun, limit))]
    known: dict[str, KnownCustomer] = {}
    for row in found:
        known.setdefault(row.email, KnownCustomer(row.email, row.name, row.site, row.language))
    return list(known.values())[:limit]


def _select_added(begun: str, limit: int) -> Select[Any]:
    """Of each such address the newest conversation to which it was added."""
    a, c = customer_addresses.c, conversations.c
    newest = (
        select(a.address, func.max(a.id).label("id"))
        .where(a.address.startswith(begun, autoescape=True))
        .group_by(a.address)
        .order_by(func.max(a.id).desc())
        .limit(limit)
        .subquery()
    )
    added = select(a.address.label("email"), c.name, c.site, c.language)
    return added.select_from(newest.join(customer_addresses, a.id == newest.c.id).join(conversations)).order_by(
        a.id.desc()
    )
