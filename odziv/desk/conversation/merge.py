"""Merging a customer's other conversation into the one an agent has, and the links between the two."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from odziv.cases.conversations.entries import internal_entry, system_notice
from odziv.cases.refused import Kind, Refused
from odziv.desk.frame.lookups import find_or_404
from odziv.desk.frame.roles import AGENT, action
from odziv.store.conversations.conversation import Conversation
from odziv.store.conversations.merges import CannotMerge, list_merged_away, list_merges, merge
from odziv.store.customers.other_conversations import Other
from odziv.web.services import services


@action("/conversations/<conversation_id>/merge", needs=AGENT)
def merge_conversation(conversation_id: str) -> AnyResponse:
    """Merges the conversation `from` into this one, which the agent has; 409 with the reason where that can't be."""
    try:
        merge_in(conversation_id, request.form.get("from", ""), confirmed=request.form.get("confirmed") == "1")
    except CannotMerge as error:
        raise Refused(Kind.CONFLICT, f"Not merged: {error}") from error
    flash("Merged. The other one is closed, and linked from here.")
    return redirect(url_for("desk.show_conversation", conversation_id=conversation_id), 303)


def merge_in(conversation_id: str, other_id: str, *, confirmed: bool) -> None:
    """Merges another conversation into the one the signed-in agent has. Raises CannotMerge; 404 for an unknown one."""
    away = find_or_404(other_id)
    find_or_404(conversation_id)
    name = current_user.name
    entries = (
        internal_entry(f"{name} merged this into conversation {conversation_id[:6]}, where it goes on."),
        internal_entry(f"{name} merged conversation {away.id[:6]} of the same customer into this one."),
    )
    said = system_notice("merged", away.language)
    try:
        merge(services().store, away.id, conversation_id, current_user.id, entries, said, confirmed=confirmed)
    except KeyError:  # deleted a moment ago
        abort(404)


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
