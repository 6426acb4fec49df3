"""`POST /inner/…`: what other processes ask a worker: to search, in which language a text is, how all stands, and to
have Rasa forget.

Only with the installation's own token, and only in a worker: no public port has these addresses.
"""

from __future__ import annotations

import hmac
import sqlite3
from dataclasses import asdict
from typing import Annotated

import structlog
from flask import Blueprint, Response, jsonify, request
from prometheus_client import generate_latest
from pydantic import BaseModel, Field

from bot.trackers import forget_trackers
from kb.scope import within
from odziv.cases.elsewhere.knowledge import LONGEST_SOUGHT, tell_hits, tell_topic_state
from odziv.settings import Language
from odziv.web.bodies import read_body
from odziv.web.errors import error_response, register_error_handlers
from odziv.web.inner.state import look_at_work
from odziv.web.services import services

log = structlog.get_logger()
blueprint = Blueprint("inner", __name__, url_prefix="/inner")
register_error_handlers(blueprint)
MOST_BYTES = 8 * LONGEST_SOUGHT  # of a call: in JSON, a character may take six


class Sought(BaseModel):
    """What is searched for, and which articles count (none named: all)."""

    text: Annotated[str, Field(max_length=LONGEST_SOUGHT)]
    language: Language
    limit: Annotated[int, Field(ge=1, le=50)]
    include_internal: bool = False
    tags: Annotated[tuple[str, ...], Field(max_length=200)] = ()


class Written(BaseModel):
    """A text, and the languages of its conversation and page, where they are known."""

    text: Annotated[str, Field(max_length=LONGEST_SOUGHT)]
    conversation: Language | None = None
    page: Language | None = None


class Gone(BaseModel):
    """Conversations that were deleted."""

    conversations: Annotated[list[Annotated[str, Field(pattern=r"^[0-9a-f]{24}$")]], Field(max_length=100)]


@blueprint.before_request
def check_token() -> Response | tuple[Response, int] | None:
    """Nobody else is let in."""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if hmac.compare_digest(given.encode(), services().inner_token.encode()):
        request.max_content_length = MOST_BYTES
        return None
    return error_response(401, "unauthorized", "This is for processes of the installation only.")


@blueprint.post("/search")
def search() -> Response:
    """The articles that may answer, best first."""
    sought = read_body(Sought)
    with within(sought.tags):
        hits = services().kb.search(
            sought.text, sought.language, sought.limit, include_internal=sought.include_internal
        )
    return jsonify(tell_hits(hits))


@blueprint.post("/language")
def detect_language() -> Response:
    """Which language a text is to be answered in."""
    written = read_body(Written)
    found = services().knowledge.detect_language(written.text, conversation=written.conversation, page=written.page)
    return jsonify(language=found)


@blueprint.post("/knowledge")
def tell_knowledge() -> Response:
    """How sure is sure, and how the articles stand to the library's topics."""
    kb = services().kb
    calibration = {language: asdict(found) for language, found in kb.calibration.items()}
    return jsonify(edition=kb.edition, calibration=calibration, topics=tell_topic_state(kb.topics.state))


@blueprint.post("/forget")
def forget() -> Response:
    """Takes conversations out of the memory of the Rasa beside this worker; says how many dialogues that were."""
    try:
        count = forget_trackers(services().settings.var, read_body(Gone).conversations)
    except sqlite3.Error as error:  # Rasa hangs in the middle of writing, or its file is damaged
        log.warning("trackers_not_forgotten", why=str(error))
        return error_response(503, "busy", "What Rasa remembers can't be deleted just now.")
    return jsonify(dialogues=count)


@blueprint.post("/state")
def tell_state() -> Response:
    """How the work stands."""
    return jsonify(asdict(look_at_work(services())))


@blueprint.post("/figures")
def tell_figures() -> Response:
    """What was counted here, in Prometheus's text format, as JSON."""
    return jsonify(generate_latest(services().figures.registry).decode())
