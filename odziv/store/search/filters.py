"""Which conversations are wanted: what an agent chooses, as conditions of a query."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Select, and_, func, or_, select

from odziv.store.schema import (
    conversation_articles,
    conversation_labels,
    conversations,
    field_values,
    handoffs,
    ratings,
    search_entries,
)
from odziv.store.search.entries import CUSTOMER, mark_of
from odziv.store.search.index import index_of
from odziv.store.search.words import fold
from odziv.store.webhooks.events import CHECK_SITE

STATES = ("open", "waiting", "snoozed", "bot", "resolved", "spam")
# Of a state's conversations: how the row says it. Snoozed ones are open to the row; their handoff knows.
STATUS_OF = {
    "open": "open",
    "waiting": "queued",
    "snoozed": "open",
    "bot": "bot",
    "resolved": "resolved",
    "spam": "spam",
}
FEW = 3000  # of so few, each is looked at; of more, one in so many is met soon when going by time
MOST_OF_CUSTOMER = 2000


@dataclass(frozen=True)
class Wanted:
    """What they have in common. Empty fields: any; no `states`: all but spam. `since` and `until` are in ms, and are
    when the conversation began. `agent_id` has it, or was the last to have it or one before. A field has to have
    `field_value` in it, without case and accents; None: anything.
    """

    states: tuple[str, ...] = ()
    site: str | None = None
    language: str | None = None
    channel: str | None = None
    agent_id: int | None = None
    topic: str | None = None
    article: str | None = None
    reason: str | None = None
    rating: int | None = None
    customer: str | None = None
    label_id: int | None = None
    field_id: int | None = None
    field_value: str | None = None
    since: int | None = None
    until: int | None = None


def conditions(connection: Connection, wanted: Wanted) -> list[ColumnElement[bool]]:
    """What has to hold of `conversations` for one of these."""
    c = conversations.c
    found = [c.last_seq > 0, _by_hand(c.site) != CHECK_SITE, _state(wanted.states)]
    for name in ("site", "language", "channel"):
        if (value := getattr(wanted, name)) is not None:
            found.append(_by_hand(c[name]) == value)
    if wanted.since is not None:
        found.append(c.created_at >= wanted.since)
    if wanted.until is not None:
        found.append(c.created_at < wanted.until)
    found += [_among(connection, ids) for ids in _selections(wanted)]
    if wanted.customer is not None:
        found.append(c.id.in_(_of_customer(connection, wanted.customer)))
    return found


def _by_hand(column: Column[Any]) -> ColumnElement[Any]:
    """The column so that SQLite takes no index for it: what it found by that, it would have to sort by time."""
    return func.coalesce(column, "")


def _state(states: tuple[str, ...]) -> ColumnElement[bool]:
    c = conversations.c
    if not states:
        return _by_hand(c.status) != "spam"
    if states in (("open",), ("waiting",), ("snoozed",), ("spam",)):  # few at a time: by the index
        return _one_state(states[0], c.status)
    return or_(*(_one_state(state, _by_hand(c.status)) for state in states))


def _one_state(state: str, status: ColumnElement[str]) -> ColumnElement[bool]:
    is_so = status == STATUS_OF[state]
    if state not in ("open", "snoozed"):
        return is_so
    snoozed = conversations.c.id.in_(select(handoffs.c.conversation_id).where(handoffs.c.status == "snoozed"))
    return and_(is_so, snoozed if state == "snoozed" else ~snoozed)


def _selections(wanted: Wanted) -> list[Select]:
    """For each field that stands in another table: the conversations that have it."""
    of_handoff = {"agent_id": wanted.agent_id, "reason": wanted.reason, "topic": wanted.topic}
    found = [
        select(handoffs.c.conversation_id).where(handoffs.c[name] == value)
        for name, value in of_handoff.items()
        if value is not None
    ]
    if wanted.rating is not None:
        found.append(select(ratings.c.conversation_id).where(ratings.c.score == wanted.rating))
    if wanted.label_id is not None:
        has_it = conversation_labels.c.label_id == wanted.label_id
        found.append(select(conversation_labels.c.conversation_id).where(has_it))
    if wanted.field_id is not None:
        has_it = field_values.c.field_id == wanted.field_id
        if wanted.field_value is not None:
            has_it &= field_values.c.folded.contains(fold(wanted.field_value), autoescape=True)
        found.append(select(field_values.c.conversation_id).where(has_it))
    if wanted.article is not None:
        given = conversation_articles.c.article == wanted.article
        found.append(select(conversation_articles.c.conversation_id).where(given))
    return found


def _among(connection: Connection, ids: Select) -> ColumnElement[bool]:
    few = list(connection.execute(ids.limit(FEW + 1)).scalars())
    if len(few) <= FEW:
        return conversations.c.id.in_(set(few))
    [column] = ids.selected_columns
    return ids.where(column == conversations.c.id).exists()


def _of_customer(connection: Connection, text: str) -> set[str]:
    """The newest conversations whose customer has all these words, or words that begin with them."""
    index = index_of(connection)
    groups = [list(index.list_words(connection, word).values()) for word in fold(text).split()]
    if not groups:
        return set()
    groups.append(list(index.list_words(connection, mark_of(CUSTOMER), exact=True).values()))
    entries = index.find(connection, groups, None, MOST_OF_CUSTOMER)
    statement = select(search_entries.c.conversation_id).where(search_entries.c.id.in_(entries))
    return set(connection.execute(statement).scalars())
