"""Attachments: uploaded first, then sent with a message. The row comes after the file, and goes before it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from odziv.store.engine import DAY_MS, HOUR_MS, Store
from odziv.store.mail.strays import list_stray_files
from odziv.store.schema import attachments, conversations, messages

MOST_IN_MESSAGE = 5
KEPT = 0  # in place of the number of a message that is still scheduled
# A mail can bring more: whoever sent it can't be asked to send it again.
MOST_IN_MAIL = 10
MOST_IN_CONVERSATION = 50
MOST_BYTES_IN_CONVERSATION = 100 * 1024 * 1024
# Uploaded but never sent: kept this long, for whoever writes the message to it tomorrow.
UNSENT_MS = DAY_MS


class AttachmentUnknown(Exception):
    """There is no such attachment to send: it is another's, was sent already, or was never there."""


class TooManyAttachments(Exception):
    """The conversation has as many files, or bytes of them, as it can have."""


@dataclass(frozen=True)
class Attachment:
    """A file in a conversation. `seq` is the message it was sent with, `agent_id` None the customer's own."""

    id: str
    conversation_id: str
    seq: int | None
    agent_id: int | None
    name: str
    type: str
    size: int
    sha256: str
    width: int | None
    height: int | None
    created_at: int

    def shown(self) -> dict[str, Any]:
        """What a message tells of it: id, name, type, size in bytes and, of a picture, its pixels."""
        told = {"id": self.id, "name": self.name, "type": self.type, "size": self.size}
        return told | ({"width": self.width, "height": self.height} if self.width else {})


_COLUMNS = [attachments.c[field.name] for field in fields(Attachment)]


def add_attachment(
    store: Store,
    conversation_id: str,
    data: bytes,
    *,
    name: str,
    type: str,
    width: int | None = None,
    height: int | None = None,
    agent_id: int | None = None,
) -> Attachment:
    """Keeps a file for a message that is yet to be sent.

    Raises KeyError without such a conversation, TooManyAttachments, and NoRoom when the disk is nearly full.
    """
    with store.read() as connection:  # a look first, before anything is written to the disk
        _check_room(connection, conversation_id, len(data))
    row = write_file(store, data, name=name, type=type, width=width, height=height)
    row |= {"conversation_id": conversation_id, "agent_id": agent_id}
    with settled(store, [row]):
        stale = _insert(store, row)
    store.files.remove(stale)
    return Attachment(seq=None, **row)


