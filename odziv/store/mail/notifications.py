"""Mails beside the exchange with a customer: to agents who are not there, and transcripts. Written down, then sent."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, func, insert, or_, select, true

from odziv.store.engine import HOUR_MS, Store
from odziv.store.lengths import LONGEST_ERROR
from odziv.store.mail.queue import LEASE_MS
from odziv.store.mail.scope import Scope
from odziv.store.queue import Queue
from odziv.store.schema import agents, availability, conversations, handoffs, mails, messages, notifications

OVERDUE, TRANSCRIPT, CODE = "overdue", "transcript", "code"
CONFIRMED = "confirmed"  # the status of a code that was typed into the chat
# So long a mail to an agent waits: what falls due together is told in one.
GATHER_MS = 60_000
# Of a conversation, and to an address, whoever asks.
MOST_TRANSCRIPTS = 3
_QUEUE = Queue(notifications, notifications.c.due_at)


class TooMany(Exception):
    """So many transcripts were asked for within the hour; `seconds` says when the next may be."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"again in {seconds} s")
        self.seconds = seconds


class Unwanted(Exception):
    """The customer's last mail forbids automatic answers, and this would be one."""


@dataclass(frozen=True)
class Notification:
    """A mail to send. `attempts` counts the present one; `seq` is the last message of a transcript."""

    id: int
    kind: str
    conversation_id: str
    agent_id: int | None
    recipient: str
    seq: int | None
    message_id: str
    attempts: int
    created_at: int


@dataclass(frozen=True)
class Waits:
    """A conversation that waits for a person, since `since` (milliseconds)."""

    conversation_id: str
    language: str
    since: int


def write_overdue(connection: Connection, conversation_id: str, agent_ids: Sequence[int], now: int) -> None:
    """A mail to each of these agents that this waits too long, in the caller's transaction; none where mail is off."""
    to = select(agents.c.id, agents.c.email).where(agents.c.id.in_(agent_ids), agents.c.disabled.is_(False))
    for row in connection.execute(to.order_by(agents.c.id)).all() if agent_ids else ():
        add_notification(connection, OVERDUE, conversation_id, row.email, now, now + GATHER_MS, agent_id=row.id)


def list_proven_addresses(store: Store, conversation_id: str, *, also_quiet: bool = False) -> list[str]:
    """Addresses that are known to be the customer's: the one the site verified, those they wrote to us from, and those
    a code was sent to and came back from.

    What somebody only typed is not among them: it may be anybody's. Nor are codes from before the site said who the
    customer is: it may have been another. With `also_quiet` those count too whose mails forbid automatic answers.
    """
    this = conversations.c.id == conversation_id
    verified = select(conversations.c.email).where(this, conversations.c.verified, conversations.c.email.is_not(None))
    written = (
        select(mails.c.sender)
        .join(messages, (messages.c.conversation_id == mails.c.conversation_id) & (messages.c.seq == mails.c.seq))
        .where(mails.c.conversation_id == conversation_id, mails.c.sender.is_not(None))
        .where(true() if also_quiet else mails.c.automatic.is_(None))
        .where(messages.c.sender == "customer", messages.c.author.is_(None))
        .order_by(mails.c.id.desc())
    )
    confirmed = (
        select(notifications.c.recipient)
        .join(conversations, conversations.c.id == notifications.c.conversation_id)
        .where(this, conversations.c.customer.is_(None))
        .where(notifications.c.kind == CODE, notifications.c.status == CONFIRMED)
        .order_by(notifications.c.id.desc())
    )
    with store.read() as connection:
        found = [email for each in (verified, written, confirmed) for email in connection.execute(each).scalars()]
    return list(dict.fromkeys(found))


