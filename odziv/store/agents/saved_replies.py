"""Saved replies: answers the whole team uses, in one or more languages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from odziv.store.audit import record
from odziv.store.engine import Store
from odziv.store.schema import agents, saved_replies


class ShortcutTaken(Exception):
    """Another saved reply has this shortcut."""


class Outdated(Exception):
    """Somebody else changed or deleted it since it was read."""


@dataclass(frozen=True)
class SavedReply:
    """`texts` is Markdown by language, with placeholders; `version` rises with each change."""

    id: int
    shortcut: str
    name: str
    texts: dict[str, str]
    version: int
    updated_by: int | None
    updated_at: int
    editor: str | None


_SELECT = select(saved_replies, agents.c.name.label("editor")).select_from(
    saved_replies.outerjoin(agents, agents.c.id == saved_replies.c.updated_by)
)


def list_saved_replies(store: Store) -> list[SavedReply]:
    """Every saved reply, by shortcut."""
    with store.read() as connection:
        rows = connection.execute(_SELECT.order_by(saved_replies.c.shortcut)).mappings()
        return [SavedReply(**row) for row in rows]


def find_saved_reply(store: Store, reply_id: int) -> SavedReply | None:
    """One of them, or None."""
    with store.read() as connection:
        row = connection.execute(_SELECT.where(saved_replies.c.id == reply_id)).mappings().first()
        return SavedReply(**row) if row else None


def add_saved_reply(store: Store, shortcut: str, name: str, texts: dict[str, str], by: int) -> int:
    """Stores a new one and returns its id. Raises ShortcutTaken."""
    values = {"shortcut": shortcut, "name": name, "texts": texts, "updated_by": by, "updated_at": store.clock()}
    try:
        with store.write() as connection:
            statement = insert(saved_replies).values(**values, version=1).returning(saved_replies.c.id)
            reply_id = connection.execute(statement).scalar_one()
            record(connection, "saved_reply_changed", by, f"saved_reply:{reply_id}", shortcut=shortcut)
            return reply_id
    except IntegrityError:
        raise ShortcutTaken(shortcut) from None


def change_saved_reply(
    store: Store, reply_id: int, version: int, shortcut: str, name: str, texts: dict[str, str], by: int
) -> None:
    """Replaces one that is still as it was read. Raises Outdated, ShortcutTaken."""
    values = {"shortcut": shortcut, "name": name, "texts": texts, "updated_by": by, "updated_at": store.clock()}
    try:
        with store.write() as connection:
            # Of two editors only one still finds the version both have read.
            changed = connection.execute(
                update(saved_replies).where(_is(reply_id, version)).values(**values, version=version + 1)
            )
            if changed.rowcount != 1:
                raise Outdated(reply_id)
            record(connection, "saved_reply_changed", by, f"saved_reply:{reply_id}", shortcut=shortcut)
    except IntegrityError:
        raise ShortcutTaken(shortcut) from None


def delete_saved_reply(store: Store, reply_id: int, version: int, by: int) -> None:
    """Deletes one that is still as it was read. Raises Outdated."""
    with store.write() as connection:
        statement = delete(saved_replies).where(_is(reply_id, version)).returning(saved_replies.c.shortcut)
        shortcut = connection.execute(statement).scalar()
        if shortcut is None:
            raise Outdated(reply_id)
        record(connection, "saved_reply_deleted", by, f"saved_reply:{reply_id}", shortcut=shortcut)


def _is(reply_id: int, version: int) -> Any:
    return (saved_replies.c.id == reply_id) & (saved_replies.c.version == version)
