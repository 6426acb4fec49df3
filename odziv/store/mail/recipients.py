"""To whom an e-mail goes, and who in copy belongs to a conversation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, select

from odziv.store.engine import Store
from odziv.store.schema import conversations, mail_queue, mails, messages

MOST_RECIPIENTS = 20  # of one e-mail, all together


@dataclass(frozen=True)
class Recipients:
    """Addresses as they are written to, each once. Of those in `bcc` the others don't hear."""

    to: tuple[str, ...]
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()

    @property
    def all(self) -> tuple[str, ...]:
        """All of them, those in To first."""
        return (*self.to, *self.cc, *self.bcc)

    def as_json(self) -> dict[str, list[str]]:
        """As a row has them; what is empty is left out."""
        return {field: list(found) for field in ("to", "cc", "bcc") if (found := getattr(self, field))}


def read_recipients(kept: dict[str, list[str]] | None) -> Recipients | None:
    """Of a row; None where it has none."""
    return Recipients(**{field: tuple(found) for field, found in kept.items()}) if kept else None


Named = tuple[str, str]  # a name, empty where there is none, and an address


@dataclass(frozen=True)
class Copies:
    """Who else got a mail that came, as far as somebody reads it; we are none of them, nor is its sender."""

    to: tuple[Named, ...] = ()
    cc: tuple[Named, ...] = ()

    @property
    def all(self) -> tuple[Named, ...]:
        """All of them."""
        return (*self.to, *self.cc)

    def as_json(self) -> dict[str, list[list[str]]] | None:
        """As a row has them."""
        kept = {field: [list(each) for each in getattr(self, field)] for field in ("to", "cc")}
        return {field: found for field, found in kept.items() if found} or None


def read_copies(kept: dict[str, list[list[str]]] | None) -> Copies:
    """Of a row."""
    return Copies(**{field: tuple((name, address) for name, address in found) for field, found in (kept or {}).items()})


@dataclass(frozen=True)
class Heard:
    """A mail as it is answered to all: who wrote it, under which name, and who else got it."""

    sender: str
    name: str
    copies: Copies


def find_heard(store: Store, conversation_id: str) -> Heard | None:
    """The newest mail in which the customer, or somebody in copy, wrote something; None when none came."""
    with store.read() as connection:
        row = connection.execute(_came(conversation_id).order_by(mails.c.id.desc()).limit(1)).first()
        return Heard(row.sender, row.author or "", read_copies(row.recipients)) if row and row.sender else None


def is_participant(store: Store, conversation_id: str, address: str) -> bool:
    """Whether somebody of the conversation had this address in copy: its customer, an agent, or who was so before.

    Who got a blind copy is none: nobody is told of them.
    """
    with store.read() as connection:
        return address in _list_participants(connection, conversation_id)


def _list_participants(connection: Connection, conversation_id: str) -> set[str]:
    came = connection.execute(_came(conversation_id)).all()
    sent = select(mail_queue.c.recipients).where(mail_queue.c.conversation_id == conversation_id)
    found = {address for row in came for _, address in read_copies(row.recipients).all}
    for kept in connection.execute(sent.where(mail_queue.c.recipients.is_not(None))).scalars():
        recipients = read_recipients(kept)
        found |= {*recipients.to, *recipients.cc} if recipients else set()
    return found


def _came(conversation_id: str) -> Any:
    """The mails in which somebody said something, not those that are only an entry."""
    of_it = and_(messages.c.conversation_id == mails.c.conversation_id, messages.c.seq == mails.c.seq)
    return (
        select(mails.c.sender, mails.c.recipients, messages.c.author)
        .join(messages, of_it)
        .where(mails.c.conversation_id == conversation_id, messages.c.sender == "customer")
    )


def find_author(connection: Connection, conversation_id: str, seq: int) -> str | None:
    """The address that message number `seq` was mailed from; None where it came otherwise."""
    found = select(mails.c.sender).where(mails.c.conversation_id == conversation_id, mails.c.seq == seq)
    return connection.execute(found.limit(1)).scalar()


def find_customer_address(connection: Connection, conversation_id: str) -> str | None:
    """The customer's."""
    return connection.execute(select(conversations.c.email).where(conversations.c.id == conversation_id)).scalar()
