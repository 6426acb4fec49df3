"""E-mail that came in: each one once, with the conversation it belongs to, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, delete, func, insert, literal, select, union_all
from sqlalchemy.exc import IntegrityError

from odziv.store.conversations.attachments import add_written, settled
from odziv.store.conversations.conversation import create_conversation, find_conversation
from odziv.store.conversations.messages import (
    Alarm,
    Message,
    NewMessage,
    SayJoined,
    add_customer_message,
    append_message,
    raise_alarm,
)
from odziv.store.customers.other_addresses import take_over_addresses
from odziv.store.engine import DAY_MS, HOUR_MS, Joined, Store
from odziv.store.fields.values import take_over_values
from odziv.store.mail.queue import record_bounce
from odziv.store.mail.recipients import Copies, read_copies
from odziv.store.mail.strays import KeptFiles, forget_strays, kept_rows, name_files
from odziv.store.schema import conversations, mail_queue, mailboxes, mails
from odziv.store.search.entries import add_subject_entry

# What belongs to no conversation is kept this long, to be recognised if it comes once more.
STRAY_DAYS = 30
Files = Sequence[dict[str, Any]]  # rows of store.attachments.write_file


@dataclass(frozen=True)
class Incoming:
    """A mail as it is kept. `identity` is the same for the same mail, however often it is fetched.

    `automatic` says why no machine may answer it: it is a machine's own, or a person's that forbids it.
    """

    identity: str
    message_id: str | None
    sender: str | None
    subject: str
    original: str
    attachments: list[str] = field(default_factory=list)
    automatic: str | None = None
    copies: Copies = Copies()
    reply_to: str | None = None
    mailbox: str = ""


class KeptAlready(Exception):
    """Another has kept this mail a moment ago; nothing of it is kept twice."""


def is_known(store: Store, identity: str) -> bool:
    """Whether this mail was kept before."""
    with store.read() as connection:
        return connection.execute(select(mails.c.id).where(mails.c.identity == identity)).first() is not None


def is_own(store: Store, message_id: str | None) -> bool:
    """Whether we sent it ourselves."""
    with store.read() as connection:
        found = select(mail_queue.c.id).where(mail_queue.c.message_id == message_id)
        return message_id is not None and connection.execute(found).first() is not None


def find_referred(store: Store, message_ids: list[str]) -> str | None:
    """The conversation of the newest mail that one of these Message-IDs names."""
    named = union_all(
        select(mail_queue.c.conversation_id, mail_queue.c.created_at).where(mail_queue.c.message_id.in_(message_ids)),
        select(mails.c.conversation_id, mails.c.created_at).where(
            mails.c.message_id.in_(message_ids), mails.c.conversation_id.is_not(None)
        ),
    ).subquery()
    with store.read() as connection:
        newest = select(named.c.conversation_id).order_by(named.c.created_at.desc()).limit(1)
        return connection.execute(newest).scalar()


def find_flooded(store: Store, sender: str, most: int) -> str | None:
    """The newest conversation of an address that has opened `most` or more within the last hour, else None."""
    opened = (conversations.c.email == sender) & (conversations.c.channel == "mail")
    recent = opened & (conversations.c.created_at > store.clock() - HOUR_MS)
    with store.read() as connection:
        if connection.execute(select(func.count()).where(recent)).scalar_one() < most:
            return None
        newest = select(conversations.c.id).where(opened).order_by(conversations.c.created_at.desc()).limit(1)
        return connection.execute(newest).scalar()


def keep_aside(store: Store, mail: Incoming, files: KeptFiles = ()) -> None:
    """A mail that belongs to no conversation and gets no answer. Its files wait with it for a conversation."""
    with settled(store, kept_rows(files)), store.write() as connection:
        keep_row(connection, mail, None, None, store.clock(), files)


def remove_strays(store: Store) -> int:
    """Removes the mails that belong to no conversation after STRAY_DAYS, and their files; returns how many mails."""
    is_old = mails.c.created_at < store.clock() - STRAY_DAYS * DAY_MS
    with store.write() as connection:
        count, files = forget_strays(store, connection, is_old)
    store.files.remove(files)
    return count


def keep_as_message(
    store: Store,
    mail: Incoming,
    conversation_id: str,
    text: str,
    html: str,
    files: Files = (),
    alarm: Alarm | None = None,
    note: NewMessage | None = None,
    joined: SayJoined | None = None,
    author: str | None = None,
) -> Message:
    """The next message in a conversation there is, and a `note` for agents. Raises KeyError when it has gone.

    It is its customer's, or with `author` that of one who has the mails in copy.
    """
    said = (conversation_id, text, html, files, store.clock(), alarm, note, joined, author)
    with settled(store, files), store.write() as connection:
        return _add_message(connection, mail, *said)


def keep_as_conversation(
    store: Store,
    mail: Incoming,
    name: str | None,
    site: str,
    language: str,
    text: str,
    html: str,
    files: Files = (),
    note: NewMessage | None = None,
) -> Message:
    """The first message of a new conversation, and a `note` for agents."""
    with settled(store, files), store.write() as connection:
        opened = create_conversation(Joined(connection), site, language)
        who = conversations.update().where(conversations.c.id == opened.id)
        connection.execute(who.values(channel="mail", email=mail.sender, name=name or None, mailbox=mail.mailbox))
        take_over_values(connection, opened.id)
        take_over_addresses(connection, opened.id)
        return _add_message(connection, mail, opened.id, text, html, files, store.clock(), note=note)


def keep_as_entry(
    store: Store, mail: Incoming, conversation_id: str, entry: NewMessage, bounced: tuple[str, str] | None = None
) -> bool:
    """An entry for agents; nobody reacts to it. `bounced` is the Message-ID that came back, and why.

    Returns False, with nothing kept, when there is no such conversation.
    """
    if find_conversation(store, conversation_id) is None:
        return False
    with store.write() as connection:
        message = append_message(connection, conversation_id, entry)
        keep_row(connection, mail, conversation_id, message.seq, store.clock())
        if bounced is not None:
            record_bounce(connection, *bounced)
        return True


def _add_message(
    connection: Connection,
    mail: Incoming,
    conversation_id: str,
    text: str,
    html: str,
    files: Files,
    now: int,
    alarm: Alarm | None = None,
    note: NewMessage | None = None,
    joined: SayJoined | None = None,
    author: str | None = None,
) -> Message:
    client_id = f"mail/{mail.identity[:40]}"  # a widget's id can't hold a slash
    ids = add_written(connection, conversation_id, files)
    store = Joined(connection)
    said = {"attachments": ids, "joined": joined, "author": author}
    message, _ = add_customer_message(store, conversation_id, client_id, text, html, **said)
    keep_row(connection, mail, conversation_id, message.seq, now)
    add_subject_entry(connection, conversation_id, message.seq, now, mail.subject)
    if note is not None:
        append_message(connection, conversation_id, note)
    if alarm is not None:  # only now: what is said to it goes out by mail because it came by mail
        raise_alarm(connection, conversation_id, message.seq, alarm)
    return message


def keep_row(
    connection: Connection,
    mail: Incoming,
    conversation_id: str | None,
    seq: int | None,
    now: int,
    files: KeptFiles = (),
) -> None:
    """The mail itself, in the caller's transaction. Raises KeptAlready."""
    kept = {**mail.__dict__, "attachments": list(files) or mail.attachments or None}
    kept["recipients"] = kept.pop("copies").as_json()
    try:
        connection.execute(insert(mails).values(**kept, conversation_id=conversation_id, seq=seq, created_at=now))
    except IntegrityError as error:
        raise KeptAlready(mail.identity) from error


