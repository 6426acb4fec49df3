"""E-mails to somebody outside about a conversation, and their answers: for its agents, never for its customer.

They have a table of their own, so that nothing that looks for the customer's mails finds them.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, Connection, func, insert, select, update

from odziv.store.audit import record
from odziv.store.conversations.attachments import add_written, settled
from odziv.store.conversations.conversation import load_conversation
from odziv.store.conversations.merges import find_where_it_goes_on
from odziv.store.conversations.messages import Message, NewMessage, append_message, find_by_client_id
from odziv.store.engine import HOUR_MS, Store, moment_of, touch
from odziv.store.lengths import LONGEST_ERROR
from odziv.store.mail.inbound import Files, Incoming, keep_row
from odziv.store.mail.scope import Scope
from odziv.store.queue import Queue
from odziv.store.schema import conversations, side_mails
from odziv.store.search.entries import add_subject_entry

LEASE_MS = 10 * 60_000
MOST_REFERENCES = 10
_QUEUE = Queue(side_mails, side_mails.c.due_at)


@dataclass(frozen=True)
class SideMail:
    """One of them. `status` is waiting, sent, failed, undone or bounced; received for an answer.

    `attempts` counts the present one. `files` are ids of attachments of the conversation.
    """

    id: int
    conversation_id: str
    thread: str
    seq: int
    agent_id: int | None
    address: str
    subject: str
    passed_on: str
    files: list[str] | None
    message_id: str | None
    status: str
    attempts: int
    error: str | None
    created_at: int
    finished_at: int | None


@dataclass(frozen=True)
class Forward:
    """What is passed on, and to whom; `thread` is one there is where it goes on with that."""

    address: str
    subject: str
    passed_on: str = ""
    files: tuple[str, ...] = ()
    thread: str | None = None


_SELECT = select(*(side_mails.c[name] for name in SideMail.__dataclass_fields__))


def keep_forward(store: Store, conversation_id: str, forward: Forward, note: NewMessage, wait_ms: int) -> Message:
    """Keeps it with its entry in the log, to go out after `wait_ms`; a repeat of the note's `client_id` keeps it once.

    Raises KeyError without such a conversation.
    """
    if note.client_id:
        note = replace(note, client_id=f"agent/{note.client_id}")
    with store.write() as connection:
        if load_conversation(connection, conversation_id) is None:
            raise KeyError(conversation_id)
        if note.client_id and (earlier := find_by_client_id(connection, conversation_id, note.client_id)):
            return earlier
        message = append_message(connection, conversation_id, note)
        now = moment_of(connection)
        connection.execute(
            insert(side_mails).values(
                conversation_id=conversation_id,
                thread=forward.thread or secrets.token_hex(12),
                seq=message.seq,
                agent_id=note.agent_id,
                address=forward.address,
                subject=forward.subject,
                passed_on=forward.passed_on,
                files=list(forward.files) or None,
                message_id=f"<odziv.{secrets.token_hex(12)}@{connection.info['mail_domain']}>",
                status="waiting",
                attempts=0,
                due_at=now + wait_ms,
                created_at=now,
            )
        )
        add_subject_entry(connection, conversation_id, message.seq, now, f"{forward.subject}, {forward.address}")
        record(connection, "forwarded", note.agent_id, f"conversation:{conversation_id}")
        return message


def take_back_forward(store: Store, conversation_id: str, seq: int, agent_id: int) -> bool:
    """Whether the agent's own was taken back; False once somebody may have it."""
    mine = (side_mails.c.conversation_id == conversation_id) & (side_mails.c.seq == seq)
    mine &= (side_mails.c.agent_id == agent_id) & (side_mails.c.attempts == 0)
    with store.write() as connection:
        taken = update(side_mails).where(mine, side_mails.c.status.in_(("waiting", "undone")))
        values = {"status": "undone", "finished_at": moment_of(connection)}
        is_taken = connection.execute(taken.values(**values)).rowcount == 1
        _touch(connection, conversation_id)
        return is_taken


def list_side_mails(store: Store, conversation_id: str) -> dict[int, SideMail]:
    """Those of a conversation, by the number of their entry."""
    with store.read() as connection:
        rows = connection.execute(_SELECT.where(side_mails.c.conversation_id == conversation_id)).mappings()
        return {row["seq"]: SideMail(**row) for row in rows}


def find_thread(store: Store, thread: str) -> SideMail | None:
    """The newest mail that an agent sent in it."""
    ours = (side_mails.c.thread == thread) & (side_mails.c.status != "received")
    return _first(store, _SELECT.where(ours).order_by(side_mails.c.id.desc()))


def find_side_mail(store: Store, message_ids: Collection[str]) -> SideMail | None:
    """The newest that has one of these Message-IDs, ours or one of the answers."""
    return _first(store, _SELECT.where(side_mails.c.message_id.in_(message_ids)).order_by(side_mails.c.id.desc()))


