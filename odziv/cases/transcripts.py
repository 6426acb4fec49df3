"""A conversation as plain text, for its customer to keep: what was said, by whom and when, and nothing internal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from functools import cache
from zoneinfo import ZoneInfo

import yaml

from kb.sources.passages import to_plain
from odziv.cases.customer_details import is_time_zone
from odziv.store.conversations.conversation import Conversation
from odziv.store.conversations.messages import Message
from odziv.texts import FOLDER

WIDTH = 60  # of the line below the title


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
    words: dict[str, dict[str, str]] = yaml.safe_load((FOLDER / "transcript.yml").read_text(encoding="utf-8"))
    return words
