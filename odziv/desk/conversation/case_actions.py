"""What can be done with a case beside answering it, as the conversation's page offers it: snoozing, priority, spam."""

from __future__ import annotations

from typing import Any

from odziv.cases.targets import priority_of
from odziv.desk.conversation.snooze import CHOICES
from odziv.store.conversations.conversation import Conversation
from odziv.store.handoffs.handoff import Handoff
from odziv.texts.desk import said


def offer_case(conversation: Conversation, handoffs: list[Handoff], mode: str) -> dict[str, Any]:
    """What the page needs for it. `case_mark` differs whenever something else is to be offered."""
    snoozed = next((h for h in handoffs if h.status == "snoozed"), None)
    until = snoozed.snoozed_until if snoozed else 0
    priority = next((priority_of(h) for h in reversed(handoffs) if h.status != "closed"), None)
    return {
        "snoozed": snoozed,
        "snooze_choices": said(CHOICES),
        "case_mark": f"{mode}.{conversation.epoch}.{until}.{priority}",
    }
