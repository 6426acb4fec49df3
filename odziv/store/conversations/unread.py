"""Whether a customer has written something that an agent, who is about to leave them, has not seen."""

from __future__ import annotations

from sqlalchemy import Connection, select

from odziv.store.schema import messages


class Unread(Exception):
    """The customer has written since."""


def check_seen(connection: Connection, conversation_id: str, seen: int | None) -> None:
    """Raises Unread for a customer's message after number `seen`; None asks for no check."""
    if seen is None:
        return
    log = messages.c
    newer = select(log.seq).where(
        log.conversation_id == conversation_id, log.seq > seen, log.sender == "customer", log.internal.is_(False)
    )
    if connection.execute(newer.limit(1)).first() is not None:
        raise Unread
