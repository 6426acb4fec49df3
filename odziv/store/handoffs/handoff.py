"""Handoffs: the queue of conversations that wait for a person, and who takes which."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, bindparam, case, false, func, insert, or_, select, update

from odziv.store.audit import record
from odziv.store.conversations.conversation import change_owner, load_conversation
from odziv.store.conversations.messages import Message, NewMessage, append_message, find_by_client_id, load_messages
from odziv.store.conversations.topics import find_topic
from odziv.store.conversations.unread import check_seen
from odziv.store.engine import Store, moment_of, touch
from odziv.store.handoffs.after_hours import after_hours_values
from odziv.store.handoffs.scheduled_replies import append_reply, send_scheduled_replies
from odziv.store.handoffs.waiting_times import Course, claim_values
from odziv.store.schema import agents, availability, conversations, handoffs, messages

MINUTE_MS = 60_000
# A complaint counts as having waited this much longer, ...
COMPLAINT_AHEAD_MS = 15 * MINUTE_MS
# ... somebody in danger as having come before everybody, ...
DANGER_AHEAD_MS = 365 * 24 * 60 * MINUTE_MS
# ... and a time told to the customer as an arrival this long before it.
TARGET_AHEAD_MS = 120 * MINUTE_MS

# What has one from the beginning, whatever its place in the queue.
PRIORITIES = {"danger": "urgent", "legal": "high"}
_ahead = {"complaint": COMPLAINT_AHEAD_MS, "danger": DANGER_AHEAD_MS}
# Whose customer has gone counts as having come later: odziv/cases/queue/presence.py says by how much.
_arrived = func.coalesce(handoffs.c.deferred_to, handoffs.c.created_at)
_began = _arrived - case(_ahead, value=handoffs.c.reason, else_=0)
_by_target = handoffs.c.target_at - TARGET_AHEAD_MS
# The place in the queue, as the moment a wait counts from; lowest first. The arrival, the reason, that time and whether
# the customer is there move it, nothing that is written later but words of danger. It doesn't change with time, so
# who comes late enough is behind: nobody is overtaken for ever.
PLACE = case((_by_target < _began, _by_target), else_=_began)
# Whether it stands before its turn, its customer there or not.
IS_RAISED = or_(handoffs.c.reason.in_(_ahead), func.coalesce(_by_target < handoffs.c.created_at, false()))


@dataclass(frozen=True)
class Handoff(Course):
    """A conversation's wait for a person. `status` is waiting, claimed, snoozed or closed."""

    id: int
    conversation_id: str
    reason: str
    language: str
    status: str
    agent_id: int | None
    agent_name: str | None
    site: str
    customer_name: str | None
    last_text: str | None
    last_sender: str | None
    created_at: int
    claimed_at: int | None
    closed_at: int | None
    topic: str | None
    target_at: int | None
    note_seq: int | None
    passed_by: int | None
    snoozed_until: int | None
    deferred_to: int | None
    absence_told_at: int | None
    silence_told_at: int | None
    note_html: str | None
    note_by: str | None
    mailbox: str | None
    place: int

    @property
    def raised_by(self) -> str | None:
        """Why it stands before its turn: "danger", "promise" (a target an agent set), "complaint", or None."""
        if self.reason == "danger":
            return "danger"
        is_complaint = self.reason == "complaint"
        began = self.created_at - (COMPLAINT_AHEAD_MS if is_complaint else 0)
        if self.target_at is not None and self.target_at - TARGET_AHEAD_MS < began:
            return "promise"
        return "complaint" if is_complaint else None

    @property
    def is_here(self) -> bool:
        """Whether its customer is there and waits, as far as is known."""
        return self.deferred_to is None


@dataclass(frozen=True)
class Claim:
    """What came of a claim: whether it was won, and who has the conversation now."""

    won: bool
    conversation_id: str
    agent_name: str | None


def _select_handoffs():
    last_text = (
        select(messages.c.text)
        .where(messages.c.conversation_id == handoffs.c.conversation_id, messages.c.sender == "customer")
        .order_by(messages.c.seq.desc())
        .limit(1)
        .scalar_subquery()
    )
    # Who spoke last, customer, bot or agent; a notice doesn't count as an answer, nor does a note.
    last_sender = (
        select(messages.c.sender)
        .where(
            messages.c.conversation_id == handoffs.c.conversation_id,
            messages.c.sender != "system",
            messages.c.internal.is_(False),
        )
        .order_by(messages.c.seq.desc())
        .limit(1)
        .scalar_subquery()
    )
    author = agents.alias("author")
    noted = (messages.c.conversation_id == handoffs.c.conversation_id) & (messages.c.seq == handoffs.c.note_seq)
    note_by = select(author.c.name).select_from(messages.join(author, author.c.id == messages.c.agent_id)).where(noted)
    return select(
        handoffs,
        agents.c.name.label("agent_name"),
        conversations.c.site,
        conversations.c.name.label("customer_name"),
        conversations.c.mailbox,
        last_text.label("last_text"),
        last_sender.label("last_sender"),
        select(messages.c.html).where(noted).scalar_subquery().label("note_html"),
        note_by.scalar_subquery().label("note_by"),
        PLACE.label("place"),
    ).select_from(
        handoffs.join(conversations, conversations.c.id == handoffs.c.conversation_id).outerjoin(
            agents, agents.c.id == handoffs.c.agent_id
        )
    )


