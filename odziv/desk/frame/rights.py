"""Lets in who has the role that a page needs. A page that names none is refused."""

from __future__ import annotations

from flask import Response, abort, current_app, flash, redirect, request, session, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from odziv.desk.blueprint import blueprint, is_fragment
from odziv.desk.frame.roles import ANYONE, desk_routes, may
from odziv.store.agents.second_factor import has_second_factor
from odziv.texts.desk import _
from odziv.web.services import services

# In the browser's signed session: the agent whose identity provider has seen to two factors.
FACTOR_BY_PROVIDER = "factor_by_provider"


@blueprint.before_request
def check_rights() -> AnyResponse | None:
    """Signed in, with the role the page needs, and with a second factor where one is required; else not."""
    name = (request.endpoint or "").removeprefix("desk.")
    needed = desk_routes.needs.get(name)
    if needed == ANYONE:
        return None
    if not current_user.is_authenticated:
        return current_app.login_manager.unauthorized()
    if needed is None or not may(current_user.agent.role, needed):
        abort(403)
    if name not in desk_routes.before_two_factor and lacks_two_factor():
        return _to_two_factor()
    return None


@blueprint.app_template_global("i_may")
def i_may(needed: str) -> bool:
    """For templates: whether to show a link at all."""
    return current_user.is_authenticated and may(current_user.agent.role, needed)


def is_two_factor_required(role: str) -> bool:
    """Whether `odziv.desk.require_two_factor` means this role."""
    required = services().settings.desk.require_two_factor
    return required == "all" or (required == "admins" and role == "admin")


def lacks_two_factor() -> bool:
    """Whether the signed-in agent must have a second factor and has neither ours nor their identity provider's."""
    agent = current_user.agent
    if not is_two_factor_required(agent.role) or session.get(FACTOR_BY_PROVIDER) == agent.id:
        return False
    return not has_second_factor(services().store, agent.id)


def _to_two_factor() -> AnyResponse:
    target = url_for("desk.show_account", _anchor="two-factor")
    if is_fragment():
        return Response(status=403, headers={"HX-Redirect": target})
    flash(_("Please turn on two-factor first: your role needs it here."))
    return redirect(target, 303)
