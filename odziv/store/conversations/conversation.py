"""Conversations: who owns one now, and how ownership changes."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, bindparam, delete, insert, select, update

from odziv.store.agents.mail_drafts import forget_mail_drafts_to
from odziv.store.agents.shown_name import name_for_customers
from odziv.store.audit import record
from odziv.store.conversations.attachments import forget_attachments
from odziv.store.customers.exports import withdraw_of_customers
from odziv.store.engine import Store, moment_of, tell_gone, touch
from odziv.store.mail.strays import forget_strays_of
from odziv.store.schema import (
    agents,
    conversation_articles,
    conversation_labels,
    conversations,
    customer_addresses,
    deliveries,
    drafts,
    field_values,
    flags,
    handoffs,
    mail_queue,
    mails,
    mentions,
    merges,
    messages,
    notifications,
    phrasings,
    portraits,
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
from odziv.store.search.entries import forget_entries
from odziv.store.webhooks.events import emit, emit_change

HANGS_ON_IT = (
    deliveries, ratings, mail_queue, side_mails, notifications, mails, merges, spam, drafts, flags, scheduled_replies,
    mentions, scheduled_actions, phrasings, handoffs, turns, topic_gaps, conversation_articles, conversation_labels,
    field_values, customer_addresses, rule_events, rule_silences, reply_drafts,
    search_entries, messages,
)  # fmt: skip

EXPIRED = "expired"  # why it is deleted: it was kept as long as it was to be
Noting = Callable[[Connection, Counter[str]], None]


@dataclass(frozen=True)
class Conversation:
    """`status` is bot, queued, open or resolved; `epoch` rises with each change of owner."""

    id: str
    site: str
    language: str
    page_language: str | None
    page: str | None
    status: str
    epoch: int
    last_seq: int
    agent_id: int | None
    agent_name: str | None
    created_at: int
    updated_at: int
    channel: str = "widget"
    name: str | None = None
    email: str | None = None
    customer: str | None = None
    verified: bool = False
    browser: dict[str, str] | None = None
    attributes: dict[str, str | int | float | bool] | None = None
    consent_at: int | None = None
    consent_text: str | None = None
    subject: str | None = None  # of the e-mail by which an agent began it
    seen_seq: int = 0  # up to which message agents' answers were on the customer's screen
    seen_at: int | None = None
    mailbox: str | None = None  # the name of the one it came to, or was begun from; None of a chat
    agent_portrait: str | None = None  # the digest of the picture of who has it
    agent_shown: str | None = None  # the name they chose for customers

    @property
    def agent_for_customers(self) -> str | None:
        """The name of who has it, as customers read it."""
        return name_for_customers(self.agent_name, self.agent_shown) if self.agent_name else None


# Who has it, or wrote it: for a statement that joins `agents` and `portraits`.
AGENT_OF = (
    agents.c.name.label("agent_name"),
    agents.c.shown_name.label("agent_shown"),
    portraits.c.digest.label("agent_portrait"),
)
_SELECT = select(conversations, *AGENT_OF).select_from(
    conversations.outerjoin(agents, conversations.c.agent_id == agents.c.id).outerjoin(
        portraits, portraits.c.agent_id == conversations.c.agent_id
    )
)
_BY_ID = _SELECT.where(conversations.c.id == bindparam("wanted"))  # built once: that takes longer than running it


def create_conversation(
    store: Store,
    site: str,
    language: str,
    page_language: str | None = None,
    page: str | None = None,
    **contact: object,
) -> Conversation:
    """A new conversation, owned by the bot; `contact` are columns such as `browser` and `attributes`."""
    where = {"site": site, "language": language, "page_language": page_language, "page": page}
    with store.write() as connection:
        return insert_conversation(connection, **where, **contact)


def insert_conversation(connection: Connection, **columns: object) -> Conversation:
    """The same inside a transaction that is already open; under the `id` that the columns say, if they do."""
    conversation_id = str(columns.pop("id", None) or secrets.token_hex(12))
    now = moment_of(connection)
    start = {"status": "bot", "epoch": 0, "last_seq": 0, "created_at": now, "updated_at": now}
    connection.execute(insert(conversations).values(id=conversation_id, **start, **columns))
    emit(connection, "conversation.created", conversation_id)
    return load_conversation(connection, conversation_id)


def find_conversation(store: Store, conversation_id: str) -> Conversation | None:
    """The conversation, or None."""
    with store.read() as connection:
        return load_conversation(connection, conversation_id)


def list_of_ids(store: Store, ids: Collection[str]) -> list[Conversation]:
    """Those of these conversations that are there."""
    with store.read() as connection:
        return [
            Conversation(**row) for row in connection.execute(_SELECT.where(conversations.c.id.in_(ids))).mappings()
        ]


def load_conversation(connection: Connection, conversation_id: str) -> Conversation | None:
    """The same inside a transaction that is already open."""
    row = connection.execute(_BY_ID, {"wanted": conversation_id}).mappings().first()
    return Conversation(**row) if row else None


def set_language(store: Store, conversation_id: str, language: str) -> None:
    """The conversation goes on in another language."""
    with store.write() as connection:
        changed = connection.execute(
            update(conversations)
            .where(conversations.c.id == conversation_id, conversations.c.language != language)
            .values(language=language)
        )
        if changed.rowcount:
            touch(connection, conversation_id)


def change_owner(
    connection: Connection,
    conversation_id: str,
    status: str,
    *,
    agent_id: int | None,
    expect: str | None = None,
    **told: str,
) -> bool:
    """Sets status and agent and raises the epoch, which voids whatever the bot still had in the making.

    With `expect`, only from that status; returns whether it changed. `told` goes to webhooks beside the conversation.
    """
    statement = update(conversations).where(conversations.c.id == conversation_id)
    if expect is not None:
        statement = statement.where(conversations.c.status == expect)
    changed = connection.execute(
        statement.values(
            status=status, agent_id=agent_id, epoch=conversations.c.epoch + 1, updated_at=moment_of(connection)
        )
    )
    touch(connection, conversation_id)
    if changed.rowcount == 1:
        emit_change(connection, conversation_id, status, **told)
    return changed.rowcount == 1


def delete_conversation(
    store: Store,
    conversation_id: str,
    by: int | None = None,
    *,
    action: str = "deleted",
    senders: Collection[str] = (),
    only: ColumnElement[bool] | None = None,
    noting: Noting = lambda _connection, _counts: None,
) -> bool:
    """Removes a conversation and everything that hangs on it, and what its customer's addresses, `senders`, wrote that
    was put aside; also what agents have begun to write to those who are in no other, unless it only EXPIRED. That it
    was done stays in the audit trail. Returns whether it was there, and as `only` has it.

    `noting` hears in the same transaction how many rows of each table went, and how many files.
    """
    with store.write() as connection:
        if only is not None and not _is_so(connection, conversation_id, only):
            return False
        strays, files = forget_strays_of(store, connection, senders, conversation_id)
        files += forget_attachments(store, connection, conversation_id)
        counts = Counter({"mails_put_aside": strays, "files": len(files)})
        forget_entries(connection, conversation_id)
        counts["exports"] = withdraw_of_customers(connection, [conversation_id])
        counts["merges"] = connection.execute(delete(merges).where(merges.c.into_id == conversation_id)).rowcount
        for table in HANGS_ON_IT:
            gone = connection.execute(delete(table).where(table.c.conversation_id == conversation_id))
            counts[table.name] += gone.rowcount
        deleted = connection.execute(delete(conversations).where(conversations.c.id == conversation_id))
        counts["conversations"] = deleted.rowcount
        if action != EXPIRED:  # somebody wants it so; of what only grew old, a mail that is begun now is no part
            counts["mail_drafts"] = forget_mail_drafts_to(connection, _leave_out_known(connection, senders))
        noting(connection, counts)
        if deleted.rowcount:
            told = {"e_mails_put_aside": strays} if strays else {}
            record(connection, action, by, f"conversation:{conversation_id}", **told)
            touch(connection, conversation_id)  # whoever has it open learns that it is gone
            tell_gone(connection, conversation_id)
    store.files.remove(files)  # after the commit; should that fail, the next start finds that they are to go
    return deleted.rowcount == 1


def _leave_out_known(connection: Connection, addresses: Collection[str]) -> set[str]:
    """Those of the addresses that no conversation has."""
    email = conversations.c.email
    known = connection.execute(select(email).where(email.in_(addresses))).scalars() if addresses else ()
    return set(addresses) - set(known)


def _is_so(connection: Connection, conversation_id: str, condition: ColumnElement[bool]) -> bool:
    this = select(conversations.c.id).where(conversations.c.id == conversation_id, condition)
    return connection.execute(this).first() is not None
