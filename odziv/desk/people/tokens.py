"""Tokens by which programs act at the desk: made here, shown once, revoked here. For administrators."""

from __future__ import annotations

from typing import Annotated, Any

from flask import flash, redirect, url_for
from flask_login import current_user
from pydantic import AfterValidator
from werkzeug.wrappers import Response as AnyResponse

from kb.language.text import one_line
from odziv.cases.refused import Kind, Refused
from odziv.desk.frame.labels import label_role
from odziv.desk.frame.lookups import LARGEST_ID
from odziv.desk.frame.page import show_page
from odziv.desk.frame.roles import ADMIN, action, page
from odziv.store.agents.agent import ROLES, Agent, list_agents
from odziv.store.agents.tokens import NoSuchAgent, lesser, list_tokens, make_token, revoke_token
from odziv.store.lengths import LONGEST_TOKEN_NAME
from odziv.texts.desk import N_, _, said
from odziv.web.forms import Form, read_form
from odziv.web.services import services

# Days until it ends, as offered; 0 stands for never.
EXPIRIES = {"30": N_("in 30 days"), "90": N_("in 90 days"), "365": N_("in a year"), "0": N_("never")}


class TokenForm(Form):
    """A program's name, and as whom, with which role and how long it may act."""

    name: Annotated[str, AfterValidator(one_line)] = ""
    role: str = ""
    days: str = ""
    agent: str = ""


@page("/tokens", needs=ADMIN)
def show_tokens() -> str:
    """The tokens that work, and the form for another."""
    return _page()


@action("/tokens", needs=ADMIN)
def create_token() -> str | tuple[str, int]:
    """Makes one; the answer shows it, this once. 422 names what is wrong."""
    sent = read_form(TokenForm)
    name, role, agent = sent.name, sent.role, _find_agent(sent.agent)
    if problem := _find_problem(name, role, sent.days, agent):
        return _page(problem=problem, name=name[:LONGEST_TOKEN_NAME], role=role), 422
    try:
        _id, token = make_token(services().store, agent.id, name, role, days=int(sent.days) or None, by=current_user.id)
    except NoSuchAgent:
        return _page(problem=_("The account of %(name)s is disabled.", name=agent.name), name=name, role=role), 422
    return _page(token=token, token_for=name)


@action(f"/tokens/<int(max={LARGEST_ID}):token_id>/revoke", needs=ADMIN)
def revoke(token_id: int) -> AnyResponse:
    """Ends one at once."""
    if not revoke_token(services().store, token_id, current_user.id):
        raise Refused(Kind.CONFLICT, _("That token was revoked already."))
    flash(_("The token is revoked."))
    return redirect(url_for("desk.show_tokens"), 303)


def _find_problem(name: str, role: str, days: str, agent: Agent | None) -> str | None:
    if not name or len(name) > LONGEST_TOKEN_NAME or not name.isprintable():
        return _("Please enter a name of up to %(most)s letters, such as the program’s.", most=LONGEST_TOKEN_NAME)
    if agent is None:
        return _("Please choose the account the program acts as.")
    if role not in ROLES:
        return _("Please choose a role from the list.")
    if lesser(role, agent.role) != role:
        return _(
            "A token of %(name)s can’t have the role %(role)s: they have another themselves.",
            name=agent.name,
            role=label_role(role),
        )
    if days not in EXPIRIES:
        return _("Please choose when it ends.")
    return None


def _find_agent(value: str) -> Agent | None:
    return next((agent for agent in _enabled() if str(agent.id) == value), None)


def _enabled() -> list[Agent]:
    people = (agent for agent in list_agents(services().store) if not agent.disabled)
    return sorted(people, key=lambda agent: agent.name.casefold())


def _page(**shown: Any) -> str:
    tokens = list_tokens(services().store)
    more = {"tokens": tokens, "people": _enabled(), "roles": ROLES, "expiries": said(EXPIRIES)}
    return show_page("desk/people/tokens.html", "tokens", **more, **shown)
