"""Signing in and out. The browser holds a session's token; the store holds its hash and can end it."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, current_app, flash, make_response, redirect, render_template, request, session, url_for
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from pydantic import Field
from werkzeug.wrappers import Response as AnyResponse

from odziv.desk.blueprint import is_fragment
from odziv.desk.frame.limits import Attempt, SignInLimits, TooManyAttempts
from odziv.desk.frame.origins import here
from odziv.desk.frame.page import say_wait, sign_in_limits
from odziv.desk.frame.roles import ANYONE, action, page
from odziv.desk.oidc.exchange import NotTrusted, ProviderAway
from odziv.desk.people.known_devices import find_device, remember_device
from odziv.desk.people.passwords import is_password_right, renew_hash
from odziv.desk.people.second_factor import is_code_right
from odziv.store.agents.agent import (
    Agent,
    close_session,
    find_agent_by_email,
    find_agent_by_session,
    open_session,
)
from odziv.store.agents.second_factor import has_second_factor
from odziv.store.agents.sessions import mark_seen
from odziv.store.audit import record_alone
from odziv.store.lengths import LONGEST_EMAIL, LONGEST_PASSWORD
from odziv.texts.desk import N_, _
from odziv.web.forms import Form, read_address, read_form
from odziv.web.networks import callers_network
from odziv.web.services import services

# One message for every failure: it must not tell whether the account exists, whether it has two-factor, or which of
# the three was wrong. That is also why the code is asked for on the same page.
FAILED = N_("That e-mail address and password don’t match an account here, or the code is wrong or used.")

OTHER_WAYS = N_(
    "Meanwhile a browser in which you have signed in before lets you in, so does a code of two-factor with the right "
    "password, and so does a link for a new password, which an administrator can make for you."
)

THROUGH_PROVIDER = "through_provider"  # in the browser's signed session: signed in at the identity provider

login_manager = LoginManager()
login_manager.session_protection = None  # a phone changes its address all day; the store can end any session


@dataclass(frozen=True)
class SignedIn(UserMixin):
    """An agent with the token of the session they came with."""

    agent: Agent
    token: str

    @property
    def id(self) -> int:
        return self.agent.id

    @property
    def name(self) -> str:
        return self.agent.name

    def get_id(self) -> str:
        return self.token


class SignInForm(Form):
    """E-mail address, password, and a code for those who have two-factor."""

    email: str = ""
    password: str = Field("", repr=False)  # in no log and no traceback
    code: str = ""


class SignInPage(Form):
    """Where somebody wanted to go before they were asked to sign in."""

    next: str | None = None


@login_manager.user_loader
def load_signed_in(token: str) -> SignedIn | None:
    """Who the token belongs to; None once the session was closed or the agent disabled."""
    agent = find_agent_by_session(services().store, token)
    if agent is None:
        return None
    mark_seen(services().store, agent.id, token, here()["address"])
    return SignedIn(agent, token)


@login_manager.unauthorized_handler
def ask_to_sign_in() -> AnyResponse:
    """To the sign-in page, and from there back to where they wanted to go."""
    wanted = request.full_path.rstrip("?") if request.method == "GET" and not is_fragment() else None
    target = url_for("desk.show_sign_in", next=wanted)
    if is_fragment():
        return Response(status=401, headers={"HX-Redirect": target})
    return redirect(target, 303)


@page("/sign-in", needs=ANYONE)
def show_sign_in() -> AnyResponse | str:
    """The sign-in page."""
    if current_user.is_authenticated:
        return redirect(url_for("desk.show_queue"))
    return _page()


@action("/sign-in", needs=ANYONE)
def sign_in() -> AnyResponse:
    """Opens a new session for the right password and code; 401 for wrong ones, 429 for too many tries."""
    form = read_form(SignInForm)
    agent, limits = find_agent_by_email(services().store, form.email[:LONGEST_EMAIL]), sign_in_limits()
    try:
        with limits.attempt(
            callers_network(), form.email, find_device(agent), has_code=bool(form.code.strip())
        ) as attempt:
            attempt.is_right = _is_right(form, agent, limits, attempt) and start_session(agent)
    except TooManyAttempts as error:
        return _refuse(form, f"{say_wait(error.seconds)} {_(OTHER_WAYS)}", 429, {"Retry-After": str(error.seconds)})
    if agent is None or not attempt.is_right:
        return _refuse(form, _(FAILED), 401, {})
    renew_hash(services().store, agent, form.password[:LONGEST_PASSWORD])
    response = redirect(inside_the_desk(read_address(SignInPage).next), 303)
    remember_device(response, agent.id)
    return response


def _is_right(form: SignInForm, agent: Agent | None, limits: SignInLimits, attempt: Attempt) -> bool:
    """Whether password and code are right. Too many codes are answered as a wrong one: else it told of the password."""
    is_right = is_password_right(agent, form.password[:LONGEST_PASSWORD])
    # After the hashing: how long it takes must not tell which accounts may have a password.
    if is_right and may_use_password(agent.email) and _is_code_right(agent, form.code, limits, attempt):
        return True
    # Not what was typed: people type passwords into the wrong box.
    record_alone(services().store, "sign_in_failed", None, f"agent:{agent.id}" if agent else None)
    return False


def _is_code_right(agent: Agent, code: str, limits: SignInLimits, attempt: Attempt) -> bool:
    if not has_second_factor(services().store, agent.id):
        return not attempt.needs_code
    if not code.strip() or not limits.may_try_code(attempt) or not is_code_right(agent, code):
        return False
    limits.was_right_code(attempt)
    return True


@action("/sign-out", needs=ANYONE)
def sign_out() -> AnyResponse:
    """Ends this session, in the store too; and at the identity provider, where it began there."""
    elsewhere = _find_sign_out_elsewhere()
    if current_user.is_authenticated:
        close_session(services().store, current_user.token)
    logout_user()
    session.clear()
    if elsewhere is None:
        flash(_("You are signed out."))
        return redirect(url_for("desk.show_sign_in"), 303)
    # A page that goes on by itself: the desk's policy lets no form be answered with another server's page.
    response = make_response(render_template("desk/people/signed_out.html", elsewhere=elsewhere))
    response.headers["Refresh"] = f"0; url={elsewhere}"
    return response


def _find_sign_out_elsewhere() -> str | None:
    provider = current_app.extensions.get("desk_provider")
    if provider is None or not session.get(THROUGH_PROVIDER):
        return None
    try:
        url: str | None = provider.end_session_url(f"{services().settings.url}{url_for('desk.show_sign_in')}")
    except (ProviderAway, NotTrusted):  # this session ends all the same
        return None
    return url


def may_use_password(email: str) -> bool:
    """Whether the account of this address may sign in with a password, and not at the identity provider only."""
    return services().settings.oidc.allows_password(email)


def start_session(agent: Agent, through: str | None = None) -> bool:
    """A fresh session with a fresh token; whatever the browser had before is ended.

    `through` is the identity provider that said who it is; None: it was their password.
    False when the password was changed, or the agent disabled, while we were still checking: that ended the sessions
    there were, and must not miss this one.
    """
    store, settings = services().store, services().settings
    if current_user.is_authenticated:
        close_session(store, current_user.token)
    session.clear()
    token = open_session(store, agent.id, hours=settings.agent_session_hours, through=through, **here())
    now = find_agent_by_session(store, token)
    if now is None or now.password_hash != agent.password_hash:
        close_session(store, token)
        return False
    session.permanent = True
    login_user(SignedIn(agent, token))
    return True


def _refuse(form: SignInForm, problem: str, status: int, headers: dict[str, str]) -> Response:
    return make_response(_page(form.email, form.code, problem), status, headers)


def _page(email: str = "", code: str = "", problem: str = "") -> str:
    shown = {"email": email, "code": code, "problem": problem, "wanted": read_address(SignInPage).next}
    return render_template("desk/people/sign_in.html", **shown)


def inside_the_desk(wanted: str | None) -> str:
    """Where to go next: the wanted page of the desk, never another site."""
    is_ours = wanted is not None and wanted.startswith("/desk/") and "\\" not in wanted and wanted.isprintable()
    return wanted if is_ours else url_for("desk.show_queue")
