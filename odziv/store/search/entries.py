"""What can be found: an entry for each message, its files, a mail's subject, and for who the customer is.

An entry is written in the transaction of what it stands for. Entries are numbered by time, so the newest come first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Connection,
    FromClause,
    Table,
    bindparam,
    delete,
    exists,
    func,
    insert,
    select,
    text,
)

from odziv.store.schema import conversations, customer_addresses, mails, search_entries, side_mails
from odziv.store.search.index import index_of
from odziv.store.search.words import fold

PLACES_IN_MS = 1000  # for entries of the same millisecond
MESSAGE, NOTE, FILE, SUBJECT, CUSTOMER, FIELD = "message", "note", "file", "subject", "customer", "field"
KINDS = (MESSAGE, NOTE, FILE, SUBJECT, CUSTOMER, FIELD)
WHO = ("name", "email", "customer")
# By what the mail of a message is found: its subject, and of one that was forwarded to whom, for what joins both.
SUBJECT_OF_MAIL = func.coalesce(side_mails.c.subject + ", " + side_mails.c.address, mails.c.subject).label("subject")


def mark_of(kind: str) -> str:
    """The word by which entries of a kind are found. No word of a text has such a sign in it."""
    return f"@{kind}"


@dataclass(frozen=True)
class Draft:
    """An entry about to be stored: of which conversation and message, when that was written, and its text."""

    conversation_id: str
    seq: int | None
    kind: str
    at: int
    text: str


def draft_entries(message: Mapping[str, Any]) -> Iterator[Draft]:
    """The entries of a message, a row of its table: its words, and its files' names.

    Notices, and entries for agents, have the same words everywhere, so they are left out.
    """
    place = message["conversation_id"], message["seq"]
    if message["sender"] != "system":
        yield Draft(*place, NOTE if message["internal"] else MESSAGE, message["created_at"], message["text"])
    if files := message["attachments"]:
        yield Draft(*place, FILE, message["created_at"], " ".join(file["name"] for file in files))


def add_message_entries(connection: Connection, message: Mapping[str, Any]) -> None:
    """Has a message found by its words and files, and its conversation by the article it gave."""
    add_entries(connection, draft_entries(message))
    if article := (message["answer"] or {}).get("article"):
        add_article(connection, message["conversation_id"], article)


def join_mails(source: FromClause, of: Table) -> FromClause:
    """The rows of `source` with the mails, of both kinds, of the messages that its table `of` names."""
    for table in (mails, side_mails):
        source = source.outerjoin(table, (table.c.conversation_id == of.c.conversation_id) & (table.c.seq == of.c.seq))
    return source


def add_subject_entry(connection: Connection, conversation_id: str, seq: int, at: int, subject: str) -> None:
    """Has a message found by the subject of the mail it came in."""
    add_entries(connection, [Draft(conversation_id, seq, SUBJECT, at, subject)])


def forget_subjects(connection: Connection, places: Iterable[tuple[str, int]]) -> None:
    """Has these messages, by conversation and number, found no more by the subject of their mail."""
    _remove_at(connection, SUBJECT, places)


def keep_files(connection: Connection, conversation_id: str, seq: int, at: int, names: Collection[str]) -> None:
    """Has a message found by the names of the files it has left."""
    _remove_at(connection, FILE, [(conversation_id, seq)])
    add_entries(connection, [Draft(conversation_id, seq, FILE, at, " ".join(names))])


def _remove_at(connection: Connection, kind: str, places: Iterable[tuple[str, int]]) -> None:
    e = search_entries.c
    for conversation_id, seq in places:
        remove_where(connection, (e.conversation_id == conversation_id) & (e.seq == seq) & (e.kind == kind))


def add_entries(connection: Connection, drafts: Iterable[Draft]) -> None:
    """Stores them, and has them found; those without a word are left out."""
    worded = [(draft, folded) for draft in drafts if (folded := _fold(draft))]
    if not worded:
        return
    ids = _find_ids(connection, [draft.at for draft, _ in worded])
    rows = [
        {
            "id": entry_id,
            "conversation_id": draft.conversation_id,
            "seq": draft.seq,
            "kind": draft.kind,
            "folded": folded,
        }
        for entry_id, (draft, folded) in zip(ids, worded, strict=True)
    ]
    connection.execute(insert(search_entries), rows)
    index_of(connection).add(connection, [(row["id"], row["folded"]) for row in rows])


def _fold(draft: Draft) -> str:
    folded = fold(draft.text)
    return folded if draft.kind == MESSAGE or not folded else f"{folded} {mark_of(draft.kind)}"


def add_article(connection: Connection, conversation_id: str, article: str) -> None:
    """Notes that an article was given in a conversation."""
    connection.execute(_ADD_ARTICLE, {"conversation": conversation_id, "article": article})


def keep_customers(connection: Connection, touched: Collection[str]) -> None:
    """Has the customers of these conversations found by what is known of them now; other keys are passed over."""
    c = conversations.c
    has_others = exists().where(customer_addresses.c.conversation_id == c.id).label("has_others")
    who = select(c.id, c.created_at, *(c[name] for name in WHO), search_entries.c.folded, has_others)
    who = who.where(c.id.in_(touched))
    entry = (search_entries.c.conversation_id == c.id) & (search_entries.c.kind == CUSTOMER)
    changed = []
    for row in connection.execute(who.select_from(conversations.outerjoin(search_entries, entry))).mappings().all():
        others = list_other_addresses(connection, [row["id"]])[row["id"]] if row["has_others"] else []
        folded = fold(" ".join([*(row[name] for name in WHO if row[name]), *others]))
        if folded == (row["folded"] or "").removesuffix(f" {mark_of(CUSTOMER)}"):
            continue
        remove_where(connection, (search_entries.c.conversation_id == row["id"]) & (search_entries.c.kind == CUSTOMER))
        changed.append(Draft(row["id"], None, CUSTOMER, row["created_at"], folded))
    add_entries(connection, changed)


def list_other_addresses(connection: Connection, conversation_ids: Collection[str]) -> Mapping[str, list[str]]:
    """By conversation the addresses that agents added to its customer there; without any, an empty list."""
    c, found = customer_addresses.c, defaultdict(list)
    statement = select(c.conversation_id, c.address).where(c.conversation_id.in_(conversation_ids)).order_by(c.id)
    for conversation_id, address in connection.execute(statement):
        found[conversation_id].append(address)
    return found


def keep_fields(connection: Connection, conversation_id: str, values: Iterable[str]) -> None:
    """Has a conversation found by what its fields hold now."""
    begun = select(conversations.c.created_at).where(conversations.c.id == conversation_id)
    remove_where(connection, (search_entries.c.conversation_id == conversation_id) & (search_entries.c.kind == FIELD))
    add_entries(
        connection,
        [Draft(conversation_id, None, FIELD, connection.execute(begun).scalar_one(), " ".join(values))],
    )


def forget_entries(connection: Connection, conversation_id: str) -> None:
    """Has nothing of a conversation found any more, and leaves none of its words in the index."""
    remove_where(connection, search_entries.c.conversation_id == conversation_id)


def remove_where(connection: Connection, which) -> None:
    rows = connection.execute(select(search_entries.c.id, search_entries.c.folded).where(which)).all()
    if rows:
        index_of(connection).remove(connection, [(row.id, row.folded) for row in rows])
        connection.execute(delete(search_entries).where(which))


def _find_ids(connection: Connection, moments: list[int]) -> list[int]:
    """A free number for each: the first of its millisecond, or the next one soon after."""
    given: dict[int, int] = {}  # the last one given, by the first of its millisecond
    found = []
    for at in moments:
        first = at * PLACES_IN_MS
        while (last := given.get(first) or _find_last(connection, first)) >= first + PLACES_IN_MS - 1:
            first += PLACES_IN_MS
        given[first] = max(last + 1, first)
        found.append(given[first])
    return found


def _find_last(connection: Connection, first: int) -> int:
    """The last number of a millisecond that is taken, 0 where none is."""
    return connection.execute(_LAST, {"first": first, "last": first + PLACES_IN_MS - 1}).scalar() or 0


_ADD_ARTICLE = text(
    "INSERT INTO conversation_articles (conversation_id, article) VALUES (:conversation, :article)"
    " ON CONFLICT DO NOTHING"
)
_LAST = select(func.max(search_entries.c.id)).where(search_entries.c.id.between(bindparam("first"), bindparam("last")))
