"""Signs of life: every request of a signed-in agent is one. And the switch between available and away."""

from __future__ import annotations

from typing import Annotated, Literal

from flask import flash, redirect, request
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from odziv.cases.refused import Kind
from odziv.desk.blueprint import blueprint
from odziv.desk.frame.rights import lacks_two_factor
from odziv.desk.frame.roles import AGENT, action, page
from odziv.desk.people.sign_in import inside_the_desk
from odziv.store.agents.availability import end_presence, renew_presence, set_available
from odziv.texts.desk import N_, _
from odziv.web.forms import Form, Wrong, read_form
from odziv.web.services import services


class AvailabilityForm(Form):
    """Available or away, and the page the switch was on."""

    available: Annotated[Literal["0", "1"], Wrong(Kind.INVALID, N_("You can be available or away."))]
    next: str | None = None


@blueprint.before_request
def note_presence() -> None:
    """Keeps an agent's leases while they use any page of the desk, and ends what is new for them at sign-out."""
    if request.endpoint == "desk.static" or not current_user.is_authenticated:
        return
    if lacks_two_factor():  # they see no conversation, so none may come to them
        return
    if request.endpoint == "desk.sign_out":
        end_presence(services().store, current_user.id)
    else:
        renew_presence(services().store, current_user.id)


@page("/alive", needs=AGENT)
def stay_alive() -> tuple[str, int]:
    """What an open page asks for every half a minute (presence.js). That it came is all there is to it.

    The event stream can't tell: writing to a closed laptop succeeds until TCP gives up, a quarter of an hour later.
    """
    return "", 204


@action("/availability", needs=AGENT)
def switch_availability() -> AnyResponse:
    """Available: new conversations may come. Away: none by themselves; what the agent has stays theirs."""
    sent = read_form(AvailabilityForm)
    set_available(services().store, current_user.id, sent.available == "1")
    flash(_("You are available.") if sent.available == "1" else _("You are away: nothing new comes by itself."))
    return redirect(inside_the_desk(sent.next), 303)