def add_handoff(
    connection: Connection, conversation_id: str, reason: str, language: str, *, after_hours: bool = False
) -> None:
    """Puts a conversation into the queue, in the caller's transaction; as one of after hours when nobody is there."""
    connection.execute(
        insert(handoffs).values(
            conversation_id=conversation_id,
            reason=reason,
            language=language,
            status="waiting",
            priority=PRIORITIES.get(reason),
            created_at=moment_of(connection),
            topic=find_topic(connection, conversation_id),
            **after_hours_values(connection, conversation_id, after_hours, asks=reason != "danger"),
        )
    )


def change_reason(connection: Connection, conversation_id: str, reason: str) -> None:
    """Notes why a customer who waits wants a person by now, with its priority; danger stays the reason where it is."""
    touch(connection, conversation_id)
    connection.execute(
        update(handoffs)
        .where(
            handoffs.c.conversation_id == conversation_id,
            handoffs.c.status == "waiting",
            handoffs.c.reason != "danger",
        )
        .values(reason=reason, priority=func.coalesce(handoffs.c.priority, PRIORITIES.get(reason)))
    )


def list_queue(store: Store, limit: int | None = None) -> list[Handoff]:
    """The handoffs nobody has claimed, in their fair order; the first `limit` of them."""
    return _list_first(store, limit, handoffs.c.status == "waiting", order=(PLACE, handoffs.c.id))


def list_inbox(store: Store, agent_id: int, limit: int | None = None) -> list[Handoff]:
    """What one agent has claimed and not closed, newest claim first."""
    mine = (handoffs.c.status == "claimed") & (handoffs.c.agent_id == agent_id)
    return _list_first(store, limit, mine, order=(handoffs.c.claimed_at.desc(), handoffs.c.id.desc()))


def list_snoozed(store: Store, limit: int | None = None) -> list[Handoff]:
    """Everybody's snoozed ones, the next to come back first."""
    order = (handoffs.c.snoozed_until, handoffs.c.id)
    return _list_first(store, limit, handoffs.c.status == "snoozed", order=order)


def _list_first(store: Store, limit: int | None, wanted: Any, *, order: tuple) -> list[Handoff]:
    # Chosen first: what was said last is then looked up for these alone, not for all that are sorted.
    chosen = select(handoffs.c.id).where(wanted).order_by(*order).limit(limit).correlate(None)
    statement = _select_handoffs().where(handoffs.c.id.in_(chosen)).order_by(*order)
    with store.read() as connection:
        return [Handoff(**row) for row in connection.execute(statement).mappings()]


def list_handoffs_of(store: Store, conversation_id: str) -> list[Handoff]:
    """Every handoff of one conversation, oldest first."""
    statement = _select_handoffs().where(handoffs.c.conversation_id == conversation_id)
    with store.read() as connection:
        return [Handoff(**row) for row in connection.execute(statement.order_by(handoffs.c.id)).mappings()]


def list_newest_of(store: Store, conversation_ids: Collection[str]) -> dict[str, Handoff]:
    """Of each of these conversations the newest handoff; those without one are left out."""
    of_these = handoffs.c.conversation_id.in_(conversation_ids)
    newest = select(func.max(handoffs.c.id)).where(of_these).group_by(handoffs.c.conversation_id).correlate(None)
    with store.read() as connection:
        rows = connection.execute(_select_handoffs().where(handoffs.c.id.in_(newest))).mappings()
        return {row["conversation_id"]: Handoff(**row) for row in rows}


def find_handoff(store: Store, handoff_id: int) -> Handoff | None:
    """One handoff, or None."""
    with store.read() as connection:
        row = connection.execute(_select_handoffs().where(handoffs.c.id == handoff_id)).mappings().first()
        return Handoff(**row) if row else None


def queue_with_messages(store: Store) -> list[tuple[Handoff, list[Message]]]:
    """The queue with everything said in each conversation, internal notes included, as of one moment."""
    statement = _select_handoffs().where(handoffs.c.status == "waiting")
    with store.read() as connection, connection.begin():
        rows = connection.execute(statement.order_by(PLACE, handoffs.c.id)).mappings().all()
        queue = [Handoff(**row) for row in rows]
        return [(h, load_messages(connection, h.conversation_id, internal=True)) for h in queue]


