"""What is promised, as pages show it, and the priority that agents set."""

from __future__ import annotations

from flask import redirect, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from odziv.cases.conversations.promise import prioritise
from odziv.cases.targets import Due, due_of, priority_of
from odziv.desk.blueprint import blueprint
from odziv.desk.frame.lookups import HANDOFF
from odziv.desk.frame.roles import AGENT, action
from odziv.store.handoffs.handoff import Handoff
from odziv.web.forms import Form, read_form
from odziv.web.services import services


class PriorityForm(Form):
    """How soon an answer is promised."""

    priority: str = ""


@blueprint.app_template_filter("due")
def find_due(handoff: Handoff) -> Due | None:
    """For templates: by when an answer is due."""
    return due_of(handoff, services().settings)


@blueprint.app_template_filter("due_level")
def label_level(due: Due) -> str:
    """For templates: calm, soon or missed, now."""
    return due.level(services().store.clock())


@blueprint.app_template_filter("priority")
def find_priority(handoff: Handoff) -> str:
    """For templates: normal, high or urgent."""
    return priority_of(handoff)


@action(f"{HANDOFF}/priority", needs=AGENT)
def change_priority(handoff_id: int) -> AnyResponse:
    """Sets how soon an answer is promised; 409 when the handoff is over. Any agent may."""
    priority = read_form(PriorityForm).priority
    conversation_id = prioritise(services().store, current_user.agent, handoff_id, priority)
    return redirect(url_for("desk.show_conversation", conversation_id=conversation_id), 303)
