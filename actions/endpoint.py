"""`POST /rasa/actions`: where Rasa has our actions run, in this process, next to the index in memory."""

from __future__ import annotations

import hmac
import logging
from collections.abc import Callable, Coroutine
from functools import cache
from typing import Any, TypeVar

from flask import Blueprint, Flask, Response, jsonify, request
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionNotFoundException

from actions.affirm import AffirmAction
from actions.answer import AnswerAction
from actions.ask_back import AskBackAction
from actions.deny import DenyAction
from actions.doubt import DoubtAction
from actions.hand_off import HandOffAction
from actions.note import NoteAction
from actions.replies import Replies
from actions.small_talk import SmallTalkAction
from kb import KnowledgeBase
from kb.scope import within

log = logging.getLogger(__name__)
T = TypeVar("T")
TagsOf = Callable[[str], tuple[str, ...]]

MAX_BYTES = 5_000_000  # a tracker with all its events; a long conversation has a few hundred kilobytes


def register(
    app: Flask,
    knowledge: Callable[[], KnowledgeBase],
    token: str,
    *,
    public_url: str = "",
    tags_of: TagsOf = lambda tracker: (),
) -> None:
    """Opens the endpoint on `app` to whoever shows `token`; links in answers begin with `public_url`.

    `tags_of` tells which articles count for the customer of a tracker; none: all do.
    `knowledge` gives the knowledge base: it is called with the first action, since opening it takes seconds.
    """
    if not token:
        raise ValueError("the action endpoint needs a token")
    executor = cache(lambda: build_executor(knowledge(), public_url))
    routes = Blueprint("rasa_actions", __name__)
    expected = f"Bearer {token}".encode()

    @routes.post("/rasa/actions")
    def run_action() -> tuple[Response, int]:
        given = request.headers.get("Authorization", "").encode()
        if not hmac.compare_digest(given, expected):
            return refuse(401, "unauthorized", "only Rasa may run actions")
        request.max_content_length = MAX_BYTES
        call = request.get_json(silent=True)
        with within(tags_of(str(call.get("sender_id", ""))) if isinstance(call, dict) else ()):
            return run(executor(), call)

    app.register_blueprint(routes)


def build_executor(kb: KnowledgeBase, public_url: str = "") -> ActionExecutor:
    """rasa-sdk's executor with every action of ours."""
    replies = Replies(kb, public_url)
    executor = ActionExecutor()
    for action in (
        AnswerAction(kb, replies),
        AskBackAction(kb, replies),
        HandOffAction(kb, replies),
        SmallTalkAction(kb),
        NoteAction(replies),
        DoubtAction(kb, replies),
        AffirmAction(kb, replies),
        DenyAction(kb),
    ):
        executor.register_action(action)
    return executor


def run(executor: ActionExecutor, call: Any) -> tuple[Response, int]:
    """Events and responses of the action called for, as Rasa reads them; errors as JSON with their status."""
    if not isinstance(call, dict) or not isinstance(call.get("tracker"), dict) or not call.get("next_action"):
        return refuse(400, "bad_request", "an action call has next_action and tracker")
    call["domain"] = {}  # left out by Rasa (selective_domain), asked for by rasa-sdk
    name = str(call["next_action"])
    try:
        result = run_to_its_end(executor.run(call))
    except ActionNotFoundException:
        return refuse(404, "not_found", "no such action", name)
    except Exception:  # Rasa then answers nothing, and chat/ goes on without it; the log has the reason
        log.exception("%s failed for %s", name, call.get("sender_id"))
        return refuse(500, "action_failed", "the action failed; see the log of the worker", name)
    return jsonify(result.model_dump()), 200


def run_to_its_end(coroutine: Coroutine[Any, Any, T]) -> T:
    """What the coroutine returns. Our actions never wait, so it needs no event loop, and making one takes a while."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        return done.value
    coroutine.close()
    raise RuntimeError("an action waits for something: it would need an event loop")


def refuse(status: int, code: str, message: str, action: str = "") -> tuple[Response, int]:
    """An error in the one JSON shape; Rasa itself wants `action_name` in a 400."""
    return jsonify({"error": {"code": code, "message": message}, "action_name": action}), status
