"""Who calls, and may they? Every call needs a token, and names the role it needs."""

from __future__ import annotations

from flask import Blueprint, Request, g, request, session
from flask_login import current_user

from odziv.cases.refused import Kind, Refused
from odziv.desk.frame.errors import STATUSES
from odziv.desk.frame.origins import shorten_address
from odziv.desk.frame.rights import lacks_two_factor
from odziv.desk.frame.roles import Routes, may
from odziv.desk.frame.safety import REPLY_BYTES
from odziv.desk.people.sign_in import SignedIn, login_manager
from odziv.store import audit
from odziv.store.agents.agent import NotAdmin
from odziv.store.agents.tokens import Bearer, find_bearer
from odziv.store.lists.made import MadeOtherwise
from odziv.web.errors import ApiError, error_response, register_error_handlers
from odziv.web.networks import callers_network
from odziv.web.services import services

blueprint = Blueprint("desk_api", __name__, url_prefix="/api/desk/v1")
register_error_handlers(blueprint)

routes = Routes(blueprint)
call = routes.add
# Guesses at tokens a minute from one address. Nobody can guess one; but each try reads the database.
FAILED_PER_MINUTE = 60
CODES = {
    Kind.FORBIDDEN: "forbidden",
    Kind.NOT_FOUND: "not_found",
    Kind.CONFLICT: "conflict",
    Kind.UNFIT: "not_acceptable",
}


@blueprint.before_request
def check_caller() -> None:
    """A token that works, within its limit, whose role and account may make this call. Raises ApiError."""
    bearer = _read_bearer()
    limits = services().settings.limits
    services().rate_limits.check("desk_api", str(bearer.token_id), limits.calls_per_minute_per_token)
    request.max_content_length = max(REPLY_BYTES, limits.body_bytes)
    g.bearer = bearer
    needed = routes.needs.get((request.endpoint or "").removeprefix(f"{blueprint.name}."))
    if needed is None or not may(current_user.agent.role, needed):
        raise ApiError(403, "forbidden", "The token's role, or its agent's, may not do that.")
    if lacks_two_factor():
        raise ApiError(403, "two_factor_required", "The token's agent has to turn two-factor on first, at the desk.")
    audit.set_address(shorten_address(request.remote_addr))
    audit.set_token(bearer.name)


def _read_bearer() -> Bearer:
    """By the header only: a browser's cookie must not open this, nor may a token stand in an address."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    bearer = find_bearer(services().store, token.strip()) if scheme.lower() == "bearer" and token else None
    if bearer is None or "_user_id" in session:
        services().rate_limits.check("desk_api_failed", callers_network(), FAILED_PER_MINUTE)
        raise ApiError(401, "unauthorized", "Send a token that works as 'Authorization: Bearer odz_…'.")
    return bearer


@login_manager.request_loader
def load_bearer(_request: Request) -> SignedIn | None:
    """The token's agent is who is signed in, so that the desk's own functions act for them."""
    bearer: Bearer | None = g.get("bearer")
    return SignedIn(bearer.agent, "") if bearer else None


@blueprint.teardown_request
def forget_caller(_error: BaseException | None) -> None:
    """The thread's next request is another's."""
    audit.set_address(None)
    audit.set_token(None)


@blueprint.errorhandler(Refused)
def refuse(error: Refused):
    """What the desk refuses, as programs read it."""
    return error_response(STATUSES[error.kind], CODES.get(error.kind, "bad_request"), error.problem)


@blueprint.errorhandler(NotAdmin)
def refuse_former_admin(_error: NotAdmin):
    """An administrator no more, since the call began."""
    return error_response(403, "forbidden", "The token's agent is no administrator any more.")


@blueprint.errorhandler(MadeOtherwise)
def refuse_other(_error: MadeOtherwise):
    """A program's id for something else is used again."""
    return error_response(409, "conflict", "client_id: something else was done under it.")


@blueprint.after_request
def ask_for_token(response):
    """What RFC 9110 wants beside a 401."""
    if response.status_code == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="odziv"'
    return response
