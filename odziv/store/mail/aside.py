"""Mails that were put aside: in no conversation and answered by nobody, until somebody makes one of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import func, select, update

from odziv.store.audit import record
from odziv.store.conversations.attachments import add_written
from odziv.store.conversations.conversation import change_owner, insert_conversation
from odziv.store.conversations.messages import NewMessage, append_message
from odziv.store.engine import Store
from odziv.store.handoffs.handoff import add_handoff
from odziv.store.mail.strays import kept_rows, name_files
from odziv.store.schema import mails

MOST_LISTED = 50


@dataclass(frozen=True)
class AsideFile:
    """A file of such a mail. `type` and `size`, in bytes, are of one that is kept here, `why` of one that was refused.

    It is a key of the texts of mails. One with neither is only in the mailbox: an earlier version took the mail.
    """

    name: str
    type: str | None = None
    size: int = 0
    why: str | None = None


@dataclass(frozen=True)
class Aside:
    """A mail put aside, and why."""

    id: int
    sender: str | None
    subject: str
    original: str
    files: list[AsideFile]
    reason: str
    created_at: int
    mailbox: str | None = None  # the name of the one it came to


_IS_ASIDE = mails.c.conversation_id.is_(None)
_COLUMNS = (
    mails.c.id,
    mails.c.sender,
    mails.c.subject,
    mails.c.attachments.label("files"),
    mails.c.automatic.label("reason"),
    mails.c.created_at,
    mails.c.mailbox,
)


def count_aside(store: Store) -> int:
    """How many there are."""
    with store.read() as connection:
        return connection.execute(select(func.count()).select_from(mails).where(_IS_ASIDE)).scalar_one()


def list_aside(store: Store, before: int | None = None, limit: int = MOST_LISTED) -> list[Aside]:
    """The newest first, those older than the mail `before`; of each text the beginning."""
    begun = func.substr(mails.c.original, 1, 300).label("original")
    statement = select(*_COLUMNS, begun).where(_IS_ASIDE, *([mails.c.id < before] if before else []))
    with store.read() as connection:
        rows = connection.execute(statement.order_by(mails.c.id.desc()).limit(limit)).mappings()
        return [_load(row) for row in rows]


def find_aside(store: Store, mail_id: int) -> Aside | None:
    """One of them, whole; None for one that is none, or no more."""
    statement = select(*_COLUMNS, mails.c.original).where(_IS_ASIDE, mails.c.id == mail_id)
    with store.read() as connection:
        row = connection.execute(statement).mappings().first()
        return _load(row) if row else None


def _load(row: Any) -> Aside:
    files = [_load_file(file) for file in row["files"] or ()]
    return Aside(**{**row, "files": files, "reason": row["reason"] or "unknown"})


def _load_file(file: str | dict[str, Any]) -> AsideFile:
    if isinstance(file, str):
        return AsideFile(file)
    return AsideFile(file["name"], file.get("type"), file.get("size", 0), file.get("why"))


def find_opened(store: Store, mail_id: int) -> str | None:
    """The conversation a mail is in; None while it is put aside, or when there is no such mail."""
    with store.read() as connection:
        return connection.execute(select(mails.c.conversation_id).where(mails.c.id == mail_id)).scalar()


def open_aside(
    store: Store,
    mail_id: int,
    agent_id: int,
    opened: dict[str, Any],
    message: NewMessage,
    entry: NewMessage,
    *,
    after_hours: bool,
) -> str | None:
    """Makes a conversation of a mail, with its files, which waits for a person; nothing is sent. Returns its id.

    `opened` are its columns: site, language, mailbox and e-mail address. None, with nothing changed, when it is no
    longer aside.
    """
    this = update(mails).where(_IS_ASIDE, mails.c.id == mail_id)
    with store.write() as connection:
        if not connection.execute(this.values(seq=None)).rowcount:  # of two who press at once, the second waits here
            return None
        files = connection.execute(select(mails.c.attachments).where(mails.c.id == mail_id)).scalar()
        conversation = insert_conversation(connection, channel="mail", **opened)
        ids = add_written(connection, conversation.id, kept_rows(files))
        said = append_message(connection, conversation.id, replace(message, attachments=ids))
        moved = {"conversation_id": conversation.id, "seq": said.seq, "attachments": name_files(files) or None}
        connection.execute(this.values(**moved))
        append_message(connection, conversation.id, entry)
        add_handoff(connection, conversation.id, "mail", opened["language"], after_hours=after_hours)
        change_owner(connection, conversation.id, "queued", agent_id=None)
        record(connection, "mail_opened", agent_id, f"conversation:{conversation.id}")
        return conversation.id
