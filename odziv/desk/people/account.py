"""Your account: one's own name, password, two-factor, and the browsers one is signed in with."""

from __future__ import annotations

from typing import Annotated

from flask import abort, flash, redirect, request, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from pydantic import Field
from werkzeug.wrappers import Response as AnyResponse
from wtforms import PasswordField, StringField, ValidationError
from wtforms.validators import Length, Optional

from odziv.cases.customers.customer_details import CleanLine
from odziv.cases.refused import Kind, Refused
from odziv.desk.frame.language import asked_by_browser
from odziv.desk.frame.page import count_guess, forgive_guesses, show_page
from odziv.desk.frame.rights import is_two_factor_required
from odziv.desk.frame.roles import AGENT, action, page
from odziv.desk.people.names import TOO_LONG, AgentName
from odziv.desk.people.passwords import SHORTEST_PASSWORD, NewPassword, has_password, hash_password, is_password_right
from odziv.store.agents.accounts import change_language, change_name, change_shown_name, change_title
from odziv.store.agents.agent import hash_token
from odziv.store.agents.availability import find_availability, set_wants_mail
from odziv.store.agents.passwords import change_password
from odziv.store.agents.portraits import remove_portrait, set_portrait
from odziv.store.agents.second_factor import find_second_factor
from odziv.store.agents.sessions import end_other_sessions, end_session, list_sessions
from odziv.store.lengths import LONGEST_AGENT_NAME, LONGEST_AGENT_TITLE, LONGEST_PASSWORD
from odziv.texts.desk import N_, _, ngettext, offered_languages, speaking
from odziv.texts.moments import own_name
from odziv.web.attachments import TOO_MANY_PIXELS
from odziv.web.drawing.pictures import NoPicture, PictureTooLarge, draw_portrait
from odziv.web.forms import Form, Ticked, Wrong, read_form
from odziv.web.services import services

PORTRAITS_PER_MINUTE = 10


class PasswordForm(NewPassword, FlaskForm):
    """The old password and, twice, the new one."""

    old = PasswordField(N_("Old password"))


class NameForm(AgentName, FlaskForm):
    """The name that colleagues read, and the one that customers do."""

    shown_name = StringField(
        N_("Name for customers"), [Optional(strip_whitespace=True), Length(max=LONGEST_AGENT_NAME, message=TOO_LONG)]
    )

    def validate_shown_name(self, field: StringField) -> None:
        """On one line; where nothing visible is typed, there is none."""
        if not (field.data or "").isprintable():
            raise ValidationError(_("Please enter a name of one line."))


class LanguageForm(Form):
    """In which language the desk is to speak; none for the browser's."""

    language: str = ""


class TitleForm(Form):
    """What is to stand below one's name in e-mails; nothing, if empty."""

    title: Annotated[
        CleanLine,
        Field(max_length=LONGEST_AGENT_TITLE),
        Wrong(Kind.UNFIT, N_("Not saved: a title has at most 80 characters.")),
    ] = ""


class OverdueMailForm(Form):
    """Whether to be written to."""

    wanted: Ticked = False


@page("/account", needs=AGENT, before_two_factor=True)
def show_account() -> str:
    """Name, password, two-factor and sessions of the signed-in agent."""
    return _page()


@action("/account/name", needs=AGENT)
def change_own_name() -> AnyResponse | tuple[str, int]:
    """Changes the name that colleagues read, and the one that customers do."""
    form = NameForm()
    if not form.validate():
        return _page(name_form=form), 422
    change_name(services().store, current_user.id, form.name.data.strip())
    change_shown_name(services().store, current_user.id, (form.shown_name.data or "").strip() or None)
    flash(_("Your name is changed. Customers read it when you next write to them."))
    return redirect(url_for("desk.show_account"), 303)


@action("/account/title", needs=AGENT)
def change_own_title() -> AnyResponse:
    """Changes what stands below one's name in e-mails."""
    change_title(services().store, current_user.id, read_form(TitleForm).title or None)
    flash(_("Your title is changed. It stands in your e-mails from now on."))
    return redirect(url_for("desk.show_account"), 303)


