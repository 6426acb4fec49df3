"""The pages of signing in at the identity provider: going there, coming back, and our own second factor after it."""

from __future__ import annotations

import os
from typing import Annotated, Any

import structlog
from flask import Flask, current_app, flash, make_response, redirect, render_template, session, url_for
from flask_login import current_user
from pydantic import StringConstraints
from werkzeug.wrappers import Response as AnyResponse

from odziv.cases.refused import Kind
from odziv.desk.blueprint import blueprint
from odziv.desk.frame.limits import TooManyAttempts
from odziv.desk.frame.lookups import or_404
from odziv.desk.frame.page import say_wait, sign_in_limits
from odziv.desk.frame.rights import FACTOR_BY_PROVIDER
from odziv.desk.frame.roles import ANYONE, action, page
from odziv.desk.oidc.claims import proves_two_factors, read_identity
from odziv.desk.oidc.exchange import NotTrusted, ProviderAway
from odziv.desk.oidc.provider import Provider, Started
from odziv.desk.people.known_devices import find_device, remember_device
from odziv.desk.people.second_factor import is_code_right
from odziv.desk.people.sign_in import THROUGH_PROVIDER, inside_the_desk, start_session
from odziv.store.agents.agent import Agent, find_agent
from odziv.store.agents.identities import NotAdmitted, admit
from odziv.store.agents.second_factor import has_second_factor
from odziv.store.audit import record_alone
from odziv.texts.desk import N_, _
from odziv.web.forms import Form, Wrong, read_address, read_form
from odziv.web.limits import MINUTE, Limit
from odziv.web.networks import callers_network
from odziv.web.services import Services, services

logger = structlog.get_logger()
# From one network: a whole team comes in from one in the morning.
GOING, COMING_BACK = Limit(60, 5 * MINUTE), Limit(60, 5 * MINUTE)
STARTED, CODE_DUE = "oidc_started", "oidc_code_due"  # in the browser's signed session
MINUTES, MOST_STARTED = 10, 3
LONGEST_CODE = 4096

BEGIN_AGAIN = N_("This sign-in was begun in another browser, too long ago, or is done already. Please begin again.")
# Why somebody was not let in: the sentence, and the status.
REFUSALS = {
    "away": (
        N_(
            "%(provider)s doesn’t answer just now. Please try again in a moment; with a password here, you can sign in."
        ),
        503,
    ),
    "not_trusted": (
        N_("What %(provider)s answered can’t be trusted, so nobody was signed in. Please try again, or tell an admin."),
        502,
    ),
    "begin_again": (BEGIN_AGAIN, 400),
    "denied": (N_("%(provider)s did not confirm who you are, so you were not signed in."), 403),
    "no_role": (N_("Your account at %(provider)s has no access to this desk. Ask an administrator."), 403),
    "email": (N_("%(provider)s names no confirmed e-mail address of yours that may sign in here."), 403),
    "no_account": (N_("You have no account here yet. Ask an administrator."), 403),
    "not_joined": (
        N_(
            "There is an account here with your e-mail address that isn’t joined to %(provider)s. Ask an administrator."
        ),
        403,
    ),
    "disabled": (N_("Your account here is disabled. Ask an administrator."), 403),
}
KEPT_ADMIN = N_("By %(provider)s you would have another role now. You are still an admin, since there is no other.")
WRONG_CODE = N_("That code isn’t right, or it is used. Wait for the next one.")


class SignInRefused(Exception):
    """The sign-in ends here, for one of REFUSALS."""

    def __init__(self, reason: str, agent_id: int | None = None) -> None:
        super().__init__(reason)
        self.reason, self.agent_id = reason, agent_id


Brought = Annotated[str, StringConstraints(max_length=LONGEST_CODE)]
TOO_MUCH = Wrong(Kind.INVALID, BEGIN_AGAIN)


class GoingPage(Form):
    """Where somebody wanted to go before they were asked to sign in."""

    next: str | None = None