def goes_on_in(store: Store, side: SideMail, conversation_id: str) -> bool:
    """Whether its thread is this conversation's: it was written there, or in one that was merged into it."""
    with store.read() as connection:
        return find_where_it_goes_on(connection, side.conversation_id) == conversation_id


def count_answers(store: Store, thread: str) -> int:
    """How many answers came in it within the last hour."""
    came = (side_mails.c.thread == thread) & (side_mails.c.status == "received")
    with store.read() as connection:
        statement = select(func.count()).where(came, side_mails.c.created_at > store.clock() - HOUR_MS)
        return connection.execute(statement).scalar_one()


def list_references(store: Store, side: SideMail) -> list[str]:
    """The Message-IDs of what went before in its thread, in order."""
    before = (side_mails.c.thread == side.thread) & (side_mails.c.id < side.id)
    before &= side_mails.c.message_id.is_not(None) & side_mails.c.status.in_(("sent", "bounced", "received"))
    statement = select(side_mails.c.message_id).where(before).order_by(side_mails.c.id.desc()).limit(MOST_REFERENCES)
    with store.read() as connection:
        return list(connection.execute(statement).scalars())[::-1]


def keep_answer(
    store: Store, mail: Incoming, message_id: str | None, about: SideMail, said: NewMessage, files: Files = ()
) -> None:
    """An answer, with its Message-ID, as an entry for agents; it counts for nothing that the customer's would.

    Of a conversation that was merged into another since, it is the other's.

    Whoever has the conversation and whoever wrote there find it among their mentions. Raises KeyError when the
    conversation has gone.
    """
    with settled(store, files), store.write() as connection:
        conversation = load_conversation(connection, find_where_it_goes_on(connection, about.conversation_id))
        if conversation is None:
            raise KeyError(about.conversation_id)
        told = (conversation.agent_id if conversation.status == "open" else None, about.agent_id)
        ids = add_written(connection, conversation.id, files)
        mentions = tuple(dict.fromkeys(each for each in told if each))
        message = append_message(connection, conversation.id, replace(said, attachments=ids, mentions=mentions))
        now = moment_of(connection)
        keep_row(connection, mail, conversation.id, message.seq, now)
        connection.execute(
            insert(side_mails).values(
                conversation_id=conversation.id,
                thread=about.thread,
                seq=message.seq,
                address=about.address,
                subject=mail.subject,
                passed_on="",
                message_id=message_id,
                status="received",
                attempts=0,
                due_at=now,
                created_at=now,
                finished_at=now,
            )
        )
        add_subject_entry(connection, conversation.id, message.seq, now, f"{mail.subject}, {about.address}")


def note_bounce(store: Store, side: SideMail, error: str) -> None:
    """It came back."""
    with store.write() as connection:
        this = update(side_mails).where(side_mails.c.id == side.id)
        connection.execute(this.values(status="bounced", error=error[:LONGEST_ERROR]))
        _touch(connection, side.conversation_id)


def take_side_mail(store: Store, scope: Scope | None = None) -> SideMail | None:
    """The one, of a scope, that is due longest, counted as tried; None when none is."""
    return _QUEUE.take(store, LEASE_MS, _load, *_within(scope))


def find_next_side_mail(store: Store, scope: Scope | None = None) -> int | None:
    """When the next is due; None when none waits."""
    return _QUEUE.find_next_due(store, *_within(scope))


def _within(scope: Scope | None) -> list[ColumnElement[bool]]:
    return [scope.holds(side_mails.c.conversation_id)] if scope else []


def finish_side_mail(
    store: Store, side: SideMail, status: str, error: str = "", entry: NewMessage | None = None
) -> None:
    """It was sent or given up; with `entry`, the log tells agents something about it."""
    with store.write() as connection:
        if _QUEUE.finish(connection, [side], status, error=error[:LONGEST_ERROR] or None):
            _touch(connection, side.conversation_id)
            if entry is not None:
                append_message(connection, side.conversation_id, entry)


def try_side_mail_later(store: Store, side: SideMail, error: str, due_at: int) -> None:
    """It did not work this time."""
    with store.write() as connection:
        if _QUEUE.try_later(connection, [side], due_at, error=error[:LONGEST_ERROR]):
            _touch(connection, side.conversation_id)


def _load(connection: Connection, number: int) -> SideMail:
    return SideMail(**connection.execute(_SELECT.where(side_mails.c.id == number)).mappings().one())


def _first(store: Store, statement) -> SideMail | None:
    with store.read() as connection:
        row = connection.execute(statement.limit(1)).mappings().first()
        return SideMail(**row) if row else None


def _touch(connection: Connection, conversation_id: str) -> None:
    """Has open pages of the conversation show what became of it."""
    changed = update(conversations).where(conversations.c.id == conversation_id)
    connection.execute(changed.values(updated_at=moment_of(connection)))
    touch(connection, conversation_id)
