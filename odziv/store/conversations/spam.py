"""Spam: a conversation that is in no list and gets no reaction, until somebody says it was none after all."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, select, update

from odziv.store.audit import record
from odziv.store.conversations.conversation import change_owner, load_conversation
from odziv.store.conversations.messages import NewMessage, add_turn, append_message
from odziv.store.conversations.turns import skip_waiting_turns
from odziv.store.engine import Store, moment_of
from odziv.store.handoffs.scheduled_replies import send_scheduled_replies
from odziv.store.schema import agents, conversations, handoffs, messages, spam, turns

MOST_LISTED = 200


@dataclass(frozen=True)
class Marked:
    """A conversation marked as spam, by whom and when; `last_text` is what its customer wrote last."""

    conversation_id: str
    agent_name: str
    at: int
    language: str
    site: str
    last_text: str | None


def mark_spam(store: Store, conversation_id: str, agent_id: int, entry: NewMessage) -> bool:
    """Takes a conversation out of every list. False, with nothing changed, when somebody else has it, or it is spam."""
    with store.write() as connection:
        conversation = load_conversation(connection, conversation_id)
        if conversation is None or conversation.status == "spam":
            return False
        if conversation.status == "open" and conversation.agent_id != agent_id:
            return False
        send_scheduled_replies(connection, conversation_id)
        row = {"seq": _newest_seen_to(connection, conversation_id), "handoff_id": _close(connection, conversation_id)}
        skip_waiting_turns(connection, conversation_id)
        change_owner(connection, conversation_id, "spam", agent_id=None)
        append_message(connection, conversation_id, entry)
        place = {"conversation_id": conversation_id, "agent_id": agent_id, "at": store.clock()}
        connection.execute(insert(spam).values(**row, **place))
        record(connection, "marked_spam", agent_id, f"conversation:{conversation_id}")
        return True


def unmark_spam(store: Store, conversation_id: str, agent_id: int, entry: NewMessage) -> bool:
    """Brings it back: to its old place in the queue when a person was wanted or had it, else to the bot.

    The bot then sees to what was written meanwhile. False: it is not marked.
    """
    with store.write() as connection:
        mark = connection.execute(
            delete(spam).where(spam.c.conversation_id == conversation_id).returning(spam.c.handoff_id, spam.c.seq)
        ).first()
        if mark is None:
            return False
        append_message(connection, conversation_id, entry)
        if mark.handoff_id is not None:
            change_owner(connection, conversation_id, "queued", agent_id=None)
            values = {"status": "waiting", "agent_id": None, "claimed_at": None, "closed_at": None, "outcome": None}
            connection.execute(update(handoffs).where(handoffs.c.id == mark.handoff_id).values(**values))
        else:
            change_owner(connection, conversation_id, "bot", agent_id=None)
            _catch_up(connection, conversation_id, mark.seq)
        record(connection, "unmarked_spam", agent_id, f"conversation:{conversation_id}")
        return True


def list_spam(store: Store, limit: int = MOST_LISTED) -> list[Marked]:
    """The conversations marked as spam, the last marked first."""
    of_it = messages.c.conversation_id == spam.c.conversation_id
    last = (
        select(messages.c.text).where(of_it, messages.c.sender == "customer").order_by(messages.c.seq.desc()).limit(1)
    )
    statement = (
        select(
            spam.c.conversation_id,
            agents.c.name.label("agent_name"),
            spam.c.at,
            conversations.c.language,
            conversations.c.site,
            last.scalar_subquery().label("last_text"),
        )
        .join(agents, agents.c.id == spam.c.agent_id)
        .join(conversations, conversations.c.id == spam.c.conversation_id)
        .order_by(spam.c.at.desc(), spam.c.conversation_id)
        .limit(limit)
    )
    with store.read() as connection:
        return [Marked(**row) for row in connection.execute(statement).mappings()]


def _newest_seen_to(connection: Connection, conversation_id: str) -> int:
    """The newest message before those the bot has not answered yet."""
    waiting = select(func.min(turns.c.seq)).where(
        turns.c.conversation_id == conversation_id, turns.c.finished_at.is_(None)
    )
    first = connection.execute(waiting).scalar()
    return first - 1 if first is not None else load_conversation(connection, conversation_id).last_seq


def _close(connection: Connection, conversation_id: str) -> int | None:
    """Closes the handoff that was open, if one was; returns its id."""
    return connection.execute(
        update(handoffs)
        .where(handoffs.c.conversation_id == conversation_id, handoffs.c.status != "closed")
        .values(status="closed", closed_at=moment_of(connection), snoozed_until=None, outcome="spam")
        .returning(handoffs.c.id)
    ).scalar()


def _catch_up(connection: Connection, conversation_id: str, seq: int) -> None:
    """Every message of the customer after `seq` waits for the bot, as if it had come now."""
    conversation = load_conversation(connection, conversation_id)
    later = (turns.c.conversation_id == conversation_id) & (turns.c.seq > seq)
    again = {"status": "waiting", "epoch": conversation.epoch, "attempts": 0, "finished_at": None}
    again["due_at"] = moment_of(connection)
    known = set(connection.execute(update(turns).where(later).values(**again).returning(turns.c.seq)).scalars())
    missed = select(messages.c.seq).where(
        messages.c.conversation_id == conversation_id, messages.c.seq > seq, messages.c.sender == "customer"
    )
    for number in connection.execute(missed.order_by(messages.c.seq)).scalars().all():
        if number not in known:
            add_turn(connection, conversation, number, None)
