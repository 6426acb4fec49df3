"""What an address names: looked up once, or the desk's 404."""

from __future__ import annotations

from typing import TypeVar

from flask import abort

from odziv.store.conversations.conversation import Conversation, find_conversation
from odziv.store.handoffs.handoff import Handoff, find_handoff
from odziv.web.services import services

Thing = TypeVar("Thing")
# The largest number the database can hold: beyond it, an address is simply unknown.
LARGEST_ID = 2**63 - 1
HANDOFF = f"/handoffs/<int(max={LARGEST_ID}):handoff_id>"


def or_404(found: Thing | None) -> Thing:
    """What was found; 404 when nothing was."""
    if found is None:
        abort(404)
    return found


def find_or_404(conversation_id: str) -> Conversation:
    """The conversation; 404 for an unknown one."""
    return or_404(find_conversation(services().store, conversation_id))


def find_handoff_or_404(handoff_id: int) -> Handoff:
    """The handoff; 404 for an unknown one."""
    return or_404(find_handoff(services().store, handoff_id))