def ask_for_transcript(store: Store, conversation_id: str, recipient: str) -> bool:
    """Has what was said until now sent there. False: nothing was said, or mail is off.

    Raises TooMany, and Unwanted for an address whose last mail here forbids automatic answers.
    """
    now = store.clock()
    this = notifications.c.conversation_id == conversation_id
    recent = select(notifications.c.created_at).where(
        notifications.c.kind == TRANSCRIPT, notifications.c.created_at > now - HOUR_MS
    )
    of_it = select(conversations.c.last_seq).where(conversations.c.id == conversation_id)
    with store.write() as connection:
        seq = connection.execute(of_it).scalar()
        if not seq:
            return False
        if is_quiet(connection, conversation_id, recipient):
            raise Unwanted(recipient)
        for same in (this, notifications.c.recipient == recipient):
            asked = connection.execute(recent.where(same).order_by(notifications.c.created_at)).scalars().all()
            if len(asked) >= MOST_TRANSCRIPTS:
                raise TooMany(max(1, (asked[-MOST_TRANSCRIPTS] + HOUR_MS - now) // 1000))
        return add_notification(connection, TRANSCRIPT, conversation_id, recipient, now, now, seq=seq)


def is_quiet(connection: Connection, conversation_id: str, recipient: str) -> bool:
    """Whether that address's last mail to the conversation forbids automatic answers."""
    newest = (
        select(mails.c.automatic)
        .join(messages, and_(messages.c.conversation_id == mails.c.conversation_id, messages.c.seq == mails.c.seq))
        .where(mails.c.conversation_id == conversation_id, mails.c.sender == recipient, messages.c.sender == "customer")
        .order_by(mails.c.seq.desc())
        .limit(1)
    )
    return connection.execute(newest).scalar() is not None


def add_notification(
    connection: Connection, kind: str, conversation_id: str, recipient: str, now: int, due_at: int, **more: int
) -> bool:
    """Writes one down in the caller's transaction; False where mail is off."""
    domain = connection.info.get("mail_domain")
    if not domain:
        return False
    values = {"kind": kind, "conversation_id": conversation_id, "recipient": recipient, "status": "waiting", **more}
    message_id = f"<odziv.{secrets.token_hex(12)}@{domain}>"
    connection.execute(
        insert(notifications).values(**values, message_id=message_id, attempts=0, due_at=due_at, created_at=now)
    )
    return True


def take_notifications(store: Store, scope: Scope | None = None) -> list[Notification]:
    """The one that is due longest, counted as tried, with all that wait for the same agent; empty when none is due.

    With a scope those to customers are of that; those to agents are of the scope that has the rest.
    """
    return _QUEUE.take(store, LEASE_MS, _load_with_others, *_within(scope)) or []


def _load_with_others(connection: Connection, number: int) -> list[Notification]:
    """What is due to the same agent is told in one mail, so it is claimed in the same transaction."""
    first = connection.execute(select(notifications).where(notifications.c.id == number)).mappings().one()
    rows = [first]
    if first["kind"] == OVERDUE:
        same = (
            (notifications.c.kind == OVERDUE)
            & (notifications.c.agent_id == first["agent_id"])
            & (notifications.c.id != number)
        )
        ids = [number for (number,) in _QUEUE.claim(connection, LEASE_MS, same)]
        rows += connection.execute(select(notifications).where(notifications.c.id.in_(ids))).mappings()
    taken = [Notification(**{key: row[key] for key in Notification.__dataclass_fields__}) for row in rows]
    return sorted(taken, key=lambda each: each.id)


def find_next_notification(store: Store, scope: Scope | None = None) -> int | None:
    """When the next one is due; None when none waits."""
    return _QUEUE.find_next_due(store, *_within(scope))


def _within(scope: Scope | None) -> list[ColumnElement[bool]]:
    if scope is None:
        return []
    is_to_agent = notifications.c.kind == OVERDUE
    to_customers = ~is_to_agent & scope.holds(notifications.c.conversation_id)
    return [or_(is_to_agent, to_customers) if scope.has_rest else to_customers]


def find_to_customer(store: Store, message_ids: Sequence[str]) -> tuple[str, str, str] | None:
    """Kind, conversation and recipient of the transcript or code that one of these Message-IDs names."""
    kinds = notifications.c.kind.in_((TRANSCRIPT, CODE))
    named = select(notifications.c.kind, notifications.c.conversation_id, notifications.c.recipient)
    with store.read() as connection:
        row = connection.execute(named.where(kinds, notifications.c.message_id.in_(message_ids))).first()
    return (row.kind, row.conversation_id, row.recipient) if row else None


def finish_notifications(store: Store, taken: Sequence[Notification], status: str, error: str | None = None) -> None:
    """They were sent, need not be (dropped), or can't be (failed). Those another has taken since stay as they are."""
    with store.write() as connection:
        _QUEUE.finish(connection, taken, status, error=error and error[:LONGEST_ERROR])


def try_notifications_later(store: Store, taken: Sequence[Notification], error: str, due_at: int) -> None:
    """It did not work this time."""
    with store.write() as connection:
        _QUEUE.try_later(connection, taken, due_at, error=error[:LONGEST_ERROR])


def list_waits(store: Store, agent_id: int, conversation_ids: Sequence[str]) -> list[Waits]:
    """Which of these still wait, the longest first; none when the agent wants no mail any more, or can't come in."""
    wants = select(availability.c.agent_id).join(agents, agents.c.id == availability.c.agent_id)
    wants = wants.where(agents.c.id == agent_id, agents.c.disabled.is_(False), availability.c.wants_mail.is_(True))
    since = func.min(handoffs.c.created_at)
    waiting = (
        select(handoffs.c.conversation_id, handoffs.c.language, since.label("since"))
        .where(handoffs.c.conversation_id.in_(conversation_ids), handoffs.c.status == "waiting")
        .group_by(handoffs.c.conversation_id, handoffs.c.language)
        .order_by(since)
    )
    with store.read() as connection:
        if connection.execute(wants).first() is None:
            return []
        return [Waits(**row) for row in connection.execute(waiting).mappings()]
