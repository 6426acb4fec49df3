"""What rules hear of: a row in the transaction of what happened, so that a process that is killed loses none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select

from odziv.store.engine import DAY_MS, Store, moment_of
from odziv.store.queue import Queue
from odziv.store.schema import conversations, rule_events, rules

BEGUN, CUSTOMER_WROTE, AGENT_WROTE, BOT_WROTE = "begun", "customer_wrote", "agent_wrote", "bot_wrote"
HANDED_OFF, RESOLVED, LABELLED, QUIET = "handed_off", "resolved", "labelled", "quiet"
FIELD_CHANGED, ASSIGNED, BOT_RATED, PERSON_RATED = "field_changed", "assigned", "bot_rated", "person_rated"
EVENTS = (BEGUN, CUSTOMER_WROTE, AGENT_WROTE, BOT_WROTE, HANDED_OFF, ASSIGNED, RESOLVED, LABELLED, FIELD_CHANGED,
          BOT_RATED, PERSON_RATED, QUIET)  # fmt: skip
RATED = {"bot": BOT_RATED, "person": PERSON_RATED}
LEASE_MS = 60_000
# Of what other programs hear: what it is to rules, of which two may answer to one.
_OF_WEBHOOKS = {
    "conversation.handed_off": (HANDED_OFF,),
    "conversation.claimed": (ASSIGNED,),
    "conversation.resolved": (RESOLVED,),
    "conversation.label_added": (LABELLED,),
    "conversation.field_changed": (FIELD_CHANGED,),
}
_OF_SENDER = {"customer": (CUSTOMER_WROTE, BEGUN), "agent": (AGENT_WROTE,), "bot": (BOT_WROTE,)}


@dataclass(frozen=True)
class Happened:
    """Something that happened in a conversation; `seq` is the message it is about, `thing_id` the label or the field,
    who got it, or how it was rated (1 to 5)."""

    id: int
    conversation_id: str
    event: str
    seq: int | None
    thing_id: int | None
    attempts: int
    created_at: int


# The column is called after what was heard of first.
_SHOWN = (
    *(rule_events.c[name] for name in Happened.__dataclass_fields__ if name != "thing_id"),
    rule_events.c.label_id.label("thing_id"),
)
_QUEUE = Queue(rule_events, rule_events.c.due_at)
_LISTENS = select(rules.c.id).where(
    rules.c.enabled_at.is_not(None), rules.c.event.in_(bindparam("events", expanding=True))
)


def note_for_rules(connection: Connection, event: str, conversation_id: str, data: Mapping[str, Any]) -> None:
    """Writes down what happened when a rule that is on answers to it, in the caller's transaction.

    Not what a rule does: so no rule is ever set off by another, or by itself.
    """
    message = data.get("message") or {}
    events = _OF_SENDER.get(message.get("sender", ""), ()) if message else _OF_WEBHOOKS.get(event, ())
    if rating := data.get("rating"):
        events = (RATED[rating["about"]],)
    if not events or connection.info["by_rule"]:
        return
    if connection.execute(_LISTENS.limit(1), {"events": events}).first() is None:
        return
    now = moment_of(connection)
    thing_id = _find_thing(connection, events[0], conversation_id, data)
    row = {"conversation_id": conversation_id, "event": events[0], "seq": message.get("seq"), "label_id": thing_id}
    begun = {"status": "waiting", "attempts": 0, "due_at": now, "created_at": now}
    connection.execute(insert(rule_events).values(**row, **begun))


def _find_thing(connection: Connection, event: str, conversation_id: str, data: Mapping[str, Any]) -> int | None:
    """As `Happened.thing_id`."""
    if event == ASSIGNED:
        return connection.execute(
            select(conversations.c.agent_id).where(conversations.c.id == conversation_id)
        ).scalar()
    if rating := data.get("rating"):
        return int(rating["score"])
    thing: Mapping[str, Any] = data.get("label") or data.get("field") or {}
    return thing.get("id")


def find_next_event(store: Store) -> int | None:
    """When the next one is due; None when none waits."""
    return _QUEUE.find_next_due(store)


def take_event(store: Store) -> Happened | None:
    """Claims what has waited longest, for LEASE_MS; None when nothing waits."""

    def load(connection: Connection, event_id: int) -> Happened:
        return Happened(**connection.execute(select(*_SHOWN).where(rule_events.c.id == event_id)).mappings().one())

    return _QUEUE.take(store, LEASE_MS, load)


def finish_event(connection: Connection, happened: Happened, status: str = "done") -> bool:
    """Rules have answered to it, in the caller's transaction. False: another has it by now, so nothing may be done."""
    return bool(_QUEUE.finish(connection, [happened], status))


def forget_events(store: Store) -> None:
    """Removes what was over a day ago."""
    old = rule_events.c.finished_at < store.clock() - DAY_MS
    with store.read() as connection:  # a look first: mostly there is nothing to do
        if connection.execute(select(rule_events.c.id).where(old).limit(1)).first() is None:
            return
    with store.write() as connection:
        connection.execute(delete(rule_events).where(old))
