"""The page behind an invitation link: a person becomes an agent, once."""

from __future__ import annotations

from typing import Annotated

from flask import flash, redirect, render_template, url_for
from flask_wtf import FlaskForm
from pydantic import AfterValidator
from werkzeug.wrappers import Response as AnyResponse
from wtforms import EmailField, ValidationError
from wtforms.validators import InputRequired, Length

from odziv.cases.mail_addresses import clean_address
from odziv.desk.frame.roles import ANYONE, action, page
from odziv.desk.people.known_devices import remember_device
from odziv.desk.people.names import TOO_LONG, AgentName
from odziv.desk.people.passwords import SHORTEST_PASSWORD, NewPassword, hash_password
from odziv.desk.people.sign_in import may_use_password, start_session
from odziv.store.agents.agent import (
    EmailTaken,
    Invitation,
    InvitationInvalid,
    accept_invitation,
    find_invitation,
)
from odziv.store.lengths import LONGEST_AGENT_NAME, LONGEST_EMAIL
from odziv.texts.desk import N_, _
from odziv.web.forms import Form, read_address
from odziv.web.services import services


class InvitationPage(Form):
    """A name to begin with, where the link carries one."""

    name: Annotated[str, AfterValidator(lambda name: name[:LONGEST_AGENT_NAME])] = ""


class InviteForm(AgentName, NewPassword, FlaskForm):
    """What a new agent tells about themselves."""

    email = EmailField(
        N_("E-mail address"),
        [InputRequired(N_("Please enter your e-mail address.")), Length(max=LONGEST_EMAIL, message=TOO_LONG)],
    )

    def validate_email(self, field: EmailField) -> None:
        """Somebody can be written to there."""
        if clean_address(field.data) is None:
            raise ValidationError(_("This doesn’t look like an e-mail address."))
        if not may_use_password(field.data):
            raise ValidationError(_("Here, people sign in with %(provider)s.", provider=services().settings.oidc.label))


@page("/invite/<token>", needs=ANYONE)
def show_invitation(token: str) -> AnyResponse | tuple[str, int] | str:
    """The form, or a friendly page when the link was used or is too old."""
    invitation = find_invitation(services().store, token)
    if invitation is None:
        return _gone()
    form = InviteForm(None, name=read_address(InvitationPage).name, email=invitation.email or "")
    return _page(form, invitation)


@action("/invite/<token>", needs=ANYONE)
def accept(token: str) -> AnyResponse | tuple[str, int]:
    """Creates the agent and signs them in. The link is used up then."""
    store = services().store
    invitation = find_invitation(store, token)
    if invitation is None:
        return _gone()
    form = InviteForm()
    if invitation.email:
        form.email.data = invitation.email
    if not form.validate():
        return _page(form, invitation), 422
    try:
        agent = accept_invitation(
            store, token, form.email.data, form.name.data.strip(), hash_password(form.password.data)
        )
    except InvitationInvalid:
        return _gone()
    except EmailTaken:
        form.email.errors = [_("There is an account with this address already; sign in instead.")]
        return _page(form, invitation), 422
    if start_session(agent):
        flash(_("Welcome, %(name)s.", name=agent.name))
    response = redirect(url_for("desk.show_queue"), 303)
    remember_device(response, agent.id)
    return response


def _page(form: InviteForm, invitation: Invitation) -> str:
    return render_template("desk/people/invite.html", form=form, invitation=invitation, shortest=SHORTEST_PASSWORD)


def _gone() -> tuple[str, int]:
    return render_template("desk/people/invite_gone.html"), 410