@action("/account/picture", needs=AGENT)
def change_portrait() -> AnyResponse | tuple[str, int]:
    """Takes a picture for customers and colleagues to see; 422 for what is none."""
    services().rate_limits.check("portrait", str(current_user.id), PORTRAITS_PER_MINUTE)
    sent = request.files.get("picture")
    data = sent.stream.read() if sent else b""
    if not data:
        return _page(portrait_problem=_("Please choose a picture first.")), 422
    try:
        set_portrait(services().store, current_user.id, draw_portrait(data))
    except PictureTooLarge:
        return _page(portrait_problem=_(TOO_MANY_PIXELS)), 422
    except NoPicture:
        told = _("That is no picture we can read. Please choose a PNG, JPEG, GIF or WebP file.")
        return _page(portrait_problem=told), 422
    flash(_("Your picture is changed. Customers and colleagues see it from now on."))
    return redirect(url_for("desk.show_account", _anchor="picture"), 303)


@action("/account/picture/remove", needs=AGENT)
def remove_own_portrait() -> AnyResponse:
    """Takes one's picture away; the initials stand there again."""
    remove_portrait(services().store, current_user.id, current_user.id)
    flash(_("Your picture is removed."))
    return redirect(url_for("desk.show_account", _anchor="picture"), 303)


@action("/account/language", needs=AGENT, before_two_factor=True)
def change_own_language() -> AnyResponse:
    """Has the desk speak another language to the signed-in agent."""
    wanted = read_form(LanguageForm).language or None
    if wanted and wanted not in offered_languages():
        raise Refused(Kind.INVALID, _("Please choose one of the languages offered."))
    change_language(services().store, current_user.id, wanted)
    with speaking(wanted or asked_by_browser()):
        flash(_("Saved: this is how the desk speaks to you now."))
    return redirect(url_for("desk.show_account", _anchor="language"), 303)


@action("/account/password", needs=AGENT, before_two_factor=True)
def change_own_password() -> AnyResponse | tuple[str, int]:
    """Changes the password for the old one, and signs out everywhere else."""
    form = PasswordForm()
    if not form.validate():
        return _page(form), 422
    count_guess()
    if not is_password_right(current_user.agent, (form.old.data or "")[:LONGEST_PASSWORD]):
        form.old.errors = [_("That is not your password.")]
        return _page(form), 422
    forgive_guesses()
    change_password(services().store, current_user.id, hash_password(form.password.data), current_user.token)
    flash(_("Your password is changed, and you are signed out everywhere else."))
    return redirect(url_for("desk.show_account"), 303)


@action("/account/overdue-mail", needs=AGENT)
def set_overdue_mail() -> AnyResponse:
    """Whether to be written to when something waits too long while nobody is there."""
    wanted = read_form(OverdueMailForm).wanted
    set_wants_mail(services().store, current_user.id, wanted)
    flash(_("You will get an e-mail when something waits too long.") if wanted else _("You will get no such e-mails."))
    return redirect(url_for("desk.show_account", _anchor="overdue-mail"), 303)


@action("/account/sessions/<session_id>/end", needs=AGENT, before_two_factor=True)
def end_own_session(session_id: str) -> AnyResponse:
    """Signs out in one other place; 404 for a session that isn't this agent's."""
    if not end_session(services().store, current_user.id, session_id):
        abort(404)
    flash(_("That session has ended."))
    return redirect(url_for("desk.show_account", _anchor="sessions"), 303)


@action("/account/sessions/end-others", needs=AGENT, before_two_factor=True)
def end_other_own_sessions() -> AnyResponse:
    """Signs out everywhere but in this browser."""
    ended = end_other_sessions(services().store, current_user.id, current_user.token)
    flash(ngettext("Signed out in %(num)s other place.", "Signed out in %(num)s other places.", ended))
    return redirect(url_for("desk.show_account", _anchor="sessions"), 303)


def _page(form: PasswordForm | None = None, name_form: NameForm | None = None, portrait_problem: str = "") -> str:
    store = services().store
    factor = find_second_factor(store, current_user.id)
    return show_page(
        "desk/people/account.html",
        "account",
        form=form or PasswordForm(None),
        name_form=name_form or NameForm(None, name=current_user.name, shown_name=current_user.agent.shown_name),
        portrait_problem=portrait_problem,
        shortest=SHORTEST_PASSWORD,
        has_password=has_password(current_user.agent),
        factor=factor if factor and factor.confirmed_at else None,
        is_required=is_two_factor_required(current_user.agent.role),
        sessions=list_sessions(store, current_user.id),
        desk_languages=offered_languages(),
        own_name=own_name,
        this_session=hash_token(current_user.token),
        wants_mail=find_availability(store, current_user.id).wants_mail,
        is_mail_on=services().settings.mail.is_on,
    )
