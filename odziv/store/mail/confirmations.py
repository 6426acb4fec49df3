"""Codes that prove an address to be the customer's: asked for, sent, and typed into the chat."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select, update

from odziv.store.engine import DAY_MS, HOUR_MS, Store
from odziv.store.mail.notifications import CODE, CONFIRMED, TooMany, Unwanted, add_notification, is_quiet
from odziv.store.schema import conversations, notifications

VALID_MS = HOUR_MS
# Of a conversation, and to an address whoever asks: so many in so long.
MOST_OF_CONVERSATION, MOST_TO_ADDRESS = ((3, HOUR_MS),), ((3, HOUR_MS), (5, DAY_MS))


@dataclass(frozen=True)
class SentCode:
    """A code that went to an address; what it is follows from `message_id`."""

    id: int
    message_id: str


def ask_for_code(store: Store, conversation_id: str, recipient: str) -> bool:
    """Has a code sent there. False: there is no such conversation, nothing was said, or mail is off.

    Raises TooMany, and Unwanted for an address whose last mail here forbids automatic answers.
    """
    now = store.clock()
    of_it = select(conversations.c.last_seq).where(conversations.c.id == conversation_id)
    asked = select(notifications.c.created_at).where(notifications.c.kind == CODE).order_by(notifications.c.created_at)
    limits = (
        (notifications.c.conversation_id == conversation_id, MOST_OF_CONVERSATION),
        (notifications.c.recipient == recipient, MOST_TO_ADDRESS),
    )
    with store.write() as connection:
        if not connection.execute(of_it).scalar():
            return False
        if is_quiet(connection, conversation_id, recipient):
            raise Unwanted(recipient)
        for same, allowed in limits:
            moments = connection.execute(asked.where(same, notifications.c.created_at > now - DAY_MS)).scalars().all()
            for most, window in allowed:
                recent = [at for at in moments if at > now - window]
                if len(recent) >= most:
                    raise TooMany(max(1, (recent[-most] + window - now) // 1000))
        return add_notification(connection, CODE, conversation_id, recipient, now, now)


def find_code(store: Store, conversation_id: str, recipient: str) -> SentCode | None:
    """The last code that went there for this conversation and is still good; None: there is none."""
    statement = (
        select(notifications.c.id, notifications.c.message_id)
        .where(notifications.c.kind == CODE, notifications.c.conversation_id == conversation_id)
        .where(notifications.c.recipient == recipient, notifications.c.status.in_(("waiting", "sent")))
        .where(notifications.c.created_at > store.clock() - VALID_MS)
        .order_by(notifications.c.id.desc())
        .limit(1)
    )
    with store.read() as connection:
        row = connection.execute(statement).first()
    return SentCode(row.id, row.message_id) if row else None


def confirm_address(store: Store, code: SentCode) -> bool:
    """The code was typed: the address is the customer's. False when it was used already; it counts once."""
    this = (notifications.c.id == code.id) & notifications.c.status.in_(("waiting", "sent"))
    with store.write() as connection:
        return connection.execute(update(notifications).where(this).values(status=CONFIRMED)).rowcount == 1
