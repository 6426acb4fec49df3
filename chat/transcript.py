"""The conversation as plain text, for the customer to keep: what was said, by whom and when, and nothing internal."""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from functools import cache
from pathlib import Path

import yaml
from flask import Response, request

from chat.api import blueprint, services, visitors_conversation
from kb.passages import to_plain
from store.conversations import Conversation
from store.messages import Message, list_messages

WIDTH = 60  # of the line below the title


@blueprint.get("/conversations/<conversation_id>/transcript")
def get_transcript(conversation_id: str) -> Response:
    """As a file to download; `?timezone=Europe/Ljubljana` for the times."""
    conversation = visitors_conversation(conversation_id)
    services().rate_limits.check("transcript", conversation.id, 20)
    messages = list_messages(services().store, conversation.id)
    site = services().settings.sites[conversation.site].name
    text = write_transcript(conversation, messages, site, read_zone(request.args.get("timezone", "")))
    response = Response(text, mimetype="text/plain")
    name = re.sub(r"[^a-z0-9]+", "-", f"{conversation.site}-{conversation.id[:6]}".lower())
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.txt"'
    response.headers["Cache-Control"] = "no-store"
    return response


def write_transcript(conversation: Conversation, messages: Sequence[Message], site: str, zone: tzinfo = UTC) -> str:
    """The whole text, in the conversation's language. `messages` must hold no internal ones."""
    words = _words()[conversation.language]
    begun = local_time(conversation.created_at, zone)
    title = f"{words['title']}: {site}, {begun:%Y-%m-%d} ({begun.tzname()})"
    parts = [f"{title}\n{'=' * min(len(title), WIDTH)}"]
    parts += [_entry(message, words, zone) for message in messages if not message.internal]
    return "\n\n".join(parts) + "\n"


def _entry(message: Message, words: dict[str, str], zone: tzinfo) -> str:
    who = message.agent_name or words[message.sender if message.sender in words else "agent"]
    text = message.text if message.sender == "customer" else to_plain(message.text)
    lines = [f"{local_time(message.created_at, zone):%Y-%m-%d %H:%M}  {who}", text.strip()]
    if message.answer:
        url = message.answer["url"]
        lines.append(url if url.startswith("http") else services().settings.url + url)
    return "\n".join(line for line in lines if line)


def local_time(milliseconds: int, zone: tzinfo) -> datetime:
    """The moment on a clock of that zone."""
    return datetime.fromtimestamp(milliseconds / 1000, zone)


def read_zone(name: str) -> tzinfo:
    """The time zone of that name; UTC for one that isn't known."""
    if not re.fullmatch(r"[A-Za-z0-9_+-]{1,32}(/[A-Za-z0-9_+-]{1,32}){0,2}", name):
        return UTC
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


@cache
def _words() -> dict[str, dict[str, str]]:
    return yaml.safe_load((Path(__file__).parent / "transcript.yml").read_text(encoding="utf-8"))
