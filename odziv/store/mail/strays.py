"""Mails that belong to no conversation, and their files: whose they are, and how both go."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, or_, select

from odziv.store.engine import Store
from odziv.store.schema import mail_queue, mails, notifications

IS_STRAY = mails.c.conversation_id.is_(None)
REPORT = "a report"  # why a mail server's is put aside
# A file of such a mail: its row where it is kept here; its name and why it was refused; in mails that an earlier
# version took, its name alone, for it is only in the mailbox.
KeptFiles = Sequence[str | dict[str, Any]]


def kept_rows(files: KeptFiles | None) -> list[dict[str, Any]]:
    """The rows of those that are kept here."""
    return [file for file in files or () if isinstance(file, dict) and "id" in file]


def name_files(files: KeptFiles | None) -> list[str]:
    """The names of all."""
    return [file if isinstance(file, str) else file["name"] for file in files or ()]


def list_stray_files(connection: Connection) -> list[dict[str, Any]]:
    """The rows of all files that such mails have here."""
    found = connection.execute(select(mails.c.attachments).where(IS_STRAY)).scalars()
    return [row for files in found for row in kept_rows(files)]


def measure_stray_files(store: Store) -> int:
    """How many bytes they are together."""
    with store.read() as connection:
        return sum(row["size"] for row in list_stray_files(connection))


def forget_strays(store: Store, connection: Connection, which: ColumnElement[bool]) -> tuple[int, list[str]]:
    """Deletes these, in the caller's transaction. Returns how many, and the ids of the files to remove after it."""
    gone = connection.execute(delete(mails).where(IS_STRAY, which).returning(mails.c.attachments)).scalars().all()
    files = [row["id"] for kept in gone for row in kept_rows(kept)]
    store.files.condemn(files)
    return len(gone), files


def forget_strays_of(
    store: Store, connection: Connection, senders: Collection[str], conversation_id: str | None = None
) -> tuple[int, list[str]]:
    """The same for what these addresses sent, mail servers' reports that name one of them, and the mails that we sent
    for a conversation and that came back to us."""
    ways = [_is_from(connection, senders)]
    for sent in (mail_queue, notifications) if conversation_id else ():
        of_it = select(sent.c.message_id).where(sent.c.conversation_id == conversation_id)
        ways.append(mails.c.message_id.in_(of_it.where(sent.c.message_id.is_not(None))))
    return forget_strays(store, connection, or_(*ways))


def list_strays_of(store: Store, senders: Collection[str]) -> list[dict[str, Any]]:
    """What these addresses sent, and mail servers' reports that name one of them, whole; the oldest first."""
    columns = (mails.c[name] for name in ("created_at", "sender", "subject", "original", "attachments", "automatic"))
    with store.read() as connection:
        these = select(*columns).where(IS_STRAY, _is_from(connection, senders)).order_by(mails.c.id)
        return [dict(row) for row in connection.execute(these).mappings()]


def count_strays_of(connection: Connection, senders: Collection[str]) -> int:
    """How many these are."""
    these = select(func.count()).select_from(mails).where(IS_STRAY, _is_from(connection, senders))
    return connection.execute(these).scalar_one()


def _is_from(connection: Connection, senders: Collection[str]) -> ColumnElement[bool]:
    return or_(mails.c.id.in_(_list_reports(connection, senders)), mails.c.sender.in_(sorted(senders)))


def _list_reports(connection: Connection, senders: Collection[str]) -> list[int]:
    """Mail servers' reports in which one of these addresses stands, by their numbers."""
    if not senders:
        return []
    named = re.compile(rf"(?<![\w.+-])(?:{'|'.join(re.escape(each) for each in senders)})(?![\w-]|\.\w)", re.IGNORECASE)
    reports = connection.execute(select(mails.c.id, mails.c.original).where(IS_STRAY, mails.c.automatic == REPORT))
    return [row.id for row in reports if named.search(row.original)]
