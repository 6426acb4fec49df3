"""What rules ask of conversations: what was said, for how long nothing was, and what happened in the last days."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, Select, and_, func, insert, null, select, update

from odziv.store.audit import record
from odziv.store.conversations.conversation import change_owner
from odziv.store.conversations.messages import NewMessage, append_message
from odziv.store.conversations.turns import skip_waiting_turns
from odziv.store.engine import HOUR_MS, Store, moment_of
from odziv.store.handoffs.scheduled_replies import send_scheduled_replies
from odziv.store.rules.events import (
    AGENT_WROTE,
    BEGUN,
    BOT_WROTE,
    CUSTOMER_WROTE,
    HANDED_OFF,
    LABELLED,
    RESOLVED,
    Happened,
)
from odziv.store.rules.rules import Rule
from odziv.store.schema import conversation_labels, conversations, handoffs, messages, rule_silences
from odziv.store.webhooks.events import CHECK_SITE

MOST_LOOKED_AT = 3000  # conversations, of a dry run
_SENDERS = {BEGUN: "customer", CUSTOMER_WROTE: "customer", AGENT_WROTE: "agent", BOT_WROTE: "bot"}
_SAID = messages.c.sender.in_(("customer", "agent", "bot")) & messages.c.internal.is_(False)


@dataclass(frozen=True)
class Said:
    """What a rule looks for words in: a message, or the customer's last; `is_first`: nothing of theirs came before."""

    text: str
    is_first: bool
    at: int


def read_said(connection: Connection, conversation_id: str, seq: int | None) -> Said | None:
    """The message `seq`, else the customer's last one; None where there is none."""
    m = messages.c
    mine = m.conversation_id == conversation_id
    wanted = m.seq == seq if seq is not None else (m.sender == "customer")
    row = connection.execute(select(messages).where(mine, wanted).order_by(m.seq.desc()).limit(1)).first()
    if row is None:
        return None
    earlier = select(m.seq).where(mine, m.sender == "customer", m.seq < row.seq).limit(1)
    return Said(row.text, connection.execute(earlier).first() is None, row.created_at)


def list_quiet(connection: Connection, rule: Rule, now: int, limit: int) -> list[tuple[str, int]]:
    """Conversations with a person, or waiting for one, in which nothing has been said for the rule's hours, and the
    number of what was said last; of a rule that is on, those that fell silent since, and that it wasn't asked for."""
    quiet = _select_quiet(now - (rule.hours or 0) * HOUR_MS)
    last = quiet.selected_columns["seq"]
    if rule.enabled_at is not None:
        asked = select(rule_silences.c.seq).where(
            rule_silences.c.rule_id == rule.id,
            rule_silences.c.conversation_id == conversations.c.id,
            rule_silences.c.seq == last,
        )
        fell_silent = messages.c.created_at + (rule.hours or 0) * HOUR_MS >= rule.enabled_at
        quiet = quiet.where(~asked.exists(), fell_silent)
    return [(row.id, row.seq) for row in connection.execute(quiet.limit(limit))]


def note_silence(connection: Connection, rule: Rule, conversation_id: str, seq: int) -> bool:
    """The rule is asked for this silence now, in the caller's transaction. False: it was before, or something has been
    said since."""
    here = {"rule_id": rule.id, "conversation_id": conversation_id, "seq": seq}
    this = and_(*(rule_silences.c[name] == value for name, value in here.items()))
    last = select(func.max(messages.c.seq)).where(messages.c.conversation_id == conversation_id, _SAID)
    if connection.execute(last).scalar() != seq or connection.execute(select(rule_silences.c.seq).where(this)).first():
        return False
    connection.execute(insert(rule_silences).values(**here))
    return True


def list_happened(connection: Connection, rule: Rule, since: int) -> Iterator[Happened]:
    """What the rule would have answered to since that moment (of a rule about time: now), the newest conversations
    first, of which MOST_LOOKED_AT are looked at."""
    recent = (
        select(conversations.c.id)
        .where(conversations.c.updated_at >= since, conversations.c.site != CHECK_SITE)
        .order_by(conversations.c.updated_at.desc(), conversations.c.id)
        .limit(MOST_LOOKED_AT)
    )
    for conversation_id in connection.execute(recent).scalars().all():
        for row in connection.execute(_select_happened(rule, conversation_id, since)):
            yield Happened(0, conversation_id, rule.event, row.seq, row.label_id, 0, row.at)


def _select_happened(rule: Rule, conversation_id: str, since: int) -> Select:
    nothing = {name: null().label(name) for name in ("seq", "label_id")}
    if sender := _SENDERS.get(rule.event):
        mine = (messages.c.conversation_id == conversation_id) & (messages.c.sender == sender)
        wanted = mine & messages.c.internal.is_(False) & (messages.c.created_at >= since)
        columns = (messages.c.seq, nothing["label_id"], messages.c.created_at.label("at"))
        return select(*columns).where(wanted).order_by(messages.c.seq)
    if rule.event == LABELLED:
        c = conversation_labels.c
        put = (c.conversation_id == conversation_id) & (c.created_at >= since)
        return select(nothing["seq"], c.label_id, c.created_at.label("at")).where(put)
    column = handoffs.c.created_at if rule.event == HANDED_OFF else handoffs.c.closed_at
    mine = (handoffs.c.conversation_id == conversation_id) & (column >= since)
    if rule.event == RESOLVED:
        mine &= handoffs.c.outcome.in_(("resolved", "silent"))
    return select(*nothing.values(), column.label("at")).where(mine)


def _select_quiet(until: int) -> Select:
    last = (
        select(func.max(messages.c.seq))
        .where(messages.c.conversation_id == conversations.c.id, _SAID)
        .correlate(conversations)
        .scalar_subquery()
    )
    said = (messages.c.conversation_id == conversations.c.id) & (messages.c.seq == last)
    return (
        select(conversations.c.id, messages.c.seq)
        .select_from(conversations.join(messages, said))
        .where(conversations.c.status.in_(("queued", "open")), messages.c.created_at <= until)
        .order_by(messages.c.created_at, conversations.c.id)
    )


def close_by_rule(store: Store, conversation_id: str, notice: NewMessage) -> bool:
    """Resolves a conversation that waits, or that somebody has. False, with nothing changed, unless it is so; nor is
    one of somebody in danger closed."""
    with store.write() as connection:
        is_open = handoffs.c.status.in_(("waiting", "claimed", "snoozed")) & (handoffs.c.reason != "danger")
        this = (handoffs.c.conversation_id == conversation_id) & is_open
        ended = {"status": "closed", "closed_at": moment_of(connection), "snoozed_until": None, "outcome": "resolved"}
        if not connection.execute(update(handoffs).where(this).values(**ended)).rowcount:
            return False
        send_scheduled_replies(connection, conversation_id)
        skip_waiting_turns(connection, conversation_id)
        append_message(connection, conversation_id, notice)
        change_owner(connection, conversation_id, "resolved", agent_id=None)
        record(connection, "resolved", None, f"conversation:{conversation_id}")
        return True
