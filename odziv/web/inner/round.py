"""`POST /rasa/check`: whether a message goes all the way round. For the start."""

from __future__ import annotations

import hmac
import secrets
import time
from typing import cast

from flask import Blueprint, Response, jsonify, request

from odziv.cases.forgetting import forget_remains
from odziv.cases.turn_runner import TurnRunner
from odziv.store.conversations.conversation import create_conversation, delete_conversation
from odziv.store.conversations.messages import add_customer_message, list_messages
from odziv.web.errors import error_response
from odziv.web.services import Services, services

blueprint = Blueprint("round", __name__)
# A question, so that it also goes through Rasa's call back into our actions; what they find does not matter.
CHECK_TEXT = "How can I return something I have ordered?"


@blueprint.post("/rasa/check")
def check() -> Response:
    """Sends a message all the way round and removes it again; for the start, with Rasa's token only."""
    here = services()
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not hmac.compare_digest(given.encode(), here.rasa_token.encode()):
        return error_response(401, "unauthorized", "Rasa's token is needed here.")
    turns = cast(TurnRunner, here.turns)
    started, failures = time.perf_counter(), turns.bot_failures
    conversation = create_conversation(here.store, "_check", "en")
    try:
        add_customer_message(here.store, conversation.id, secrets.token_hex(8), CHECK_TEXT, "")
        turns.wake()
        reply = _wait_for_reply(here, conversation.id)
    finally:
        delete_conversation(here.store, conversation.id)
        forget_remains(here.store, here.settings.var, [conversation.id])
    by_bot = reply == "bot" and turns.bot_failures == failures
    return jsonify(by=reply, went_round=by_bot, ms=round((time.perf_counter() - started) * 1000))


def _wait_for_reply(here: Services, conversation_id: str, seconds: float = 15.0) -> str | None:
    ends = time.monotonic() + seconds
    with here.hub.follow(conversation_id) as subscription:
        while time.monotonic() < ends:
            for message in list_messages(here.store, conversation_id, after=1):
                return message.sender
            subscription.wait(0.5)
    return None
