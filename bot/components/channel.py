"""The one door into Rasa: an HTTP channel for the web process, which must show the shared token.

A customer's words and a pressed button come in different fields, so that no text can pass for an intent.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import logging
import re
from collections.abc import Awaitable, Callable
from typing import Any

import numpy as np
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.core.channels.rest import RestInput
from rasa.shared.exceptions import RasaException
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.components.action_call import call_actions_lightly
from bot.components.encoder_featurizer import expect
from bot.components.graph_run import keep_plans
from bot.trackers import tracker_of
from bot.vectors import DIMENSIONS

log = logging.getLogger(__name__)

WORD_JOINER = "\u2060"  # invisible, not whitespace: Rasa's strip() leaves it in front of the slash
MAX_TEXT = 4_000  # characters; the web process allows customers 2,000
_NAME = re.compile(r"[a-z][a-z_]{0,63}")
_SENDER = re.compile(r"[A-Za-z0-9_-]{1,128}")


class BadRequest(ValueError):
    """The body is not one this channel understands; its text says why."""


def shield_slash(text: str) -> str:
    """The text, such that Rasa reads it as text.

    After the pipeline, Rasa's RegexMessageHandler strips a message and, where it then begins with a slash,
    reads it as `/intent{entities}`: `/restart` and `/session_start` too. An invisible character prevents that.
    """
    return WORD_JOINER + text.strip() if text.strip().startswith("/") else text


def read_message(body: Any) -> UserMessage:
    """The message in a request's body; raises BadRequest.

    Words: {"sender", "language", "text", "vector"?}; `vector` is what the encoder made of the text, base64 of 384
    little-endian float32, and spares Rasa doing the same again.
    A button: {"sender", "language", "intent", "entities": {…}}.
    """
    if not isinstance(body, dict):
        raise BadRequest("the body must be a JSON object")
    sender, language = body.get("sender"), body.get("language")
    if not isinstance(sender, str) or not _SENDER.fullmatch(sender):
        raise BadRequest("sender must be letters, digits, - and _")
    if not isinstance(language, str) or not re.fullmatch(r"[a-z]{2,3}", language):
        raise BadRequest("language must be a code such as sl")
    if ("text" in body) == ("intent" in body):
        raise BadRequest("give either text or intent")
    words = read_words(body) if "text" in body else read_button(body, language)
    return UserMessage(
        sender_id=tracker_of(sender),
        input_channel=OdzivChannel.name(),
        output_channel=CollectingOutputChannel(),
        metadata={"language": language},
        **words,
    )


def read_words(body: dict[str, Any]) -> dict[str, Any]:
    """UserMessage's arguments for what a customer wrote."""
    text = body["text"]
    if not isinstance(text, str) or not text.strip() or len(text) > MAX_TEXT:
        raise BadRequest(f"text must be a string of 1 to {MAX_TEXT} characters")
    shielded = shield_slash(text)
    if body.get("vector") is not None:
        expect(shielded, read_vector(body["vector"]))
    return {"text": shielded}


def read_vector(encoded: Any) -> np.ndarray:
    """The encoder's vector from its base64; raises BadRequest."""
    try:
        vector = np.frombuffer(base64.b64decode(encoded, validate=True), dtype="<f4")
    except (TypeError, ValueError, binascii.Error):
        raise BadRequest("vector must be base64 of float32") from None
    if vector.shape != (DIMENSIONS,) or not np.isfinite(vector).all():
        raise BadRequest(f"vector must hold {DIMENSIONS} finite numbers")
    return vector


def read_button(body: dict[str, Any], language: str) -> dict[str, Any]:
    """UserMessage's arguments for a pressed button: its meaning is known, nothing is left to the classifier."""
    intent, entities = body["intent"], body.get("entities") or {}
    if not isinstance(intent, str) or not _NAME.fullmatch(intent):
        raise BadRequest("intent must be a name")
    if not isinstance(entities, dict) or not all(isinstance(value, str) for value in entities.values()):
        raise BadRequest("entities must be an object of strings")
    named = {**entities, "language": language}
    meaning = {"name": intent, "confidence": 1.0}
    parsed = {
        "text": f"/{intent}",
        "intent": meaning,
        "intent_ranking": [meaning],
        "entities": [{"entity": name, "value": value} for name, value in named.items()],
    }
    return {"text": f"/{intent}", "parse_data": parsed}


class OdzivChannel(RestInput):
    """`POST /webhooks/odziv/webhook` answers with the bot's messages; `GET /webhooks/odziv/` tells if it is ready."""

    def __init__(self, token: str) -> None:
        self._expected = f"Bearer {token}".encode()
        call_actions_lightly()
        keep_plans()

    @classmethod
    def name(cls) -> str:
        return "odziv"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> OdzivChannel:
        token = (credentials or {}).get("token")
        if not isinstance(token, str) or len(token) < 16:
            raise RasaException("bot/credentials.yml: ODZIV_RASA_TOKEN must hold at least 16 characters")
        return cls(token)

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """The two routes; every answer but 200 is JSON with an `error`."""
        routes = Blueprint("odziv_channel")

        @routes.get("/")
        async def health(request: Request) -> HTTPResponse:
            if not self._is_allowed(request):
                return refuse(401, "unauthorized")
            ready = is_agent_ready(request)
            return response.json({"ready": ready}, status=200 if ready else 503)

        @routes.post("/webhook")
        async def receive(request: Request) -> HTTPResponse:
            if not self._is_allowed(request):
                return refuse(401, "unauthorized")
            if not is_agent_ready(request):
                return refuse(503, "no model loaded")
            return await answer(request, on_new_message)

        return routes

    def _is_allowed(self, request: Request) -> bool:
        given = request.headers.get("authorization", "").encode("utf-8", "surrogateescape")
        return hmac.compare_digest(given, self._expected)


async def answer(request: Request, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> HTTPResponse:
    """What the assistant says to the request's message. Its own failures are a 500, not an empty 200."""
    try:
        message = read_message(request.json)
    except BadRequest as problem:
        return refuse(400, str(problem))
    try:
        await on_new_message(message)
    except Exception:  # Rasa raises anything; the log must not hold the customer's words
        log.exception("turn failed for %s", message.sender_id)
        return refuse(500, "turn failed")
    return response.json(message.output_channel.messages)


def is_agent_ready(request: Request) -> bool:
    """Whether a model is loaded."""
    agent = getattr(request.app.ctx, "agent", None)
    return agent is not None and agent.is_ready()


def refuse(status: int, reason: str) -> HTTPResponse:
    """An error in JSON."""
    return response.json({"error": reason}, status=status)
