"""Merging a customer's other conversation into the one an agent has, and the links between the two."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, url_for
from flask_login import current_user
from pydantic import Field
from werkzeug.wrappers import Response as AnyResponse

from odziv.cases.conversations.merge import merge
from odziv.desk.frame.lookups import find_or_404
from odziv.desk.frame.roles import AGENT, action
from odziv.store.conversations.conversation import Conversation
from odziv.store.conversations.merges import list_merged_away, list_merges
from odziv.store.customers.other_conversations import Other
from odziv.texts.desk import _
from odziv.web.forms import Form, Ticked, read_form
from odziv.web.services import services


class MergeForm(Form):
    """Which conversation goes into this one, and whether the customer was asked."""

    other_id: str = Field("", alias="from")
    confirmed: Ticked = False


@action("/conversations/<conversation_id>/merge", needs=AGENT)
def merge_conversation(conversation_id: str) -> AnyResponse:
    """Merges the conversation `from` into this one, which the agent has; 409 with the reason where that can't be."""
    sent = read_form(MergeForm)
    find_or_404(sent.other_id)
    find_or_404(conversation_id)
    merge(services().store, current_user.agent, conversation_id, sent.other_id, confirmed=sent.confirmed)
    flash(_("Merged. The other one is closed, and linked from here."))
    return redirect(url_for("desk.show_conversation", conversation_id=conversation_id), 303)


def offer_merge(conversation: Conversation, others: list[Other]) -> dict[str, Any]:
    """Which of a customer's other conversations the panel offers to merge, and which ended so."""
    holds = conversation.status == "open" and conversation.agent_id == current_user.id
    return {
        "mergeable": {other.id for other in others if holds and _may_go(other)},
        "merged_away": list_merged_away(services().store, [other.id for other in others]),
    }


def show_merges(conversation: Conversation) -> dict[str, Any]:
    """The links above the log."""
    return {"merges": list_merges(services().store, conversation.id)}


def _may_go(other: Other) -> bool:
    return other.status in ("bot", "queued") or (other.status == "open" and other.agent_id == current_user.id)