def list_originals(store: Store, conversation_id: str) -> dict[int, Incoming]:
    """The mails of a conversation, by the number of their message, without their whole texts."""
    without_text = literal("").label("original")
    columns = [column for column in mails.c if column.name != "original"]
    statement = select(*columns, without_text).where(mails.c.conversation_id == conversation_id)
    with store.read() as connection:
        return {row["seq"]: _load(row) for row in connection.execute(statement).mappings()}


def _load(row) -> Incoming:
    fields = {key: row[key] for key in Incoming.__dataclass_fields__ if key != "copies"}
    read = {"attachments": name_files(row["attachments"]), "copies": read_copies(row["recipients"])}
    return Incoming(**(fields | read))


def find_original(store: Store, conversation_id: str, seq: int) -> Incoming | None:
    """The mail a message came in."""
    statement = select(mails).where(mails.c.conversation_id == conversation_id, mails.c.seq == seq)
    with store.read() as connection:
        row = connection.execute(statement).mappings().first()
        return _load(row) if row else None


def load_place(store: Store, mailbox: str) -> tuple[int, int] | None:
    """How far a mailbox has been read: UIDVALIDITY and the last UID; None for one never seen."""
    with store.read() as connection:
        row = connection.execute(select(mailboxes).where(mailboxes.c.name == mailbox)).first()
        return (row.uidvalidity, row.last_uid) if row else None


def save_place(store: Store, mailbox: str, uidvalidity: int, last_uid: int) -> None:
    """Remembers that. Called only when everything up to there is kept."""
    with store.write() as connection:
        connection.execute(delete(mailboxes).where(mailboxes.c.name == mailbox))
        connection.execute(insert(mailboxes).values(name=mailbox, uidvalidity=uidvalidity, last_uid=last_uid))
