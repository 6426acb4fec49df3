"""Conversations in which nothing has happened for long. They are deleted as customers have theirs deleted."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, func, select

from odziv.store.conversations.conversation import EXPIRED, delete_conversation
from odziv.store.engine import Store
from odziv.store.retention.scope import Found, Scope
from odziv.store.schema import conversations


def count_old_conversations(store: Store, scope: Scope) -> Found:
    """Those in which nothing has happened since, by when that was."""
    statement = select(func.count(), func.min(conversations.c.updated_at)).where(_is_old(scope))
    with store.read() as connection:
        count, oldest = connection.execute(statement).one()
    return Found(count, oldest)


def list_old_conversations(store: Store, scope: Scope, limit: int) -> list[str]:
    """The ids of some of them, those first that began first."""
    statement = select(conversations.c.id).where(_is_old(scope)).order_by(conversations.c.created_at).limit(limit)
    with store.read() as connection:
        return list(connection.execute(statement).scalars())


def delete_old_conversation(store: Store, scope: Scope, conversation_id: str, senders: Collection[str]) -> bool:
    """Deletes one of them with all that hangs on it, unless something was said in it since; returns whether it did."""
    return delete_conversation(store, conversation_id, action=EXPIRED, senders=senders, only=_is_old(scope))


def _is_old(scope: Scope) -> ColumnElement[bool]:
    # The first condition has an index: whatever began later can't be older.
    before = conversations.c.created_at < scope.before
    return before & (conversations.c.updated_at < scope.before) & scope.is_over
