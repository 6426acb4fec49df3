"""Replies that can still be taken back: kept here for some seconds, and only then given a number in the log.

What is here was acknowledged, so it is sent whatever becomes of the agent's browser, this process, or the conversation.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from odziv.store.conversations.attachments import keep_for_reply, let_go
from odziv.store.conversations.conversation import load_conversation
from odziv.store.conversations.messages import Message, NewMessage, append_message, find_by_client_id
from odziv.store.conversations.unread import check_seen
from odziv.store.engine import Store, moment_of, touch
from odziv.store.handoffs.snooze_ends import wake
from odziv.store.handoffs.waiting_times import note_reply
from odziv.store.mail.recipients import read_recipients
from odziv.store.queue import Queue
from odziv.store.schema import agents, conversations, scheduled_replies

# How long a reply that was taken back is remembered: against a late repeat of its request, and for one of the undo.
REMEMBERED_MS = 60 * 60 * 1000


class TakenBack(Exception):
    """This very message was sent before, and then taken back."""


@dataclass(frozen=True)
class ScheduledReply:
    """A reply that waits to be sent at `send_at` (milliseconds by the store's clock)."""

    id: int
    conversation_id: str
    agent_id: int
    agent_name: str
    client_id: str | None
    text: str
    html: str
    attachments: list[str] | None
    recipients: dict[str, list[str]] | None
    send_at: int

    @property
    def attachment_ids(self) -> list[str]:
        """The ids of the files that go with it."""
        return self.attachments or []


_SELECT = select(
    *(scheduled_replies.c[name] for name in ("id", "conversation_id", "agent_id", "client_id", "text", "html")),
    scheduled_replies.c.attachments,
    scheduled_replies.c.recipients,
    scheduled_replies.c.send_at,
    agents.c.name.label("agent_name"),
).select_from(scheduled_replies.join(agents, agents.c.id == scheduled_replies.c.agent_id))
_QUEUE = Queue(scheduled_replies, scheduled_replies.c.send_at, waiting=scheduled_replies.c.undone.is_(False))
_IS_WAITING = _QUEUE.waiting
_IN_ORDER = (scheduled_replies.c.send_at, scheduled_replies.c.id)


def schedule_reply(
    store: Store, conversation_id: str, draft: NewMessage, send_at: int, *, seen: int | None = None
) -> ScheduledReply | Message | None:
    """Keeps an agent's reply until `send_at`. None, with nothing kept, unless the agent has the conversation.

    Repeating a `client_id` gives what the first request made of it: the scheduled reply, or the message when it was
    sent meanwhile. Raises TakenBack when it was taken back, AttachmentUnknown when a file can't be sent, and Unread
    when the customer has written since message number `seen`.
    """
    if draft.client_id:
        draft = replace(draft, client_id=f"agent/{draft.client_id}")  # as in add_agent_message
    with store.write() as connection:
        conversation = load_conversation(connection, conversation_id)
        if conversation is None:
            return None
        if draft.client_id and (earlier := _find_earlier(connection, conversation_id, draft.client_id)):
            return earlier
        if conversation.status != "open" or conversation.agent_id != draft.agent_id:
            return None
        check_seen(connection, conversation_id, seen)
        keep_for_reply(connection, conversation_id, draft.agent_id, draft.attachments)
        scheduled_id = connection.execute(
            insert(scheduled_replies)
            .values(
                conversation_id=conversation_id,
                agent_id=draft.agent_id,
                client_id=draft.client_id,
                text=draft.text,
                html=draft.html,
                attachments=list(draft.attachments) or None,
                recipients=draft.recipients.as_json() if draft.recipients else None,
                undone=False,
                send_at=send_at,
            )
            .returning(scheduled_replies.c.id)
        ).scalar_one()
        _note_change(connection, conversation_id)
        return ScheduledReply(
            **connection.execute(_SELECT.where(scheduled_replies.c.id == scheduled_id)).mappings().one()
        )


def _find_earlier(connection: Connection, conversation_id: str, client_id: str) -> ScheduledReply | Message | None:
    here = (scheduled_replies.c.conversation_id == conversation_id) & (scheduled_replies.c.client_id == client_id)
    if connection.execute(select(scheduled_replies.c.id).where(here, ~_IS_WAITING)).first():
        raise TakenBack(client_id)
    row = connection.execute(_SELECT.where(here)).mappings().first()
    if row is not None:
        return ScheduledReply(**row)
    return find_by_client_id(connection, conversation_id, client_id)


def take_back_reply(store: Store, conversation_id: str, scheduled_id: int, agent_id: int) -> str | None:
    """Takes back an agent's own reply and returns its text, also when asked again; None when it is sent, or not theirs.

    Asked again, since the answer may get lost on its way to the agent, and with it what they wrote.
    """
    mine = (scheduled_replies.c.id == scheduled_id) & (scheduled_replies.c.conversation_id == conversation_id)
    mine &= scheduled_replies.c.agent_id == agent_id
    with store.write() as connection:
        # The race with sending is decided here: whoever still finds the row has it.
        statement = update(scheduled_replies).where(mine).values(undone=True)
        row = connection.execute(statement.returning(scheduled_replies.c.text, scheduled_replies.c.attachments)).first()
        if row is None:
            return None
        let_go(connection, conversation_id, row.attachments or ())
        _note_change(connection, conversation_id)
        return row.text


def list_due_replies(store: Store, now: int) -> list[str]:
    """The ids of the conversations with a reply to be sent at `now`."""
    due = select(scheduled_replies.c.conversation_id).where(_QUEUE.is_due(now)).distinct()
    with store.read() as connection:
        return list(connection.execute(due).scalars())


def send_due_replies(store: Store, conversation_id: str, now: int) -> None:
    """Sends what is due in one conversation, in one transaction."""
    with store.write() as connection:
        send_scheduled_replies(connection, conversation_id, until=now)


def send_scheduled_replies(connection: Connection, conversation_id: str, *, until: int | None = None) -> None:
    """Gives scheduled replies their numbers in the log, in the caller's transaction: those due `until` then, or all.

    Whoever ends an agent's claim of a conversation calls it first, so that what the agent said stands before the notice
    that says they left.
    """
    wanted = (scheduled_replies.c.conversation_id == conversation_id) & _IS_WAITING
    if until is not None:
        wanted &= scheduled_replies.c.send_at <= until
    for row in connection.execute(_SELECT.where(wanted).order_by(*_IN_ORDER)).mappings().all():
        files = tuple(row["attachments"] or ())
        let_go(connection, conversation_id, files)
        who = {"agent_id": row["agent_id"], "client_id": row["client_id"]}
        recipients = read_recipients(row["recipients"])
        reply = NewMessage("agent", row["text"], row["html"], **who, attachments=files, recipients=recipients)
        if reply.client_id and find_by_client_id(connection, conversation_id, reply.client_id):
            # A note has taken the id: no reason to lose it.
            reply = replace(reply, client_id=None)
        append_reply(connection, conversation_id, reply, moment_of(connection))
        connection.execute(delete(scheduled_replies).where(scheduled_replies.c.id == row["id"]))


def append_reply(connection: Connection, conversation_id: str, reply: NewMessage, now: int) -> Message:
    """An agent's reply in the log, in the caller's transaction. It ends a snooze of theirs, and the wait for it."""
    wake(connection, conversation_id, now, reply.agent_id)
    note_reply(connection, conversation_id, now)
    return append_message(connection, conversation_id, reply)


def list_scheduled_replies(store: Store, conversation_id: str) -> list[ScheduledReply]:
    """The replies of a conversation that can still be taken back, in the order they will be sent."""
    wanted = _SELECT.where(scheduled_replies.c.conversation_id == conversation_id, _IS_WAITING)
    with store.read() as connection:
        return [ScheduledReply(**row) for row in connection.execute(wanted.order_by(*_IN_ORDER)).mappings()]


def find_next_reply(store: Store) -> int | None:
    """When the next scheduled reply is to be sent; None when none is."""
    return _QUEUE.find_next_due(store)


def forget_taken_back(store: Store, now: int) -> None:
    """Removes what is left of replies that were taken back long ago."""
    old = ~_IS_WAITING & (scheduled_replies.c.send_at < now - REMEMBERED_MS)
    with store.read() as connection:  # a look first: mostly there is nothing to do
        if connection.execute(select(scheduled_replies.c.id).where(old).limit(1)).first() is None:
            return
    with store.write() as connection:
        connection.execute(delete(scheduled_replies).where(old))


def _note_change(connection: Connection, conversation_id: str) -> None:
    """Pages of the conversation show something else now, though the log is as it was."""
    changed: Any = update(conversations).where(conversations.c.id == conversation_id)
    connection.execute(changed.values(updated_at=moment_of(connection)))
    touch(connection, conversation_id)
