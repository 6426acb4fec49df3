"""Conversations whose customers are silent: answered by their agent, and nothing written since. Told, then closed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, case, func, or_, select, update

from odziv.store.audit import record
from odziv.store.conversations.conversation import change_owner
from odziv.store.conversations.messages import NewMessage, append_message
from odziv.store.engine import Store, moment_of
from odziv.store.mail.outbound import is_reached_by_mail, queue_word
from odziv.store.schema import conversations, handoffs, messages, scheduled_replies


@dataclass(frozen=True)
class Silent:
    """A conversation whose customer is silent; `language` is the one they are written to in."""

    handoff_id: int
    conversation_id: str
    language: str


_of_it = messages.c.conversation_id == handoffs.c.conversation_id
_said = select(messages).where(_of_it, messages.c.sender.in_(("customer", "agent")), messages.c.internal.is_(False))
_last = _said.order_by(messages.c.seq.desc()).limit(1)
_last_sender = _last.with_only_columns(messages.c.sender).scalar_subquery()
_said_at = func.coalesce(_last.with_only_columns(messages.c.created_at).scalar_subquery(), 0)
# Whoever has just taken it, or has it back from a snooze, has something in mind.
_claimed_at = func.coalesce(handoffs.c.claimed_at, 0)
_since = case((_said_at > _claimed_at, _said_at), else_=_claimed_at)
# What went back to the queue since its agent went home is nobody's question either; what was passed on or promised is.
_owes_nothing = handoffs.c.passed_by.is_(None) & handoffs.c.target_at.is_(None)
# Nobody in danger is asked whether that was all.
_IS_SILENT = (
    ((handoffs.c.status == "claimed") | ((handoffs.c.status == "waiting") & _owes_nothing))
    & (handoffs.c.reason != "danger")
    & handoffs.c.asked_at.is_(None)
    & (_last_sender == "agent")
    & ~select(scheduled_replies.c.id)
    .where(scheduled_replies.c.conversation_id == handoffs.c.conversation_id, scheduled_replies.c.undone.is_(False))
    .exists()
)


def _waits_for_word(before: int) -> ColumnElement[bool]:
    """Silent since that moment or longer, and not told so since."""
    untold = or_(handoffs.c.silence_told_at.is_(None), handoffs.c.silence_told_at < _since)
    return _IS_SILENT & (_since <= before) & untold


def _is_over(told_before: int) -> ColumnElement[bool]:
    """Told by that moment, and silent since."""
    return _IS_SILENT & (handoffs.c.silence_told_at >= _since) & (handoffs.c.silence_told_at <= told_before)


def list_waiting_for_word(store: Store, before: int) -> list[Silent]:
    """Those that are silent since `before` (milliseconds) or longer, and were not told."""
    return _list(store, _waits_for_word(before))


def list_over(store: Store, told_before: int) -> list[Silent]:
    """Those that were told by that moment, and stayed silent."""
    return _list(store, _is_over(told_before))


def _list(store: Store, which: ColumnElement[bool]) -> list[Silent]:
    with store.read() as connection:
        return [Silent(**row) for row in connection.execute(_select(which)).mappings()]


def _select(which: ColumnElement[bool]) -> Select:
    return (
        select(handoffs.c.id.label("handoff_id"), handoffs.c.conversation_id, conversations.c.language)
        .join(conversations, conversations.c.id == handoffs.c.conversation_id)
        .where(which)
        .order_by(handoffs.c.id)
    )


def tell_silent(store: Store, silent: Silent, before: int, word: NewMessage, by_mail: NewMessage) -> bool:
    """Says the word, once; `by_mail` to somebody who wrote a mail last. False, with nothing said, when the customer or
    the agent has written since, or it is another's."""
    with store.write() as connection:
        if not _change(connection, silent, _waits_for_word(before), silence_told_at=moment_of(connection)):
            return False
        writes_mails = is_reached_by_mail(connection, silent.conversation_id)
        said = append_message(connection, silent.conversation_id, by_mail if writes_mails else word)
        if writes_mails:
            queue_word(connection, silent.conversation_id, said.seq)
        return True


def close_silent(store: Store, silent: Silent, told_before: int, notice: NewMessage) -> bool:
    """Closes the conversation, with a notice. False, with nothing changed, as `tell_silent`."""
    with store.write() as connection:
        ended = {"status": "closed", "closed_at": moment_of(connection), "outcome": "silent"}
        if not _change(connection, silent, _is_over(told_before), **ended):
            return False
        append_message(connection, silent.conversation_id, notice)
        change_owner(connection, silent.conversation_id, "resolved", agent_id=None, because="silence")
        record(connection, "closed_silent", None, f"conversation:{silent.conversation_id}")
        return True


def _change(connection: Connection, silent: Silent, which: ColumnElement[bool], **values: Any) -> bool:
    """The race is decided here: with a customer who writes, an agent who answers, and one who takes it."""
    changed = connection.execute(update(handoffs).where(handoffs.c.id == silent.handoff_id, which).values(**values))
    return changed.rowcount == 1
