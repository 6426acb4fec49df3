"""What is kept less long than the conversations it is of: files, e-mails, ratings. And what readers say of articles."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Select, Table, delete, func, or_, select, tuple_, update

from odziv.store.engine import Store, touch
from odziv.store.retention.scope import Found, Scope
from odziv.store.schema import (
    article_feedback,
    attachments,
    conversations,
    mail_queue,
    mails,
    messages,
    notifications,
    ratings,
    side_mails,
)
from odziv.store.search.entries import forget_subjects, keep_files


@dataclass(frozen=True)
class Part:
    """A table whose rows grow old by `moment`; `extra` says which of them are meant at all.

    Rows for which `emptied` gives values stay, with these in place of what they held.
    `through` is the column by which its rows are a conversation's, or `site` the one that names the site.
    """

    table: Table
    moment: Column[int]
    through: Column[str] | None = None
    site: Column[str] | None = None
    extra: tuple[ColumnElement[bool], ...] = ()
    emptied: Mapping[str, Any] | None = None

    def select_old(self, scope: Scope, *columns: Any) -> Select[Any]:
        """These columns of the rows that are too old."""
        old = select(*columns).where(self.moment < scope.before, *self.extra)
        if self.through is None:
            assert self.site is not None
            return old.where(scope.is_of(self.site))
        joined = self.table.join(conversations, conversations.c.id == self.through)
        return old.select_from(joined).where(scope.is_over)


NO_LONGER_KEPT = "This e-mail is no longer kept."  # in place of its text, for agents
# Of files only those that were sent: others go after a day by themselves, or with the reply that is scheduled.
FILES = Part(attachments, attachments.c.created_at, attachments.c.conversation_id, extra=(attachments.c.seq > 0,))
PARTS: dict[str, tuple[Part, ...]] = {
    "attachments": (FILES,),
    "mail": (
        # That it was taken has to be known further: a mailbox is read anew when its server numbers it anew.
        Part(
            mails,
            mails.c.created_at,
            mails.c.conversation_id,
            extra=(or_(mails.c.original != NO_LONGER_KEPT, mails.c.recipients.is_not(None)),),
            emptied={
                "original": NO_LONGER_KEPT,
                "subject": "",
                **dict.fromkeys(("sender", "attachments", "recipients", "reply_to")),
            },
        ),
        Part(mail_queue, mail_queue.c.finished_at, mail_queue.c.conversation_id),
        Part(side_mails, side_mails.c.finished_at, side_mails.c.conversation_id),
        Part(notifications, notifications.c.finished_at, notifications.c.conversation_id),
    ),
    "ratings": (
        Part(ratings, ratings.c.changed_at, ratings.c.conversation_id),
        Part(article_feedback, article_feedback.c.created_at, site=article_feedback.c.site),
    ),
}


def count_old_parts(store: Store, part: Part, scope: Scope) -> Found:
    """How many rows of it are too old."""
    with store.read() as connection:
        count, oldest = connection.execute(part.select_old(scope, func.count(), func.min(part.moment))).one()
    return Found(count, oldest)


def list_old_parts(store: Store, part: Part, scope: Scope, limit: int) -> list[tuple[Any, ...]]:
    """The primary keys of some of them, the oldest first."""
    statement = part.select_old(scope, *part.table.primary_key.columns).order_by(part.moment).limit(limit)
    with store.read() as connection:
        return [tuple(row) for row in connection.execute(statement)]


def remove_parts(connection: Connection, part: Part, keys: Sequence[tuple[Any, ...]]) -> int:
    """Deletes or empties these rows, in the caller's transaction; returns how many there still were."""
    these = tuple_(*part.table.primary_key.columns).in_(keys)
    if part.table in (mails, side_mails):
        columns = part.table.c.conversation_id, part.table.c.seq
        places = connection.execute(select(*columns).where(these, *(column.is_not(None) for column in columns))).all()
        forget_subjects(connection, [tuple(place) for place in places])
    if part.emptied is not None:
        return connection.execute(update(part.table).where(these).values(**part.emptied)).rowcount
    return connection.execute(delete(part.table).where(these)).rowcount


def remove_files(
    store: Store, connection: Connection, keys: Sequence[tuple[Any, ...]], say: Callable[[str], tuple[str, str]]
) -> list[str]:
    """The same for files that were sent: their messages name them no more; returns the ids of files to remove after it.

    A message that was nothing but files has instead the text and HTML that `say(language)` returns.
    """
    of_them = attachments.c.id.in_([file_id for (file_id,) in keys])
    rows = connection.execute(
        select(
            attachments.c.id,
            *(messages.c[name] for name in ("conversation_id", "seq", "created_at", "text", "attachments")),
        )
        .join(messages, _is_of_message())
        .where(of_them)
    ).all()
    gone = {row.id for row in rows}
    for row in {(row.conversation_id, row.seq): row for row in rows}.values():
        _name_no_more(connection, row, gone, say)
    file_ids = list(connection.execute(delete(attachments).where(of_them).returning(attachments.c.id)).scalars())
    store.files.condemn(file_ids)
    return file_ids


def _is_of_message() -> ColumnElement[bool]:
    return (messages.c.conversation_id == attachments.c.conversation_id) & (messages.c.seq == attachments.c.seq)


def _name_no_more(connection: Connection, row: Any, gone: set[str], say: Callable[[str], tuple[str, str]]) -> None:
    left = [file for file in row.attachments or () if file.get("id") not in gone]
    values: dict[str, Any] = {"attachments": left or None}
    if not row.text and not left:
        language = select(conversations.c.language).where(conversations.c.id == row.conversation_id)
        values["text"], values["html"] = say(connection.execute(language).scalar_one())
    this = (messages.c.conversation_id == row.conversation_id) & (messages.c.seq == row.seq)
    connection.execute(update(messages).where(this).values(**values))
    names = [file["name"] for file in left]
    keep_files(connection, row.conversation_id, row.seq, row.created_at, names)
    touch(connection, row.conversation_id)
