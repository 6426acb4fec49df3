"""The page behind a reset link: an agent who has forgotten their password chooses another, once."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask_login import logout_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse

from odziv.desk.frame.roles import ANYONE, action, page
from odziv.desk.people.known_devices import remember_device
from odziv.desk.people.passwords import SHORTEST_PASSWORD, NewPassword, hash_password
from odziv.store.agents.passwords import ResetInvalid, find_reset, use_reset
from odziv.texts.desk import _
from odziv.web.services import services


class ResetForm(NewPassword, FlaskForm):
    """The new password, twice."""


@page("/reset/<token>", needs=ANYONE)
def show_reset(token: str) -> tuple[str, int] | str:
    """The form, or a friendly page when the link was used or is too old."""
    agent = find_reset(services().store, token)
    return _page(ResetForm(None), agent.email) if agent else _gone()


@action("/reset/<token>", needs=ANYONE)
def reset_password(token: str) -> AnyResponse | tuple[str, int]:
    """Stores the new password and ends every session. Signing in is another step: the link is no second factor.

    But this browser is known from then on, so that whoever guesses elsewhere can't keep its owner out.
    """
    agent, form = find_reset(services().store, token), ResetForm()
    if agent is None:
        return _gone()
    if not form.validate():
        return _page(form, agent.email), 422
    try:
        use_reset(services().store, token, hash_password(form.password.data))
    except ResetInvalid:
        return _gone()
    logout_user()
    flash(_("Your password is changed. Sign in with it now."))
    response = redirect(url_for("desk.show_sign_in"), 303)
    remember_device(response, agent.id)
    return response


def _page(form: ResetForm, email: str) -> str:
    return render_template("desk/people/reset.html", form=form, email=email, shortest=SHORTEST_PASSWORD)


def _gone() -> tuple[str, int]:
    return render_template("desk/people/reset_gone.html"), 410