def claim(
    store: Store,
    handoff_id: int,
    agent_id: int,
    *entries: NewMessage,
    within: int | None = None,
    by: int | None = None,
) -> Claim:
    """Gives a waiting handoff to an agent, with `entries` in the log: the notice to the customer that a person is here.

    Of several agents exactly one wins. With `within`, only while the agent is available and has fewer than that
    many open. `by` is who gives it to them. Raises KeyError when there is no such handoff.
    """
    with store.read() as connection:  # a look first: whoever comes late need not queue up for writing
        seen = connection.execute(_CLAIMED, {"wanted": handoff_id}).first()
    if seen is None:
        raise KeyError(handoff_id)
    if seen.status != "waiting":
        return Claim(False, seen.conversation_id, seen.name)
    with store.write() as connection:
        won = within is None or _has_room(connection, agent_id, within)
        if won:
            # The race is decided here: only one UPDATE still finds the row waiting.
            taken = connection.execute(
                update(handoffs)
                .where(handoffs.c.id == handoff_id, handoffs.c.status == "waiting")
                .values(**claim_values(store.clock()), agent_id=agent_id, passed_by=None)
            )
            won = taken.rowcount == 1
        if won:
            change_owner(connection, seen.conversation_id, "open", agent_id=agent_id)
            for entry in entries:
                append_message(connection, seen.conversation_id, entry)
        holder = connection.execute(_CLAIMED, {"wanted": handoff_id}).first()
        if won:
            this = f"conversation:{seen.conversation_id}"
            if by is not None and holder is not None:
                record(connection, "reassigned", by, this, after=holder.name)
            else:
                record(connection, "claimed" if within is None else "assigned", agent_id, this)
        return Claim(won, seen.conversation_id, holder and holder.name)


_CLAIMED = (
    select(handoffs.c.conversation_id, handoffs.c.status, agents.c.name)
    .select_from(handoffs.outerjoin(agents, agents.c.id == handoffs.c.agent_id))
    .where(handoffs.c.id == bindparam("wanted"))
)


def _has_room(connection: Connection, agent_id: int, capacity: int) -> bool:
    """Whether the agent is still enabled, available and below capacity."""
    away = select(availability.c.agent_id).where(
        availability.c.agent_id == agent_id, availability.c.available.is_(False)
    )
    disabled = select(agents.c.id).where(agents.c.id == agent_id, agents.c.disabled.is_(True))
    claimed = select(func.count()).where(handoffs.c.status == "claimed", handoffs.c.agent_id == agent_id)
    if connection.execute(away).first() or connection.execute(disabled).first():
        return False
    return connection.execute(claimed).scalar_one() < capacity


def add_agent_message(
    store: Store, conversation_id: str, agent_id: int, draft: NewMessage, *, seen: int | None = None
) -> Message | None:
    """Stores an agent's reply, or an internal note. A reply only from the agent who has the conversation.

    Returns None, with nothing stored, when somebody else has it. Repeating a `client_id` gives the first message.
    Raises Unread for a reply when the customer has written since message number `seen`.
    """
    with store.write() as connection:
        conversation = load_conversation(connection, conversation_id)
        if conversation is None:
            return None
        if draft.client_id:
            # A namespace of its own: a customer's id can't hold a slash, so it never meets an agent's.
            draft = replace(draft, client_id=f"agent/{draft.client_id}")
            if (earlier := find_by_client_id(connection, conversation_id, draft.client_id)) is not None:
                return earlier
        if not draft.internal and (conversation.status != "open" or conversation.agent_id != agent_id):
            return None
        if draft.internal:
            return append_message(connection, conversation_id, draft)
        check_seen(connection, conversation_id, seen)
        return append_reply(connection, conversation_id, draft, store.clock())


def release(
    store: Store, conversation_id: str, agent_id: int, status: str, notice: NewMessage, *, seen: int | None = None
) -> dict[str, Any] | None:
    """Ends an agent's claim: `status` is "resolved", or "bot" to hand back to the bot.

    Returns None, with nothing changed, when this agent does not have the conversation. Raises Unread, with nothing
    changed, when the customer has written since message number `seen`.
    """
    with store.write() as connection:
        conversation = load_conversation(connection, conversation_id)
        if conversation is None or conversation.status != "open" or conversation.agent_id != agent_id:
            return None
        check_seen(connection, conversation_id, seen)
        send_scheduled_replies(connection, conversation_id)
        append_message(connection, conversation_id, notice)
        change_owner(connection, conversation_id, status, agent_id=None)
        connection.execute(
            update(handoffs)
            .where(handoffs.c.conversation_id == conversation_id, handoffs.c.status.in_(("claimed", "snoozed")))
            .values(status="closed", closed_at=store.clock(), snoozed_until=None, outcome=status)
        )
        action = "handed_back" if status == "bot" else "resolved"
        record(connection, action, agent_id, f"conversation:{conversation_id}")
        return {"conversation_id": conversation_id, "status": status}
