"""Two-factor: turning it on with an app, checking a code at sign-in, recovery codes, turning it off."""

from __future__ import annotations

import segno
from flask import flash, redirect, url_for
from flask_login import current_user
from markupsafe import Markup
from pydantic import Field
from werkzeug.wrappers import Response as AnyResponse

from odziv.cases.refused import Kind, Refused
from odziv.desk.frame.page import count_guess, forgive_guesses, show_page
from odziv.desk.frame.roles import AGENT, action, page
from odziv.desk.people import totp
from odziv.desk.people.passwords import has_password, is_password_right
from odziv.store.agents.agent import Agent
from odziv.store.agents.second_factor import (
    begin_second_factor,
    confirm_second_factor,
    find_second_factor,
    remove_second_factor,
    replace_recovery_codes,
    use_recovery_code,
    use_step,
)
from odziv.store.lengths import LONGEST_PASSWORD
from odziv.texts.desk import N_, _
from odziv.web.forms import Form, read_form
from odziv.web.services import services

WRONG = N_("The password or the code isn’t right. A code works once: wait for the next one.")


class CodeForm(Form):
    """A code from the app."""

    code: str = ""


class ProofForm(CodeForm):
    """Password and code, before anything changes."""

    password: str = Field("", repr=False)  # in no log and no traceback


def is_code_right(agent: Agent, code: str) -> bool:
    """Whether the code lets this agent in, and spends it. Any will do for an agent without a second factor."""
    store = services().store
    factor = find_second_factor(store, agent.id)
    if factor is None or factor.confirmed_at is None:
        return True
    code = totp.normalise_code(code)
    step = _find_step(factor.secret, code)
    return use_step(store, agent.id, step) if step is not None else use_recovery_code(store, agent.id, code)


@action("/account/two-factor", needs=AGENT, before_two_factor=True)
def begin_two_factor() -> AnyResponse:
    """Makes a secret and leads to the page that shows it."""
    if not begin_second_factor(services().store, current_user.id, totp.new_secret()):
        raise Refused(Kind.CONFLICT, _("Two-factor is on already."))
    return redirect(url_for("desk.show_two_factor"), 303)


@page("/account/two-factor", needs=AGENT, before_two_factor=True)
def show_two_factor() -> AnyResponse | str:
    """The QR code and the secret, until the first right code."""
    factor = find_second_factor(services().store, current_user.id)
    if factor is None or factor.confirmed_at is not None:
        return redirect(url_for("desk.show_account", _anchor="two-factor"), 303)
    return _setup_page(factor.secret)


@action("/account/two-factor/confirm", needs=AGENT, before_two_factor=True)
def confirm_two_factor() -> AnyResponse | str | tuple[str, int]:
    """A right code from the app turns two-factor on; the answer shows the recovery codes, this once."""
    factor = find_second_factor(services().store, current_user.id)
    if factor is None or factor.confirmed_at is not None:
        return redirect(url_for("desk.show_account", _anchor="two-factor"), 303)
    count_guess()
    step = _find_step(factor.secret, totp.normalise_code(read_form(CodeForm).code))
    if step is None:
        problem = _("That code isn’t right. Is the clock of your phone? Type the code that is shown now.")
        return _setup_page(factor.secret, problem), 422
    codes = totp.new_recovery_codes()
    hashed = [totp.normalise_code(code) for code in codes]
    if not confirm_second_factor(services().store, current_user.id, factor.secret, step, hashed):
        raise Refused(Kind.CONFLICT, _("Another page has changed this meanwhile. Please go back to Your account."))
    forgive_guesses()
    return _codes_page(codes, is_new=True)


@action("/account/two-factor/codes", needs=AGENT)
def renew_recovery_codes() -> str:
    """New recovery codes for password and code; the earlier ones are worthless then."""
    _check_password_and_code()
    codes = totp.new_recovery_codes()
    replace_recovery_codes(services().store, current_user.id, [totp.normalise_code(code) for code in codes])
    return _codes_page(codes, is_new=False)


@action("/account/two-factor/off", needs=AGENT)
def turn_two_factor_off() -> AnyResponse:
    """Turned off for password and code."""
    _check_password_and_code()
    remove_second_factor(services().store, current_user.id, current_user.id)
    flash(_("Two-factor is off."))
    return redirect(url_for("desk.show_account", _anchor="two-factor"), 303)


def _check_password_and_code() -> None:
    factor = find_second_factor(services().store, current_user.id)
    if factor is None or factor.confirmed_at is None:
        raise Refused(Kind.CONFLICT, _("Two-factor is off already."))
    count_guess()
    sent = read_form(ProofForm)
    password, code = sent.password[:LONGEST_PASSWORD], sent.code
    agent = current_user.agent
    # The password first: a wrong one must not use up a recovery code. Who has none proves themselves by the code.
    if (has_password(agent) and not is_password_right(agent, password)) or not is_code_right(agent, code):
        raise Refused(Kind.UNFIT, _(WRONG))
    forgive_guesses()


def _setup_page(secret: str, problem: str | None = None) -> str:
    uri = totp.enrolment_uri(secret, current_user.agent.email, "Odziv")
    code = segno.make(uri, error="m", micro=False)
    picture = Markup(code.svg_inline(border=4, light="#fff", dark="#000", omitsize=True, svgclass="qr", lineclass=None))
    return show_page(
        "desk/people/two_factor.html",
        "account",
        secret=totp.in_groups(secret),
        uri=uri,
        picture=picture,
        problem=problem,
    )


def _codes_page(codes: list[str], *, is_new: bool) -> str:
    return show_page("desk/people/recovery_codes.html", "account", codes=codes, is_new=is_new)


def _find_step(secret: str, code: str) -> int | None:
    """The step whose code this is. A phone agrees with our clock or, while that follows a jump, with the machine's."""
    found = (totp.find_step(secret, code, moment / 1000) for moment in services().store.possible_moments())
    return next((step for step in found if step is not None), None)
