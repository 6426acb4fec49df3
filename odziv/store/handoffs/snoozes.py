"""Snoozed conversations: out of their agent's inbox until a moment, the customer's next word, or somebody's.

While it is snoozed, a handoff is nobody's open work: it counts for no capacity, and no lease runs.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import or_, select, update

from odziv.store import audit
from odziv.store.conversations.conversation import load_conversation
from odziv.store.conversations.messages import NewMessage, append_message
from odziv.store.conversations.unread import check_seen
from odziv.store.engine import Store
from odziv.store.handoffs.scheduled_replies import send_scheduled_replies
from odziv.store.handoffs.snooze_ends import wake
from odziv.store.queue import Queue
from odziv.store.schema import agents, handoffs

_QUEUE = Queue(handoffs, handoffs.c.snoozed_until, waiting=handoffs.c.status == "snoozed")


@dataclass(frozen=True)
class EndedSnooze:
    """A snooze that is over: its time has come, or its agent's account is disabled."""

    conversation_id: str
    agent_name: str
    disabled: bool


def snooze(
    store: Store,
    conversation_id: str,
    agent_id: int,
    until: int,
    entry: NewMessage,
    *,
    seen: int | None = None,
    by_rule: bool = False,
) -> bool:
    """Takes a conversation out of its agent's inbox until then. False, with nothing changed, unless they have it.

    One that is snoozed already gets the new time. `by_rule`: a rule does it, and not the agent. Raises Unread when the
    customer has written since message `seen`.
    """
    with store.write() as connection:
        conversation = load_conversation(connection, conversation_id)
        if conversation is None or conversation.agent_id != agent_id:
            return False
        check_seen(connection, conversation_id, seen)
        send_scheduled_replies(connection, conversation_id)
        changed = connection.execute(
            update(handoffs)
            .where(
                handoffs.c.conversation_id == conversation_id,
                handoffs.c.agent_id == agent_id,
                handoffs.c.status.in_(("claimed", "snoozed")),
            )
            .values(status="snoozed", snoozed_until=until)
        )
        if changed.rowcount != 1:
            return False
        append_message(connection, conversation_id, entry)
        audit.record(connection, "snoozed", None if by_rule else agent_id, f"conversation:{conversation_id}")
        return True


def bring_back(store: Store, conversation_id: str, entry: NewMessage, by: int | None = None) -> bool:
    """Ends a snooze, with an entry in the log, once. False: it is not snoozed."""
    with store.write() as connection:
        if not wake(connection, conversation_id, store.clock()):
            return False
        append_message(connection, conversation_id, entry)
        audit.record(connection, "woken", by, f"conversation:{conversation_id}")
        return True


def list_ended_snoozes(store: Store, now: int) -> list[EndedSnooze]:
    """The snoozes that are over at `now`, the longest first."""
    statement = (
        select(handoffs.c.conversation_id, agents.c.name.label("agent_name"), agents.c.disabled)
        .join(agents, agents.c.id == handoffs.c.agent_id)
        .where(_QUEUE.waiting, or_(_QUEUE.is_due(now), agents.c.disabled.is_(True)))
        .order_by(handoffs.c.snoozed_until)
    )
    with store.read() as connection:
        return [EndedSnooze(**row) for row in connection.execute(statement).mappings()]
