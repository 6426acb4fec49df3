"""What rules ask of conversations: what was said, for how long nothing was, and what happened in the last days."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, Select, and_, func, insert, or_, select, tuple_, update

from odziv.store.audit import record
from odziv.store.conversations.conversation import change_owner
from odziv.store.conversations.messages import NewMessage, append_message
from odziv.store.conversations.turns import skip_waiting_turns
from odziv.store.engine import HOUR_MS, Store, moment_of
from odziv.store.handoffs.scheduled_replies import send_scheduled_replies
from odziv.store.rules.events import (
    AGENT_WROTE,
    ASSIGNED,
    BEGUN,
    BOT_WROTE,
    CUSTOMER_WROTE,
    FIELD_CHANGED,
    HANDED_OFF,
    LABELLED,
    RATED,
    RESOLVED,
    Happened,
)
from odziv.store.rules.rules import Rule
from odziv.store.schema import (
    audit,
    conversation_labels,
    conversations,
    fields,
    handoffs,
    messages,
    ratings,
    rule_silences,
)
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


def list_recent(connection: Connection, since: int) -> list[str]:
    """The conversations in which something happened since that moment, the newest first; at most MOST_LOOKED_AT."""
    c = conversations.c
    recent = select(c.id).where(c.updated_at >= since, c.site != CHECK_SITE).order_by(c.updated_at.desc(), c.id)
    return list(connection.execute(recent.limit(MOST_LOOKED_AT)).scalars())


def list_happened(
    connection: Connection, rule: Rule, ids: Collection[str], since: int
) -> list[tuple[Happened, Said | None]]:
    """What the rule would have answered to in these conversations since that moment, with what words are looked for in.
    Not of a rule about time."""
    if sender := _SENDERS.get(rule.event):
        return _list_written(connection, rule, ids, since, sender)
    said = _read_last_said(connection, ids)
    if rule.event == FIELD_CHANGED:
        happened = _list_filled_in(connection, ids, since)
    else:
        happened = [tuple(row) for row in connection.execute(_select_happened(rule, ids, since))]
    return [(Happened(0, one, rule.event, None, thing, 0, at), said.get(one)) for one, thing, at in happened]


def _list_written(
    connection: Connection, rule: Rule, ids: Collection[str], since: int, sender: str
) -> list[tuple[Happened, Said | None]]:
    m = messages.c
    of_customers = select(m.conversation_id, func.min(m.seq)).where(m.conversation_id.in_(ids), m.sender == "customer")
    first = {one: seq for one, seq in connection.execute(of_customers.group_by(m.conversation_id))}
    wanted = m.conversation_id.in_(ids) & (m.sender == sender) & m.internal.is_(False) & (m.created_at >= since)
    rows = connection.execute(select(m.conversation_id, m.seq, m.text, m.created_at.label("at")).where(wanted))
    return [
        (
            Happened(0, row.conversation_id, rule.event, row.seq, None, 0, row.at),
            Said(row.text, row.seq <= first.get(row.conversation_id, row.seq), row.at),
        )
        for row in rows
    ]


def _read_last_said(connection: Connection, ids: Collection[str]) -> dict[str, Said]:
    m = messages.c
    of_customers = (m.conversation_id.in_(ids)) & (m.sender == "customer")
    last = select(m.conversation_id, func.max(m.seq), func.count()).where(of_customers).group_by(m.conversation_id)
    found = {one: (seq, count) for one, seq, count in connection.execute(last)}
    texts = select(m.conversation_id, m.text, m.created_at).where(
        tuple_(m.conversation_id, m.seq).in_([(one, seq) for one, (seq, _) in found.items()])
    )
    return {
        row.conversation_id: Said(row.text, found[row.conversation_id][1] == 1, row.created_at)
        for row in (connection.execute(texts) if found else ())
    }


def _list_filled_in(connection: Connection, ids: Collection[str], since: int) -> list[tuple[str, int | None, int]]:
    """In which conversation, which field, and when: by the audit trail, which knows those that were emptied too, and
    not those that another conversation's customer brought along."""
    of = {f"conversation:{one}": one for one in ids}
    wanted = (audit.c.action == "field_set") & audit.c.object.in_(of) & (audit.c.at >= since)
    entries = connection.execute(select(audit.c.object, audit.c.detail, audit.c.at).where(wanted)).all()
    of_site = select(conversations.c.id, fields.c.name, fields.c.id.label("field_id")).where(
        conversations.c.id.in_(ids), or_(fields.c.site == "", fields.c.site == conversations.c.site)
    )
    named = {(row.id, row.name): row.field_id for row in (connection.execute(of_site) if entries else ())}
    return [(of[row.object], named.get((of[row.object], (row.detail or {}).get("field"))), row.at) for row in entries]


def _select_happened(rule: Rule, ids: Collection[str], since: int) -> Select:
    if rule.event == LABELLED:
        c = conversation_labels.c
        put = c.conversation_id.in_(ids) & (c.created_at >= since)
        return select(c.conversation_id, c.label_id, c.created_at).where(put)
    if about := next((about for about, event in RATED.items() if event == rule.event), None):
        rated = ratings.c.conversation_id.in_(ids) & (ratings.c.about == about) & (ratings.c.changed_at >= since)
        return select(ratings.c.conversation_id, ratings.c.score, ratings.c.changed_at).where(rated)
    column = {HANDED_OFF: handoffs.c.created_at, ASSIGNED: handoffs.c.claimed_at}.get(rule.event, handoffs.c.closed_at)
    those = handoffs.c.conversation_id.in_(ids) & (column >= since)
    if rule.event == RESOLVED:
        those &= handoffs.c.outcome.in_(("resolved", "silent"))
    return select(handoffs.c.conversation_id, handoffs.c.agent_id, column).where(those)


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
