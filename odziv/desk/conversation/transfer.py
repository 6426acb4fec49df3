"""Passing a conversation on, to a colleague or back to the queue for a language and a topic; and telling a time."""

from __future__ import annotations

from typing import Annotated, Any

from flask import flash, redirect, url_for
from flask_login import current_user
from pydantic import BeforeValidator
from werkzeug.wrappers import Response as AnyResponse

from odziv.cases.conversations.targets import TARGETS, announce_target
from odziv.cases.conversations.transfer import (
    LONGEST_NOTE,
    QueueTarget,
    draft_note,
    list_colleagues,
    pass_to_colleague,
    pass_to_queue,
)
from odziv.cases.refused import Kind, Refused
from odziv.cases.routing import load_team
from odziv.cases.topics import list_topics
from odziv.desk.frame.lookups import HANDOFF, find_handoff_or_404, find_or_404
from odziv.desk.frame.roles import AGENT, action
from odziv.store.conversations.conversation import Conversation
from odziv.store.conversations.messages import NewMessage
from odziv.store.handoffs.handoff import Handoff
from odziv.texts.desk import N_, _
from odziv.web.forms import Form, OrNone, Wrong, read_form
from odziv.web.services import services


def read_minutes(value: str) -> int | None:
    """The time told to the customer, in minutes from now; None when none was chosen. Raises ValueError."""
    if value and value not in map(str, TARGETS):
        raise ValueError("none of the times offered")
    return int(value) if value else None


Minutes = Annotated[
    int | None, BeforeValidator(read_minutes), Wrong(Kind.INVALID, N_("Please choose one of the times offered."))
]


class TransferForm(Form):
    """To an agent's id or "queue"; language, topic and the time told are for the queue."""

    to: str = ""
    note: str = ""
    language: str = ""
    topic: Annotated[str | None, OrNone] = None
    promise: Minutes = None


class TargetForm(Form):
    """By when a waiting customer hears from us."""

    promise: Minutes = None


def offer_transfer(conversation: Conversation, handoffs: list[Handoff], mode: str) -> dict[str, Any]:
    """What the conversation's page needs for passing on and for telling a time."""
    store, settings, holds = services().store, services().settings, mode == "holder"
    colleagues = list_colleagues(load_team(store, settings), current_user.agent) if holds else []
    return {
        "current": next((h for h in reversed(handoffs) if h.status != "closed"), None),
        "colleagues": [(member, member.available) for member in colleagues],
        "languages": settings.languages,
        "topics": list_topics(settings) if holds else [],
        "targets": TARGETS,
        "longest_note": LONGEST_NOTE,
    }


@action("/conversations/<conversation_id>/transfer", needs=AGENT)
def pass_on(conversation_id: str) -> AnyResponse:
    """Passes a conversation on, `to` an agent's id or "queue"; 409 unless this agent has it."""
    find_or_404(conversation_id)
    sent = read_form(TransferForm)
    note = draft_note(services().store, current_user.agent, sent.note)
    flash(_pass_on(conversation_id, sent, note))
    return redirect(url_for("desk.show_inbox"), 303)


def _pass_on(conversation_id: str, sent: TransferForm, note: NewMessage | None) -> str:
    """What was done, in words."""
    store, settings, agent = services().store, services().settings, current_user.agent
    if sent.to != "queue":
        colleague = pass_to_colleague(store, settings, agent, conversation_id, sent.to, note)
        return _("%(name)s has it now.", name=colleague.name)
    place = QueueTarget(sent.language, sent.topic, sent.promise)
    pass_to_queue(store, settings, agent, conversation_id, place, note)
    return _("Back in the queue, in its old place: %(team)s.", team=place.team)


# The address, and the field of the form, keep their word for a target.
@action(f"{HANDOFF}/promise", needs=AGENT)
def tell_time(handoff_id: int) -> AnyResponse:
    """Notes by when somebody told a waiting customer they would hear from us."""
    handoff = find_handoff_or_404(handoff_id)
    minutes = read_form(TargetForm).promise
    if minutes is None:
        raise Refused(Kind.INVALID, _("Please choose a time."))
    announce_target(services().store, current_user.agent, handoff_id, minutes)
    return redirect(url_for("desk.show_conversation", conversation_id=handoff.conversation_id), 303)