class BackPage(Form):
    """What a browser brings back from the provider."""

    state: Annotated[Brought, TOO_MUCH] = ""
    code: Annotated[Brought, TOO_MUCH] = ""
    error: Annotated[Brought, TOO_MUCH] = ""
    iss: Annotated[Brought | None, TOO_MUCH] = None


class CodeForm(Form):
    """A code of our own two-factor."""

    code: str = ""


def register(app: Flask, services: Services) -> None:
    """Has the application know its provider, where the settings name one."""
    settings = services.settings.oidc
    if not settings.is_on:
        return
    back = f"{services.settings.url}{blueprint.url_prefix}/sign-in/provider/back"
    moments = services.store.possible_moments
    app.extensions["desk_provider"] = Provider(settings, lambda: settings.secret(os.environ), back, moments)


@page("/sign-in/provider", needs=ANYONE)
def go_to_provider() -> AnyResponse:
    """Sends the browser to the provider; 404 where there is none."""
    provider = _provider()
    if current_user.is_authenticated:
        return redirect(url_for("desk.show_queue"), 303)
    if wait := services().windows.hit_all({("oidc", callers_network()): GOING}):
        return _show(say_wait(wait), 429)
    try:
        url, started = provider.begin()
    except (ProviderAway, NotTrusted) as error:
        return _refuse(SignInRefused(_log(error)))
    _keep(started, read_address(GoingPage).next)
    return redirect(url, 303)


@page("/sign-in/provider/back", needs=ANYONE)
def come_back() -> AnyResponse:
    """Signs in whom the provider confirms; else a sentence, and nothing is changed."""
    provider, sent = _provider(), read_address(BackPage)
    if wait := services().windows.hit_all({("oidc_back", callers_network()): COMING_BACK}):
        return _show(say_wait(wait), 429)
    try:
        started, wanted = _take(sent.state)
        claims = _redeem(provider, sent, started)
        return _let_in(provider, claims, wanted)
    except NotAdmitted as error:
        return _refuse(SignInRefused(error.reason, error.agent_id))
    except SignInRefused as error:
        return _refuse(error)


@page("/sign-in/code", needs=ANYONE)
def show_code() -> AnyResponse | str:
    """Asks for a code of our two-factor, after the provider has confirmed who it is."""
    if _find_due() is None:
        return redirect(url_for("desk.show_sign_in"), 303)
    return render_template("desk/people/sign_in_code.html")


@action("/sign-in/code", needs=ANYONE)
def sign_in_with_code() -> AnyResponse:
    """Signs in for a right code; 401 for a wrong one, 429 for too many."""
    due = _find_due()
    if due is None:
        return redirect(url_for("desk.show_sign_in"), 303)
    (agent, wanted), code, limits = due, read_form(CodeForm).code, sign_in_limits()
    try:
        with limits.attempt(callers_network(), agent.email, find_device(agent), has_code=True) as attempt:
            attempt.is_right = limits.may_try_code(attempt) and is_code_right(agent, code)
            if attempt.is_right:
                limits.was_right_code(attempt)
    except TooManyAttempts as error:
        return _show_code(say_wait(error.seconds), 429)
    if not attempt.is_right:
        record_alone(services().store, "sign_in_failed", None, f"agent:{agent.id}", through=_provider().settings.label)
        return _show_code(_(WRONG_CODE), 401)
    return _begin(agent, wanted, by_provider=False)


def _redeem(provider: Provider, sent: BackPage, started: Started) -> dict[str, Any]:
    if sent.error or not sent.code:
        raise SignInRefused("denied")
    try:
        return provider.redeem(sent.code, started, sent.iss)
    except (ProviderAway, NotTrusted) as error:
        raise SignInRefused(_log(error)) from error


