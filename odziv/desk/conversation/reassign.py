"""Taking over from a colleague, and giving a conversation to one, above it."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from odziv.cases.conversations.reassign import assign, may_reassign, take_over
from odziv.cases.conversations.transfer import list_colleagues
from odziv.cases.routing import load_team
from odziv.desk.frame.lookups import find_or_404
from odziv.desk.frame.roles import AGENT, action
from odziv.store.agents.availability import AgentAvailability
from odziv.store.conversations.conversation import Conversation
from odziv.texts.desk import _
from odziv.web.forms import Form, read_form
from odziv.web.services import services


class AssignForm(Form):
    """To an agent's id."""

    to: str = ""


def offer_reassigning(conversation: Conversation, mode: str) -> dict[str, Any]:
    """Whether this agent may take it over, and to whom they may give it."""
    is_offered = mode in ("open", "queued") and may_reassign(services().settings, current_user.agent)
    others = [one for one in list_takers() if one.agent_id != conversation.agent_id] if is_offered else []
    return {"may_take_over": is_offered and mode == "open", "takers": others}


def list_takers() -> list[AgentAvailability]:
    """The colleagues who are at the desk."""
    return list_colleagues(load_team(services().store, services().settings), current_user.agent)


@action("/conversations/<conversation_id>/take-over", needs=AGENT)
def take_over_conversation(conversation_id: str) -> AnyResponse:
    """Takes it from the colleague who has it; 403 without the right, 409 when nobody has it."""
    find_or_404(conversation_id)
    take_over(services().store, services().settings, current_user.agent, conversation_id)
    return redirect(url_for("desk.show_conversation", conversation_id=conversation_id), 303)


@action("/conversations/<conversation_id>/assign", needs=AGENT)
def assign_conversation(conversation_id: str) -> AnyResponse:
    """Gives it to the colleague with the id `to`; 403 without the right, 409 when they aren't there."""
    find_or_404(conversation_id)
    to = assign(services().store, services().settings, current_user.agent, conversation_id, read_form(AssignForm).to)
    flash(_("%(name)s has it now.", name=to.name))
    return redirect(url_for("desk.show_conversation", conversation_id=conversation_id), 303)
