"""What hints at another address of a conversation's customer. Nothing of it is believed before an agent says so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, select

from odziv.store.conversations.conversation import Conversation
from odziv.store.customers.belonging import Spell
from odziv.store.customers.other_addresses import list_merged_emails, list_noting
from odziv.store.engine import Store
from odziv.store.mail.recipients import read_copies
from odziv.store.schema import mails, messages

REPLY_TO, COPY, MERGED, NOTED = "reply_to", "copy", "merged", "noted"
MOST_MAILS = 20


@dataclass(frozen=True)
class Hint:
    """An address, the name beside it, empty where there is none, and what hints at it: a Reply-To, somebody in copy, a
    merged conversation, or another's, to which an agent added the address of this one."""

    address: str
    name: str
    because: str


def list_hints(store: Store, conversation: Conversation, spell: Spell) -> list[Hint]:
    """All of them, the strongest first, as they stand: one address may come several times."""
    own = spell(conversation.email) if conversation.email else ()
    with store.read() as connection:
        return [
            *(Hint(address, name, MERGED) for name, address in list_merged_emails(connection, conversation.id)),
            *(Hint(address, name, NOTED) for name, address in list_noting(connection, own)),
            *_of_mails(connection, conversation.id),
        ]


def _of_mails(connection: Connection, conversation_id: str) -> Iterator[Hint]:
    """Of the newest that the customer wrote, none of those in copy."""
    of_it = (messages.c.conversation_id == mails.c.conversation_id) & (messages.c.seq == mails.c.seq)
    newest = (
        select(mails.c.reply_to, mails.c.recipients)
        .join(messages, of_it)
        .where(mails.c.conversation_id == conversation_id)
        .where(messages.c.sender == "customer", messages.c.author.is_(None))
        .order_by(mails.c.id.desc())
        .limit(MOST_MAILS)
    )
    for row in connection.execute(newest).all():
        if row.reply_to:
            yield Hint(row.reply_to, "", REPLY_TO)
        yield from (Hint(address, name, COPY) for name, address in read_copies(row.recipients).all)
