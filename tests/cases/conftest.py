"""Conversations on a real store, without Flask: one that waits for a person, one that Ana has taken."""

from __future__ import annotations

import pytest

from odziv.cases.conversations.claim import claim_conversation
from odziv.store import Store
from odziv.store.agents.agent import Agent
from odziv.store.conversations.conversation import change_owner, create_conversation
from odziv.store.conversations.messages import NewMessage, add_customer_message, append_message
from odziv.store.handoffs.handoff import add_handoff


def hand_off(store: Store, text: str = "My parcel never came.") -> str:
    """A conversation that waits for a person; returns its id."""
    conversation_id = create_conversation(store, "demo", "en").id
    add_customer_message(store, conversation_id, f"c-{conversation_id}", text, "")
    with store.write() as connection:
        notice = NewMessage("system", "A colleague will be with you soon.", "")
        append_message(connection, conversation_id, notice)
        add_handoff(connection, conversation_id, "requested", "en")
        change_owner(connection, conversation_id, "queued", agent_id=None)
    return conversation_id


@pytest.fixture
def waiting(store: Store) -> str:
    return hand_off(store)


@pytest.fixture
def taken(store: Store, waiting: str, ana: Agent) -> str:
    claim_conversation(store, ana, waiting)
    return waiting
