"""What of an agent's answers the customer has had on the screen, as their widget tells."""

from __future__ import annotations

from sqlalchemy import false, select, update

from odziv.store.conversations.conversation import Conversation
from odziv.store.engine import Store, touch
from odziv.store.schema import conversations, messages

SAYING = ("customer", "agent", "bot")


def note_seen(store: Store, conversation: Conversation, seq: int) -> bool:
    """Keeps that all messages up to `seq` were on the customer's screen; whether an agent's was newly among them.

    Nothing is written for what the assistant says, nor a second time.
    """
    seq = min(seq, conversation.last_seq)
    if seq <= conversation.seen_seq or not _has_answer(store, conversation, seq):
        return False
    with store.write() as connection:
        this = (conversations.c.id == conversation.id) & (conversations.c.seen_seq < seq)
        changed = connection.execute(update(conversations).where(this).values(seen_seq=seq, seen_at=store.clock()))
        if changed.rowcount:
            touch(connection, conversation.id, listed=False)
    return bool(changed.rowcount)


def _has_answer(store: Store, conversation: Conversation, seq: int) -> bool:
    wanted = select(messages.c.seq).where(
        messages.c.conversation_id == conversation.id,
        messages.c.seq > conversation.seen_seq,
        messages.c.seq <= seq,
        messages.c.sender == "agent",
        messages.c.internal == false(),
    )
    with store.read() as connection:
        return connection.execute(wanted.limit(1)).first() is not None


def find_seen_at(store: Store, conversation: Conversation) -> int | None:
    """When the last thing said, if that is an agent's, was on the customer's screen, in milliseconds since 1970."""
    if conversation.seen_at is None:
        return None
    said = (
        select(messages.c.seq, messages.c.sender)
        .where(
            messages.c.conversation_id == conversation.id,
            messages.c.sender.in_(SAYING),
            messages.c.internal == false(),
        )
        .order_by(messages.c.seq.desc())
    )
    with store.read() as connection:
        last = connection.execute(said.limit(1)).first()
    is_seen = last is not None and last.sender == "agent" and last.seq <= conversation.seen_seq
    return conversation.seen_at if is_seen else None