def _let_in(provider: Provider, claims: dict[str, Any], wanted: str | None) -> AnyResponse:
    """Finds or makes the account; asks for our own second factor where theirs doesn't count. Raises NotAdmitted."""
    settings, store = provider.settings, services().store
    who = read_identity(claims, settings)
    admitted = admit(store, who, through=settings.label, may_join=settings.match_email, may_make=settings.make_accounts)
    if admitted.kept_admin:
        flash(_(KEPT_ADMIN, provider=settings.label))
    is_proven = proves_two_factors(claims, settings)
    if not is_proven and has_second_factor(store, admitted.agent.id):
        session[CODE_DUE] = [admitted.agent.id, store.clock(), wanted]
        return redirect(url_for("desk.show_code"), 303)
    return _begin(admitted.agent, wanted, by_provider=is_proven)


def _begin(agent: Agent, wanted: str | None, *, by_provider: bool) -> AnyResponse:
    """The session; `by_provider`: two-factor was theirs."""
    flashed = session.get("_flashes", [])
    if not start_session(agent, through=_provider().settings.label):
        return _refuse(SignInRefused("disabled", agent.id))
    session[THROUGH_PROVIDER] = True
    if by_provider:
        session[FACTOR_BY_PROVIDER] = agent.id
    if flashed:
        session["_flashes"] = flashed
    response = redirect(inside_the_desk(wanted), 303)
    remember_device(response, agent.id)
    return response


def _keep(started: Started, wanted: str | None) -> None:
    """Several may be under way, in several tabs."""
    others = session.get(STARTED, [])[-(MOST_STARTED - 1) :]
    kept = inside_the_desk(wanted)[:500] if wanted else None
    session[STARTED] = [*others, [started.state, started.nonce, started.verifier, services().store.clock(), kept]]


def _take(state: str) -> tuple[Started, str | None]:
    """What was kept of the sign-in with this state, which is over by that. Raises SignInRefused."""
    kept = session.pop(STARTED, [])
    session[STARTED] = [each for each in kept if each[0] != state]
    for known, nonce, verifier, at, wanted in kept:
        if state and known == state and services().store.clock() - at < MINUTES * 60_000:
            return Started(known, nonce, verifier), wanted
    raise SignInRefused("begin_again")


def _find_due() -> tuple[Agent, str | None] | None:
    """Whose code is due in this browser, and where they wanted to go."""
    agent_id, at, wanted = session.get(CODE_DUE) or (None, 0, None)
    if agent_id is None or services().store.clock() - at >= MINUTES * 60_000:
        return None
    agent = find_agent(services().store, agent_id)
    return None if agent is None or agent.disabled else (agent, wanted)


@blueprint.app_template_global("provider_label")
def label_provider() -> str | None:
    """What the provider is called, for the sign-in page; None where there is none."""
    settings = services().settings.oidc
    return settings.label if settings.is_on else None


@blueprint.app_template_global("is_password_rare")
def is_password_rare() -> bool:
    """Whether passwords are for a few accounts only."""
    return services().settings.oidc.only


def _provider() -> Provider:
    provider: Provider = or_404(current_app.extensions.get("desk_provider"))
    return provider


def _log(error: ProviderAway | NotTrusted) -> str:
    """Writes down what was wrong, of which browsers hear a sentence only; returns its reason."""
    reason = "away" if isinstance(error, ProviderAway) else "not_trusted"
    logger.warning("sign-in provider", reason=reason, problem=str(error)[:300])
    return reason


def _refuse(refused: SignInRefused) -> AnyResponse:
    sentence, status = REFUSALS[refused.reason]
    if status == 403:
        about = f"agent:{refused.agent_id}" if refused.agent_id else None
        record_alone(services().store, "sign_in_failed", None, about, through=_provider().settings.label)
    return _show(_(sentence, provider=_provider().settings.label), status)


def _show(problem: str, status: int) -> AnyResponse:
    shown = {"email": "", "code": "", "problem": problem, "wanted": None}
    return make_response(render_template("desk/people/sign_in.html", **shown), status)


def _show_code(problem: str, status: int) -> AnyResponse:
    return make_response(render_template("desk/people/sign_in_code.html", problem=problem), status)
