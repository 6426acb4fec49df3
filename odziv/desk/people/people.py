"""People: who may come in and with which role, for administrators."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from flask import flash, redirect, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from odziv.cases.mail_addresses import clean_address
from odziv.cases.refused import Kind, Refused
from odziv.desk.frame.labels import label_role
from odziv.desk.frame.lookups import LARGEST_ID, or_404
from odziv.desk.frame.page import show_page
from odziv.desk.frame.roles import ADMIN, action, page
from odziv.store.agents.accounts import change_role, list_open_invitations, list_people, revoke_invitation
from odziv.store.agents.agent import (
    ROLES,
    Agent,
    LastAdmin,
    find_agent,
    find_agent_by_email,
    invite,
    set_disabled,
)
from odziv.store.agents.passwords import RESET_HOURS, make_reset
from odziv.store.agents.portraits import remove_portrait
from odziv.store.lengths import LONGEST_EMAIL
from odziv.texts.desk import N_, _, ngettext
from odziv.web.forms import Form, Trimmed, Wrong, read_form
from odziv.web.services import services

INVITATION_DAYS = 7
ONLY_ADMIN = N_("%(name)s is the only administrator. Make somebody else one first.")
PERSON = f"/people/<int(max={LARGEST_ID}):agent_id>"


class InviteForm(Form):
    """Whom to invite, and as what."""

    email: Trimmed = ""
    role: str = ""


class RoleForm(Form):
    """Which role somebody gets."""

    role: Annotated[
        Literal[*ROLES],  # type: ignore[valid-type]
        Wrong(Kind.UNFIT, N_("Please choose a role from the list.")),
    ]


class StateForm(Form):
    """Whether somebody may come in."""

    state: Annotated[Literal["disabled", "enabled"], Wrong(Kind.UNFIT, N_("A person can be disabled or enabled."))]


@page("/people", needs=ADMIN)
def show_people() -> str:
    """Everybody, and the invitations that are still open."""
    return _page()


@action("/people/invite", needs=ADMIN)
def invite_person() -> str | tuple[str, int]:
    """Makes an invitation; the answer shows its link, this once. 422 for a wrong address or role."""
    sent = read_form(InviteForm)
    problem = _find_problem(sent.email, sent.role)
    if problem:
        return _page(problem=problem, email=sent.email[:LONGEST_EMAIL], role=sent.role), 422
    token = invite(services().store, sent.email, sent.role, days=INVITATION_DAYS, by=current_user.id)
    link = f"{services().settings.url}/desk/invite/{token}"
    return _page(
        link=link,
        link_for=sent.email,
        link_days=ngettext("%(num)s day", "%(num)s days", INVITATION_DAYS),
        link_kind="invitation",
    )


@action("/people/invitations/<invitation_id>/revoke", needs=ADMIN)
def revoke_open_invitation(invitation_id: str) -> AnyResponse:
    """Makes a link worthless that nobody has used yet."""
    if not revoke_invitation(services().store, invitation_id, current_user.id):
        raise Refused(Kind.CONFLICT, _("That invitation was used or revoked already."))
    flash(_("The invitation is revoked."))
    return redirect(url_for("desk.show_people"), 303)


@action(f"{PERSON}/role", needs=ADMIN)
def set_role(agent_id: int) -> AnyResponse:
    """Gives somebody another role; 409 when nobody would be left to do that."""
    person, role = _find(agent_id), read_form(RoleForm).role
    try:
        changed = change_role(services().store, person.id, role, current_user.id)
    except LastAdmin:
        raise Refused(Kind.CONFLICT, _(ONLY_ADMIN, name=person.name)) from None
    flash(
        _("%(name)s now has the role: %(role)s.", name=person.name, role=label_role(role))
        if changed
        else _("%(name)s already has the role: %(role)s.", name=person.name, role=label_role(role))
    )
    return redirect(url_for("desk.show_queue" if person.id == current_user.id else "desk.show_people"), 303)


@action(f"{PERSON}/picture/remove", needs=ADMIN)
def remove_portrait_of(agent_id: int) -> AnyResponse:
    """Takes somebody's picture away."""
    person = _find(agent_id)
    remove_portrait(services().store, person.id, current_user.id)
    flash(_("The picture of %(name)s is removed.", name=person.name))
    return redirect(url_for("desk.show_people"), 303)


@action(f"{PERSON}/state", needs=ADMIN)
def set_state(agent_id: int) -> AnyResponse:
    """Disables somebody, which ends their sessions and streams at once, or enables them again."""
    person, state = _find(agent_id), read_form(StateForm).state
    if person.id == current_user.id:
        raise Refused(Kind.CONFLICT, _("Nobody disables themselves. Ask another administrator."))
    try:
        set_disabled(services().store, person.id, state == "disabled", current_user.id)
    except LastAdmin:
        raise Refused(Kind.CONFLICT, _(ONLY_ADMIN, name=person.name)) from None
    is_disabled = state == "disabled"
    flash(_("%(name)s is disabled.", name=person.name) if is_disabled else _("%(name)s is enabled.", name=person.name))
    return redirect(url_for("desk.show_people"), 303)


@action(f"{PERSON}/reset", needs=ADMIN)
def make_reset_link(agent_id: int) -> str:
    """Makes a link by which somebody chooses a new password; shown this once."""
    person = _find(agent_id)
    if person.disabled:
        raise Refused(Kind.CONFLICT, _("%(name)s is disabled. Enable them first.", name=person.name))
    link = f"{services().settings.url}/desk/reset/{make_reset(services().store, person.id, current_user.id)}"
    return _page(
        link=link,
        link_for=person.email,
        link_days=ngettext("%(num)s hour", "%(num)s hours", RESET_HOURS),
        link_kind="reset",
    )


def _find_problem(email: str, role: str) -> str | None:
    if len(email) > LONGEST_EMAIL or clean_address(email) is None:
        return _("Please enter an e-mail address, like ana@example.com.")
    if role not in ROLES:
        return _("Please choose a role from the list.")
    if find_agent_by_email(services().store, email):
        return _("%(email)s has an account already.", email=email)
    return None


def _find(agent_id: int) -> Agent:
    return or_404(find_agent(services().store, agent_id))


def _page(**shown: Any) -> str:
    store = services().store
    people, invitations = list_people(store), list_open_invitations(store)
    shown |= {"invitations": invitations, "roles": ROLES, "oidc": services().settings.oidc}
    return show_page("desk/people/people.html", "people", people=people, **shown)
