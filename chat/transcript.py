"""The conversation as plain text, for the customer to keep: what was said, by whom and when, and nothing internal."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import yaml
from flask import Response, jsonify, request
from pydantic import BaseModel, Field

from chat.api import address, blueprint, services, visitors_conversation
from chat.contact import is_time_zone
from chat.errors import ApiError
from chat.mail.addresses import clean_address
from chat.requests import read_body
from kb.passages import to_plain
from store.conversations import Conversation
from store.letters import TooMany, Unwanted, ask_for_transcript
from store.messages import Message, list_messages

WIDTH = 60  # of the line below the title
ASKED_PER_HOUR = 10  # from one network address


class Recipient(BaseModel):
    """Where a transcript is to go."""

    email: str = Field(min_length=3, max_length=320)


@blueprint.get("/conversations/<conversation_id>/transcript")
def get_transcript(conversation_id: str) -> Response:
    """As a file to download; `?timezone=Europe/Ljubljana` for the times."""
    conversation = visitors_conversation(conversation_id)
    services().rate_limits.check("transcript", conversation.id, 20)
    messages = list_messages(services().store, conversation.id)
    site = services().settings.sites[conversation.site].name
    zone = read_zone(request.args.get("timezone", ""))
    text = write_transcript(conversation, messages, site, zone, url=services().settings.url)
    response = Response(text, mimetype="text/plain")
    name = re.sub(r"[^a-z0-9]+", "-", f"{conversation.site}-{conversation.id[:6]}".lower())
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.txt"'
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.post("/conversations/<conversation_id>/transcript")
def post_transcript(conversation_id: str) -> tuple[Response, int]:
    """Has it sent by e-mail. The address is for this mail alone: it says nothing about who the customer is."""
    conversation = visitors_conversation(conversation_id)
    services().rate_limits.check_hourly("transcript_mail", address(), ASKED_PER_HOUR)
    body, mail = read_body(Recipient), services().settings.mail
    if not mail.is_on:
        raise ApiError(409, "conflict", "This server sends no e-mail; the transcript can be downloaded.")
    email = clean_address(body.email)
    if email is None:
        raise ApiError(400, "bad_request", "email: this is not an address mail can go to.")
    if _is_ours(email, mail.address):
        raise ApiError(400, "bad_request", "email: this is our own address.")
    try:
        is_asked = ask_for_transcript(services().store, conversation.id, email)
    except TooMany as error:
        message = f"Enough transcripts for this hour; try again in {error.seconds} seconds."
        raise ApiError(429, "rate_limited", message, retry_after=error.seconds) from error
    except Unwanted as error:
        message = "This address takes no automatic e-mail; the transcript can be downloaded."
        raise ApiError(409, "conflict", message) from error
    if not is_asked:
        raise ApiError(409, "conflict", "Nothing has been said yet.")
    return jsonify(email=email), 202


def _is_ours(email: str, own: str) -> bool:
    """Whether a mail there would come back to us, also with something after a plus."""
    local, _, domain = email.partition("@")
    return f"{local.partition('+')[0]}@{domain}" == own.lower() or email == own.lower()


def write_transcript(
    conversation: Conversation, messages: Sequence[Message], site: str, zone: tzinfo = UTC, *, url: str
) -> str:
    """The whole text, in the conversation's language; internal messages are left out. `url` is our own."""
    words = _words()[conversation.language]
    begun = local_time(conversation.created_at, zone)
    title = f"{title_of(conversation, site)}, {begun:%Y-%m-%d} ({begun.tzname()})"
    parts = [f"{title}\n{'=' * min(len(title), WIDTH)}"]
    parts += [_entry(message, words, zone, url) for message in messages if not message.internal]
    return "\n\n".join(parts) + "\n"


def title_of(conversation: Conversation, site: str) -> str:
    """What stands above it: "Conversation with support: Smreka"."""
    return f"{_words()[conversation.language]['title']}: {site}"


def _entry(message: Message, words: dict[str, str], zone: tzinfo, own: str) -> str:
    who = message.agent_name or words[message.sender if message.sender in words else "agent"]
    text = message.text if message.sender == "customer" else to_plain(message.text)
    lines = [f"{local_time(message.created_at, zone):%Y-%m-%d %H:%M}  {who}", text.strip()]
    if message.answer:
        url = message.answer["url"]
        lines.append(url if url.startswith("http") else own + url)
    return "\n".join(line for line in lines if line)


def local_time(milliseconds: int, zone: tzinfo) -> datetime:
    """The moment on a clock of that zone."""
    return datetime.fromtimestamp(milliseconds / 1000, zone)


def read_zone(name: str) -> tzinfo:
    """The time zone of that name; UTC for one that isn't known."""
    return ZoneInfo(name) if is_time_zone(name) else UTC


@cache
def _words() -> dict[str, dict[str, str]]:
    return yaml.safe_load((Path(__file__).parent / "transcript.yml").read_text(encoding="utf-8"))
