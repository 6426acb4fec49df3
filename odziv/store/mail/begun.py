"""Conversations that an agent begins by e-mail."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, or_, select

from odziv.store.audit import record
from odziv.store.conversations.conversation import insert_conversation, load_conversation
from odziv.store.conversations.messages import NewMessage, append_message
from odziv.store.customers.other_addresses import take_over_addresses
from odziv.store.engine import Store
from odziv.store.fields.values import take_over_values
from odziv.store.handoffs.returning import begin_again
from odziv.store.schema import conversations

REASON = "begun"  # of its handoff


@dataclass(frozen=True)
class Opening:
    """To whom an agent writes, about what, on behalf of which site and in which language."""

    email: str
    name: str | None
    site: str
    language: str
    subject: str


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
        where = {"site": opening.site, "language": opening.language}
        opened = insert_conversation(connection, id=conversation_id, **where, **who)
        take_over_values(connection, opened.id)
        take_over_addresses(connection, opened.id)
        begin_again(connection, opened, agent_id, REASON, replied_at=store.clock())
        append_message(connection, opened.id, entry)
        record(connection, "begun", agent_id, f"conversation:{opened.id}")
        return True


def find_known(store: Store, words: str, limit: int) -> list[KnownCustomer]:
    """Those whose address or name begins with what is typed, or whose name has a word that does; the newest first."""
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
        found = connection.execute(rows.order_by(c.created_at.desc())).all()
    known = {row.email: KnownCustomer(row.email, row.name, row.site, row.language) for row in reversed(found)}
    return list(reversed(known.values()))
