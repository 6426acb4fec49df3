"""The customer's way back: who waits for a person goes on with the bot instead, as long as nobody has come."""

from __future__ import annotations

from sqlalchemy import Connection, update

from odziv.store.audit import record
from odziv.store.conversations.conversation import Conversation, change_owner, load_conversation
from odziv.store.conversations.messages import NewMessage, append_message
from odziv.store.conversations.turns import skip_waiting_turns
from odziv.store.engine import Store
from odziv.store.schema import handoffs
from odziv.store.webhooks.events import emit
from odziv.store.webhooks.payloads import handoff_payload


def withdraw(store: Store, conversation_id: str, notice: NewMessage) -> Conversation | None:
    """Withdraws a waiting handoff, with the notice in the log: the bot has the conversation again.

    Returns the conversation as it stands then; nothing changed when it waits no more. None: there is none.
    """
    with store.write() as connection:
        _end_wait(connection, conversation_id, notice, store.clock())
        return load_conversation(connection, conversation_id)


def _end_wait(connection: Connection, conversation_id: str, notice: NewMessage, now: int) -> None:
    # The race with a claim is decided here: only one UPDATE still finds the row waiting.
    row = connection.execute(
        update(handoffs)
        .where(handoffs.c.conversation_id == conversation_id, handoffs.c.status == "waiting")
        .values(status="closed", closed_at=now, outcome="withdrawn")
        .returning(handoffs)
    ).first()
    if row is None:
        return
    skip_waiting_turns(connection, conversation_id)
    change_owner(connection, conversation_id, "bot", agent_id=None)
    emit(connection, "conversation.withdrawn", conversation_id, handoff=handoff_payload(row))
    append_message(connection, conversation_id, notice)
    record(connection, "withdrawn", None, f"conversation:{conversation_id}")
