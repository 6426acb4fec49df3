"""What other programs may hear of. An event is written in the transaction of what happened: both are kept, or neither.

Internal notes and entries are no events: whoever passes messages on must not be able to show one to a customer.
"""

from __future__ import annotations

import json
import secrets
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from odziv.store.engine import iso_time, moment_of, touch
from odziv.store.rules.events import note_for_rules
from odziv.store.schema import agents, conversations, deliveries, handoffs, webhooks
from odziv.store.webhooks.marks import load_marks
from odziv.store.webhooks.payloads import conversation_payload, handoff_payload, message_payload

EVENTS = (
    "conversation.created",
    "conversation.handed_off",
    "conversation.waiting_too_long",
    "conversation.claimed",
    "conversation.withdrawn",
    "message.created",
    "conversation.resolved",
    "conversation.rated",
    "conversation.label_added",
    "conversation.label_removed",
    "conversation.field_changed",
    "conversation.rule_ran",
)
TEST_EVENT = "webhook.test"
OF_STATUS = {
    "queued": "conversation.handed_off",
    "open": "conversation.claimed",
    "resolved": "conversation.resolved",
}
# What a commit touches when there is something to send.
WAKE_KEY = "webhooks"
CHECK_SITE = "_check"  # the conversation by which a start proves that all is well

# Built once: a turn stores several messages.
_LISTENERS = select(webhooks.c.id, webhooks.c.events).where(webhooks.c.enabled.is_(True)).order_by(webhooks.c.id)
_CONVERSATION = (
    select(conversations, agents.c.name.label("agent_name"))
    .select_from(conversations.outerjoin(agents, conversations.c.agent_id == agents.c.id))
    .where(conversations.c.id == bindparam("wanted"))
)
_NEWEST_HANDOFF = (
    select(handoffs).where(handoffs.c.conversation_id == bindparam("wanted")).order_by(handoffs.c.id.desc()).limit(1)
)
_NEXT_SEQ = (
    update(webhooks)
    .where(webhooks.c.id == bindparam("wanted"))
    .values(last_seq=webhooks.c.last_seq + 1)
    .returning(webhooks.c.last_seq)
)


def emit(connection: Connection, event: str, conversation_id: str, **data: Any) -> None:
    """Writes an event for every webhook that wants it, in the caller's transaction.

    `data` goes beside the conversation. Rules that answer to it hear of it too. Raises ValueError for an event that is
    not in EVENTS.
    """
    if event not in EVENTS:
        raise ValueError(f"{event!r} is no event; add it to EVENTS")
    note_for_rules(connection, event, conversation_id, data)
    listening = [row.id for row in connection.execute(_LISTENERS) if event in row.events]
    if not listening:
        return
    conversation = connection.execute(_CONVERSATION, {"wanted": conversation_id}).first()
    if conversation is None or conversation.site == CHECK_SITE:
        return
    event_id, marks = new_event_id(), load_marks(connection, [conversation_id])[conversation_id]
    for webhook_id in listening:
        add_delivery(
            connection,
            webhook_id,
            event,
            event_id,
            {"conversation": conversation_payload(conversation, marks), **data},
            conversation_id,
        )


def emit_message(connection: Connection, message: Any) -> None:
    """Somebody said something that the customer can read."""
    if not message.internal:
        emit(connection, "message.created", message.conversation_id, message=message_payload(message))


def emit_change(connection: Connection, conversation_id: str, status: str, **data: Any) -> None:
    """A conversation has another owner. Going back to the bot is no event of its own: why it does may be one."""
    if status not in OF_STATUS:
        return
    if status == "queued" and (handoff := connection.execute(_NEWEST_HANDOFF, {"wanted": conversation_id}).first()):
        data["handoff"] = handoff_payload(handoff)
    emit(connection, OF_STATUS[status], conversation_id, **data)


def new_event_id() -> str:
    """The same for every webhook and every attempt, so that receivers know a repeat."""
    return f"evt_{secrets.token_hex(12)}"


def add_delivery(
    connection: Connection,
    webhook_id: int,
    event: str,
    event_id: str,
    data: dict[str, Any],
    conversation_id: str | None = None,
) -> int:
    """Writes what is to be sent to one webhook, under its next number; returns the delivery's id."""
    now = moment_of(connection)
    seq = connection.execute(_NEXT_SEQ, {"wanted": webhook_id}).scalar_one()
    body = {"id": event_id, "type": event, "timestamp": iso_time(now), "seq": seq, "data": data}
    values = {
        "webhook_id": webhook_id,
        "event_id": event_id,
        "event": event,
        "conversation_id": conversation_id,
        "body": json.dumps(body, ensure_ascii=False, separators=(",", ":")),
        "status": "waiting",
        "attempts": 0,
        "next_at": now,
        "since": now,
        "created_at": now,
    }
    touch(connection, WAKE_KEY)
    return connection.execute(insert(deliveries).values(**values)).inserted_primary_key[0]
