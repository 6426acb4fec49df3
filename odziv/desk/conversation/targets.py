"""Targets as pages show them, and the priority that agents set."""

from __future__ import annotations

from flask import redirect, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from odziv.cases.conversations.targets import prioritise
from odziv.cases.targets import Target, find_target, priority_of
from odziv.desk.blueprint import blueprint
from odziv.desk.frame.lookups import HANDOFF
from odziv.desk.frame.roles import AGENT, action
from odziv.store.handoffs.handoff import Handoff
from odziv.web.forms import Form, read_form
from odziv.web.services import services


class PriorityForm(Form):
    """How soon somebody should answer."""

    priority: str = ""


@blueprint.app_template_filter("target")
def find_handoff_target(handoff: Handoff) -> Target | None:
    """For templates: by when an answer is due."""
    return find_target(handoff, services().settings)


@blueprint.app_template_filter("target_level")
def find_level(target: Target) -> str:
    """For templates: calm, soon or missed, now."""
    return target.level(services().store.clock())


@blueprint.app_template_filter("priority")
def find_priority(handoff: Handoff) -> str:
    """For templates: normal, high or urgent."""
    return priority_of(handoff)


@action(f"{HANDOFF}/priority", needs=AGENT)
def change_priority(handoff_id: int) -> AnyResponse:
    """Sets the priority, and with it the target; 409 when the handoff is over. Any agent may."""
    priority = read_form(PriorityForm).priority
    conversation_id = prioritise(services().store, current_user.agent, handoff_id, priority)
    return redirect(url_for("desk.show_conversation", conversation_id=conversation_id), 303)
