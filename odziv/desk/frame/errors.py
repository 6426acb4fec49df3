"""Turns what goes wrong into a page, or into one line when htmx asked."""

from __future__ import annotations

from flask import Response, abort, current_app, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from odziv.cases.elsewhere.workers import WorkersAway
from odziv.cases.refused import Kind, Refused
from odziv.desk.blueprint import blueprint, is_fragment
from odziv.desk.frame.roles import AGENT, page
from odziv.store.agents.agent import NotAdmin
from odziv.store.engine import StoreAway
from odziv.texts.desk import N_, _
from odziv.web.errors import AWAY_SECONDS, ApiError, log_away
from odziv.web.forms import NOT_UNDERSTOOD

WORDS = {
    400: NOT_UNDERSTOOD,
    403: N_("Your role may not do that. An administrator can change it, on the page People."),
    404: N_("There is nothing here. The conversation may have been deleted."),
    405: N_("That can’t be done here."),
    413: N_("That is too large. A message can have 10,000 characters."),
    503: N_("That can’t be read or stored just now. Please try again in a moment."),
}

FILE_TOO_LARGE = N_("That is too large. Please choose a smaller picture.")
SEARCH_AWAY = N_("The articles can’t be searched just now. Please try again in a moment.")

# Which status each kind of refusal has, for browsers and for programs.
STATUSES = {
    Kind.INVALID: 400,
    Kind.FORBIDDEN: 403,
    Kind.NOT_FOUND: 404,
    Kind.CONFLICT: 409,
    Kind.UNFIT: 422,
    Kind.TOO_MANY: 429,
}


@blueprint.errorhandler(Refused)
def show_refusal(error: Refused) -> Response:
    """The reason, with the status that fits."""
    problem = _(WORDS[404]) if error.kind is Kind.NOT_FOUND else error.problem
    return _answer(STATUSES[error.kind], problem)


@blueprint.errorhandler(ApiError)
def show_api_error(error: ApiError) -> Response:
    """What all doors share refused: a file, say."""
    return _answer(error.status, error.message)


@blueprint.errorhandler(NotAdmin)
def show_lost_rights(_error: NotAdmin) -> Response:
    """An administrator no more, since the page was asked for."""
    return _answer(403, _(WORDS[403]))


@blueprint.errorhandler(CSRFError)
def show_csrf_error(_error: CSRFError) -> Response:
    """Nothing was changed."""
    return _answer(400, _("This page is out of date, so nothing was changed. Please reload it and try again."))


@blueprint.errorhandler(StoreAway)
def show_store_away(_error: Exception) -> Response:
    """The database is locked, full, or not there; that passes. It is a line, since a page asks it who is signed in."""
    log_away()
    if is_fragment():
        return make_response(
            current_app.jinja_env.get_template("desk/frame/_problem.html").render(problem=_(WORDS[503])), 503
        )
    return Response(f"{_(WORDS[503])}\n", 503, mimetype="text/plain", headers={"Retry-After": str(AWAY_SECONDS)})


@blueprint.errorhandler(WorkersAway)
def show_search_away(_error: WorkersAway) -> Response:
    """No worker answers, and only they can search the articles; all else goes on."""
    return _answer(503, _(SEARCH_AWAY))


@blueprint.errorhandler(404)  # by its number too: the application has a handler for that, which would go first
@blueprint.errorhandler(HTTPException)
def show_http_error(error: HTTPException) -> Response:
    """Any other refusal of Flask's or Werkzeug's own."""
    if error.response is not None or (error.code or 500) < 400:
        return error.get_response()
    words = WORDS | ({413: FILE_TOO_LARGE} if request.endpoint == "desk.change_portrait" else {})
    return _answer(error.code or 500, _(words.get(error.code or 500, N_("Something went wrong. Please try again."))))


@page("/<path:_anything>", needs=AGENT)
def show_nothing(_anything: str) -> None:
    """Unknown addresses below /desk get the desk's own 404."""
    abort(404)


def _answer(status: int, problem: str) -> Response:
    template = "desk/frame/_problem.html" if is_fragment() else "desk/frame/problem.html"
    return make_response(render_template(template, status=status, problem=problem), status)
