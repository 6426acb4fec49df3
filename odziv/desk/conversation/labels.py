"""Labels above a conversation: those it has, those there are, and those that its category proposes."""

from __future__ import annotations

from typing import Any

from flask import redirect, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from odziv.cases.labels.marking import propose_labels, put_label, take_label_off
from odziv.desk.frame.lookups import LARGEST_ID, find_or_404
from odziv.desk.frame.roles import AGENT, action
from odziv.store.conversations.conversation import Conversation
from odziv.store.handoffs.handoff import Handoff
from odziv.store.labels.labels import list_labels
from odziv.store.labels.marks import list_labels_of
from odziv.web.services import services

LABEL = f"/conversations/<conversation_id>/labels/<int(max={LARGEST_ID}):label_id>"


def offer_labels(conversation: Conversation, handoffs: list[Handoff]) -> dict[str, Any]:
    """What the conversation's page needs for labels."""
    offered = list_labels(services().store, conversation.site)
    on_it = list_labels_of(services().store, [conversation.id]).get(conversation.id, [])
    topic = handoffs[-1].topic if handoffs else None
    return {"labels_on": on_it, "labels_offered": offered, "labels_proposed": propose_labels(offered, on_it, topic)}


@action(f"{LABEL}/add", needs=AGENT)
def add_label_to(conversation_id: str, label_id: int) -> AnyResponse:
    """Puts it on; 409 when there is no such label for this site."""
    find_or_404(conversation_id)
    put_label(services().store, current_user.agent, conversation_id, label_id)
    return _show(conversation_id)


@action(f"{LABEL}/remove", needs=AGENT)
def remove_label_from(conversation_id: str, label_id: int) -> AnyResponse:
    """Takes it off."""
    find_or_404(conversation_id)
    take_label_off(services().store, current_user.agent, conversation_id, label_id)
    return _show(conversation_id)


def _show(conversation_id: str) -> AnyResponse:
    return redirect(url_for("desk.show_conversation", conversation_id=conversation_id), 303)