def write_file(
    store: Store, data: bytes, *, name: str, type: str, width: int | None = None, height: int | None = None
) -> dict[str, Any]:
    """Writes the bytes; returns the row to come, as a customer's and without a conversation. Raises NoRoom."""
    row = {"name": name, "type": type, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    row |= {"width": width, "height": height, "agent_id": None, "created_at": store.clock()}
    return row | {"id": store.files.save(data)}


@contextmanager
def settled(store: Store, rows: Sequence[dict[str, Any]]) -> Iterator[None]:
    """Files just written stay if their rows come to be, and go if not."""
    try:
        yield
    except BaseException:
        store.files.remove(row["id"] for row in rows)
        raise
    store.files.settle(row["id"] for row in rows)


def add_written(connection: Connection, conversation_id: str, rows: Sequence[dict[str, Any]]) -> tuple[str, ...]:
    """The rows of files that were written before, in the caller's transaction; returns their ids, for a message."""
    for row in rows:
        connection.execute(insert(attachments).values(**row, conversation_id=conversation_id))
    return tuple(row["id"] for row in rows)


def measure_room(store: Store, conversation_id: str) -> tuple[int, int]:
    """How many files, and how many bytes of them, a conversation can still take."""
    with store.read() as connection:
        count, size = _measure(connection, conversation_id)
    return MOST_IN_CONVERSATION - count, MOST_BYTES_IN_CONVERSATION - size


def _insert(store: Store, row: dict[str, Any]) -> list[str]:
    """Writes the row; returns the ids of what was uploaded here long ago and never sent, whose rows are gone now."""
    with store.write() as connection:
        of_it = attachments.c.conversation_id == row["conversation_id"]
        stale = _forget(store, connection, of_it, _is_stale(store.clock()))
        _check_room(connection, row["conversation_id"], row["size"])
        connection.execute(insert(attachments).values(**row))
        return stale


def _check_room(connection: Connection, conversation_id: str, more: int) -> None:
    if not connection.execute(select(conversations.c.id).where(conversations.c.id == conversation_id)).first():
        raise KeyError(conversation_id)
    count, size = _measure(connection, conversation_id)
    if count >= MOST_IN_CONVERSATION or size + more > MOST_BYTES_IN_CONVERSATION:
        raise TooManyAttachments


def _measure(connection: Connection, conversation_id: str) -> tuple[int, int]:
    measured = select(func.count(), func.coalesce(func.sum(attachments.c.size), 0))
    return connection.execute(measured.where(attachments.c.conversation_id == conversation_id)).one()


def put_into_message(
    connection: Connection, conversation_id: str, seq: int, agent_id: int | None, ids: tuple[str, ...]
) -> list[dict[str, Any]] | None:
    """Makes uploaded files part of a message, in the caller's transaction; returns what is shown of them.

    Each file is sent once, by whoever uploaded it, where they uploaded it. Raises AttachmentUnknown.
    """
    if not ids:
        return None
    if len(set(ids)) != len(ids) or len(ids) > MOST_IN_MAIL:
        raise AttachmentUnknown
    sent = connection.execute(
        update(attachments)
        .where(
            attachments.c.id.in_(ids),
            attachments.c.conversation_id == conversation_id,
            attachments.c.seq.is_(None),
            attachments.c.agent_id.is_(None) if agent_id is None else attachments.c.agent_id == agent_id,
        )
        .values(seq=seq)
        .returning(*_COLUMNS)
    ).mappings()
    shown = {row["id"]: Attachment(**row).shown() for row in sent}
    if len(shown) != len(ids):
        raise AttachmentUnknown
    return [shown[attachment_id] for attachment_id in ids]


def keep_for_reply(connection: Connection, conversation_id: str, agent_id: int, ids: tuple[str, ...]) -> None:
    """Sets an agent's files aside for a scheduled reply: no other message can take them. Raises AttachmentUnknown."""
    put_into_message(connection, conversation_id, KEPT, agent_id, ids)


def let_go(connection: Connection, conversation_id: str, ids: Iterable[str]) -> None:
    """Files that were set aside are as they were when uploaded."""
    kept = (attachments.c.conversation_id == conversation_id) & (attachments.c.seq == KEPT)
    connection.execute(update(attachments).where(kept, attachments.c.id.in_(list(ids))).values(seq=None))


def find_public_attachment(store: Store, conversation_id: str, attachment_id: str) -> Attachment | None:
    """One that the conversation's customer may have: sent, and not with a note among agents."""
    is_shown = (attachments.c.seq == messages.c.seq) & messages.c.internal.is_(False)
    sent_with = attachments.join(messages, messages.c.conversation_id == attachments.c.conversation_id)
    statement = select(*_COLUMNS).select_from(sent_with).where(is_shown, *_is_this(conversation_id, attachment_id))
    return _first(store, statement)


def find_attachment(store: Store, conversation_id: str, attachment_id: str) -> Attachment | None:
    """One of a conversation, for its agents: sent or not, and with whatever message."""
    return _first(store, select(*_COLUMNS).where(*_is_this(conversation_id, attachment_id)))


def _is_this(conversation_id: str, attachment_id: str) -> tuple[Any, Any]:
    return attachments.c.conversation_id == conversation_id, attachments.c.id == attachment_id


def _first(store: Store, statement: Any) -> Attachment | None:
    with store.read() as connection:
        row = connection.execute(statement).mappings().first()
        return Attachment(**row) if row else None


def forget_attachments(store: Store, connection: Connection, conversation_id: str) -> list[str]:
    """Deletes a conversation's rows, in the caller's transaction; returns the ids of the files to remove after it."""
    return _forget(store, connection, attachments.c.conversation_id == conversation_id)


def sweep_attachments(store: Store) -> int:
    """Removes what was never sent, and what a killed process left half done. Returns how many files that were.

    Whatever else lies in the folder stays: beside a database that is new, or older than it, it holds what another
    database knows, which somebody may be about to put back.
    """
    now = store.clock()
    with store.write() as connection:
        unsent = _forget(store, connection, _is_stale(now))
    store.files.remove(unsent)
    return len(unsent) + store.files.sweep(_known(store), now - HOUR_MS)


def remove_condemned(store: Store) -> int:
    """Tries again to remove what was deleted and could not go; returns how many files are still there."""
    condemned = set(store.files.list_condemned()) - _known(store)
    store.files.remove(condemned)
    return len(condemned.intersection(store.files.list_condemned()))


def list_unknown_files(store: Store) -> list[str]:
    """Files that belong to no conversation here: another database may know them, or an earlier version forgot them."""
    return store.files.list_unknown(_known(store))


def _known(store: Store) -> set[str]:
    """The ids of files that have a row, or stand with a mail that belongs to no conversation."""
    with store.read() as connection:
        sent = connection.execute(select(attachments.c.id)).scalars().all()
        return {*sent, *(row["id"] for row in list_stray_files(connection))}


def _is_stale(now: int) -> Any:
    return attachments.c.seq.is_(None) & (attachments.c.created_at < now - UNSENT_MS)


def _forget(store: Store, connection: Connection, *conditions: Any) -> list[str]:
    deleted = connection.execute(delete(attachments).where(*conditions).returning(attachments.c.id))
    file_ids = list(deleted.scalars())
    store.files.condemn(file_ids)
    return file_ids
