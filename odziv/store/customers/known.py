"""All that is known in a conversation, as data for somebody who takes it away: one document each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, Row, Table, select, tuple_

from odziv.store.agents.shown_name import name_for_customers
from odziv.store.conversations.messages import select_messages
from odziv.store.engine import iso_time
from odziv.store.schema import (
    attachments,
    conversation_articles,
    conversation_labels,
    conversations,
    customer_addresses,
    deliveries,
    drafts,
    field_values,
    fields,
    flags,
    handoffs,
    labels,
    mail_queue,
    mails,
    mentions,
    merges,
    messages,
    notifications,
    phrasings,
    ratings,
    reply_drafts,
    rule_events,
    rule_silences,
    scheduled_actions,
    scheduled_replies,
    search_entries,
    side_mails,
    spam,
    topic_gaps,
    turns,
)

# How many conversations are in memory at a time, with all that is known in them.
AT_ONCE = 50
_SAID = ("seq", "sender", "internal", "text", "buttons", "answer", "considered", "agent_name", "author", "created_at")
_PLACE = ("id", "site", "channel", "subject", "status", "language", "page_language", "page", "created_at", "updated_at")
_PERSON = ("name", "email", "customer", "verified", "browser", "attributes", "consent_at", "consent_text")


@dataclass(frozen=True)
class _Part:
    """What hangs on a conversation: which columns of its rows a document has, in the order of their first."""

    table: Table
    columns: tuple[str, ...]


PARTS = {
    "files": _Part(attachments, ("created_at", "id", "seq", "agent_id", "name", "type", "size", "sha256")),
    "ratings": _Part(ratings, ("created_at", "about", "score", "words", "changed_at")),
    "handoffs": _Part(
        handoffs,
        ("created_at", "reason", "topic", "language", "priority", "status", "outcome", "after_hours")
        + ("first_claimed_at", "replied_at", "closed_at"),
    ),
    "mails_received": _Part(
        mails,
        ("created_at", "seq", "sender", "subject", "original", "attachments", "automatic", "message_id")
        + ("recipients", "reply_to"),
    ),
    "mails_sent": _Part(
        mail_queue,
        ("created_at", "recipient", "status", "first_seq", "last_seq", "finished_at", "message_id", "recipients"),
    ),
    "mails_to_others": _Part(
        side_mails,
        ("created_at", "address", "subject", "passed_on", "status", "seq", "thread", "finished_at", "message_id"),
    ),
    "other_addresses": _Part(customer_addresses, ("created_at", "address")),
    "notifications": _Part(notifications, ("created_at", "kind", "recipient", "status", "seq", "finished_at")),
    "merged_into": _Part(merges, ("at", "into_id")),
    "spam": _Part(spam, ("at",)),
    "proposed_phrasings": _Part(phrasings, ("created_at", "seq", "article", "language", "text", "status")),
    "proposed_articles": _Part(
        drafts, ("created_at", "seq", "language", "category", "title", "question", "answer", "status")
    ),
    "answers_called_wrong": _Part(flags, ("created_at", "seq", "reason", "status")),
    "topics_without_article": _Part(topic_gaps, ("created_at", "seq", "topic")),
    "articles": _Part(conversation_articles, ("article",)),
    "told_to_programs": _Part(deliveries, ("created_at", "event", "status")),
}
WRITTEN_BY_HAND = {messages, conversation_labels, field_values}
# What says nothing of a customer that isn't said elsewhere in the document, or was not said to anybody yet.
LEFT_OUT = {
    turns,
    mentions,
    search_entries,
    scheduled_replies,
    scheduled_actions,
    rule_events,
    rule_silences,
    reply_drafts,
}


def load_documents(connection: Connection, conversation_ids: Sequence[str]) -> list[dict[str, Any]]:
    """A document of each that is there, those first that began first; moments are ISO 8601 in UTC.

    Internal messages are among the messages, and of the agents there are the names, also as customers read them.
    """
    this = conversations.c.id.in_(conversation_ids)
    heads = connection.execute(select(conversations).where(this).order_by(*_ORDER)).all()
    found = {head.id: _begin(head) for head in heads}
    said = select_messages().where(messages.c.conversation_id.in_(found)).order_by(messages.c.seq)
    for row in connection.execute(said):
        files = [{"id": file["id"], "name": file["name"]} for file in row.attachments or ()]
        shown = name_for_customers(row.agent_name, row.agent_shown) if row.agent_name else None
        told = _tell(row, _SAID, messages) | {"files": files, "agent_for_customers": shown}
        found[row.conversation_id]["messages"].append(told)
    for key, part in PARTS.items():
        for row in connection.execute(_of(part, found)):
            found[row.conversation_id][key].append(_tell(row, part.columns, part.table))
    put = select(conversation_labels.c.conversation_id, labels.c.name).join(labels)
    for row in connection.execute(put.where(conversation_labels.c.conversation_id.in_(found)).order_by(labels.c.name)):
        found[row.conversation_id]["labels"].append(row.name)
    known = select(field_values.c.conversation_id, fields.c.about, fields.c.name, field_values.c.value).join(fields)
    for row in connection.execute(known.where(field_values.c.conversation_id.in_(found)).order_by(fields.c.name)):
        found[row.conversation_id]["fields"].append({"about": row.about, "name": row.name, "value": row.value})
    return list(found.values())


def read_documents(
    connection: Connection, *, site: str | None = None, since: int | None = None, until: int | None = None
) -> Iterator[dict[str, Any]]:
    """Those of all conversations that began from `since` on and before `until` (milliseconds), in that order.

    Read with the caller's connection, so of one moment where that is in a transaction; AT_ONCE are held at a time.
    """
    wanted: list[ColumnElement[bool]] = []
    if site is not None:
        wanted.append(conversations.c.site == site)
    if since is not None:
        wanted.append(conversations.c.created_at >= since)
    if until is not None:
        wanted.append(conversations.c.created_at < until)
    some = select(*_ORDER).where(*wanted).order_by(*_ORDER).limit(AT_ONCE)
    page = connection.execute(some).all()
    while page:
        yield from load_documents(connection, [row.id for row in page])
        page = connection.execute(some.where(tuple_(*_ORDER) > tuple_(*page[-1]))).all()


_ORDER = (conversations.c.created_at, conversations.c.id)


def _of(part: _Part, found: dict[str, Any]) -> Any:
    columns = [part.table.c[name] for name in ("conversation_id", *part.columns)]
    return (
        select(*columns)
        .where(part.table.c.conversation_id.in_(found))
        .order_by(part.table.c[part.columns[0]], *part.table.primary_key.columns)
    )


def _begin(head: Row[Any]) -> dict[str, Any]:
    document = _tell(head, _PLACE, conversations)
    document["customer"] = _tell(head, _PERSON, conversations)
    return document | {key: [] for key in ("messages", "labels", "fields", *PARTS)}


def _tell(row: Row[Any], names: Sequence[str], table: Table) -> dict[str, Any]:
    return {name: _readable(getattr(row, name), name, table) for name in names}


def _readable(value: Any, name: str, table: Table) -> Any:
    """A moment as people and programs read it; the rest as it is."""
    is_moment = (name == "at" or name.endswith("_at")) and isinstance(table.c[name].type, BigInteger)
    return iso_time(value) if is_moment and value is not None else value
