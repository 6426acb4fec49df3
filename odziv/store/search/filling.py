"""Entries for what was written before there was a search: some at a time, so that nobody waits for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, delete, exists, insert, select, tuple_, update

from odziv.store.engine import Store
from odziv.store.schema import mails, messages, search_entries, search_filling, side_mails
from odziv.store.search.entries import (
    FILE,
    SUBJECT,
    SUBJECT_OF_MAIL,
    Draft,
    add_article,
    add_entries,
    draft_entries,
    join_mails,
    keep_customers,
    remove_where,
)
from odziv.store.search.index import index_of

STEP = 200  # messages in one transaction
MOST_STEPS = 1000  # of tidying, of some milliseconds each


def is_filling(store: Store) -> bool:
    """Whether older messages are still to come."""
    with store.read() as connection:
        return connection.execute(select(search_filling.c.seq)).first() is not None


def fill_again(store: Store) -> None:
    """Has every message looked at once more, for those that were written past the store."""
    with store.write() as connection:
        connection.execute(delete(search_filling))
        connection.execute(insert(search_filling).values(conversation_id="", seq=0))


def tidy_index(store: Store) -> None:
    """Takes what is left of deleted words out of the index, some at a time."""
    for _ in range(MOST_STEPS):
        with store.write() as connection:
            if not index_of(connection).tidy(connection):
                return


def fill_some(store: Store, step: int = STEP) -> int:
    """Makes the entries of the next `step` messages that have none. Returns how many were looked at; 0: that was all.

    What is written or deleted meanwhile does no harm: who writes makes the entries, and a message that is gone has
    none to come.
    """
    if not is_filling(store):  # a look first: nearly always there is nothing to do
        return 0
    with store.write() as connection:
        place = connection.execute(select(search_filling.c.conversation_id, search_filling.c.seq)).first()
        if place is None:
            return 0
        rows = _next_messages(connection, tuple(place), step)
        if not rows:
            connection.execute(delete(search_filling))
            return 0
        _add_missing(connection, rows)
        last = {"conversation_id": rows[-1]["conversation_id"], "seq": rows[-1]["seq"]}
        connection.execute(update(search_filling).values(**last))
        return len(rows)


def _next_messages(connection: Connection, after: tuple[Any, ...], step: int) -> list[dict[str, Any]]:
    statement = (
        select(messages, SUBJECT_OF_MAIL)
        .select_from(join_mails(messages, messages))
        .where(tuple_(messages.c.conversation_id, messages.c.seq) > tuple_(*after))
        .order_by(messages.c.conversation_id, messages.c.seq)
        .limit(step)
    )
    return [dict(row) for row in connection.execute(statement).mappings()]


def _add_missing(connection: Connection, rows: list[dict[str, Any]]) -> None:
    ids = {row["conversation_id"] for row in rows}
    keep_customers(connection, ids)
    here = select(search_entries.c.conversation_id, search_entries.c.seq).where(
        search_entries.c.conversation_id.in_(ids)
    )
    known = {tuple(row) for row in connection.execute(here)}
    missing = [row for row in rows if (row["conversation_id"], row["seq"]) not in known]
    add_entries(connection, (draft for row in missing for draft in _draft(row)))
    articles = {
        (row["conversation_id"], article) for row in missing if (article := (row["answer"] or {}).get("article"))
    }
    for conversation_id, article in articles:
        add_article(connection, conversation_id, article)


def _draft(row: dict[str, Any]) -> Iterator[Draft]:
    yield from draft_entries(row)
    if row["subject"]:
        yield Draft(row["conversation_id"], row["seq"], SUBJECT, row["created_at"], row["subject"])


def forget_stale_entries(store: Store, limit: int) -> int:
    """Has some messages found no more by subjects and files that are no longer kept of them; returns how many."""
    e, at = search_entries.c, {table: _is_at(table) for table in (mails, side_mails, messages)}
    has_subject = exists().where(at[mails], mails.c.subject != "") | exists().where(at[side_mails])
    has_files = exists().where(at[messages], messages.c.attachments.is_not(None))
    is_stale = ((e.kind == SUBJECT) & ~has_subject) | ((e.kind == FILE) & ~has_files)
    with store.read() as connection:  # a look first: nearly always there is nothing to do
        ids = connection.execute(select(e.id).where(is_stale).limit(limit)).scalars().all()
    if ids:
        with store.write() as connection:
            remove_where(connection, e.id.in_(ids) & is_stale)
    return len(ids)


def _is_at(table: Table) -> ColumnElement[bool]:
    e = search_entries.c
    return (table.c.conversation_id == e.conversation_id) & (table.c.seq == e.seq)
