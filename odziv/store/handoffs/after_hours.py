"""After hours: handoffs that came, or were left waiting, while nobody was there; and the e-mail address we ask for.

Pages and interfaces call such a handoff a ticket."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, exists, select, update

from odziv.store.conversations.conversation import Conversation, load_conversation
from odziv.store.conversations.messages import NewMessage, append_message
from odziv.store.engine import Store, moment_of, touch
from odziv.store.schema import conversations, handoffs


def after_hours_values(
    connection: Connection, conversation_id: str, after_hours: bool, *, asks: bool = True
) -> dict[str, Any]:
    """What a new handoff notes of whether it came after hours.

    The address is asked for, if `asks`, unless it is known, or no mail goes out from here.
    """
    asks_email = after_hours and asks and _may_ask(connection, conversation_id)
    told_at = moment_of(connection) if after_hours else None
    return {"after_hours": after_hours, "absence_told_at": told_at, "asks_email": asks_email}


def mark_after_hours(store: Store, handoff_id: int, notice: NewMessage) -> bool:
    """Marks a waiting handoff as after hours and tells the customer, once, and once more after each agent who had it.

    False when it waits no more, or they were told.
    """
    with store.write() as connection:
        row = connection.execute(
            update(handoffs)
            .where(handoffs.c.id == handoff_id, handoffs.c.status == "waiting", handoffs.c.absence_told_at.is_(None))
            .values(after_hours=True, absence_told_at=moment_of(connection))
            .returning(handoffs.c.conversation_id, handoffs.c.reason)
        ).first()
        if row is None:
            return False
        asks = row.reason != "danger" and _may_ask(connection, row.conversation_id)
        connection.execute(update(handoffs).where(handoffs.c.id == handoff_id).values(asks_email=asks))
        append_message(connection, row.conversation_id, notice)
        return True


def keep_email(
    store: Store, conversation_id: str, email: str, name: str | None, notice: NewMessage, *, only_if_asked: bool = False
) -> Conversation | None:
    """Notes how to reach a customer, says so in the log, and asks no more. The same again says nothing again.

    What a site verified stays. With `only_if_asked`, only while we ask. None when nothing was kept.
    """
    values = {"email": email, **({"name": name} if name else {})}
    with store.write() as connection:
        before = load_conversation(connection, conversation_id)
        if before is None or before.verified or (only_if_asked and not _is_asked(connection, conversation_id)):
            return None
        connection.execute(
            update(conversations)
            .where(conversations.c.id == conversation_id)
            .values(**values, updated_at=store.clock())
        )
        ask_no_more(connection, conversation_id)
        if before.email != email:
            append_message(connection, conversation_id, notice)
        touch(connection, conversation_id)
        return load_conversation(connection, conversation_id)


def decline_email(store: Store, conversation_id: str) -> Conversation | None:
    """The customer would rather give no address: asked no more. None: there is no such conversation."""
    with store.write() as connection:
        ask_no_more(connection, conversation_id)
        touch(connection, conversation_id)
        return load_conversation(connection, conversation_id)


def _may_ask(connection: Connection, conversation_id: str) -> bool:
    """Whether asking for an address promises nothing that can't be kept: mail goes out, and none is known."""
    if not connection.info.get("mail_domain"):
        return False
    known = select(conversations.c.id).where(conversations.c.id == conversation_id, conversations.c.email.is_not(None))
    return connection.execute(known).first() is None


def _is_asked(connection: Connection, conversation_id: str) -> bool:
    asked = exists().where(
        handoffs.c.conversation_id == conversation_id, handoffs.c.status != "closed", handoffs.c.asks_email.is_(True)
    )
    return bool(connection.execute(select(asked)).scalar())


def ask_no_more(connection: Connection, conversation_id: str) -> None:
    """The address is known, or won't be given; in the caller's transaction."""
    connection.execute(update(handoffs).where(handoffs.c.conversation_id == conversation_id).values(asks_email=False))
