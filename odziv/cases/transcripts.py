"""A conversation as plain text, for its customer to keep: what was said, by whom and when, and nothing internal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from kb.sources.passages import to_plain
from odziv.cases.customers.customer_details import is_time_zone
from odziv.store.conversations.conversation import Conversation
from odziv.store.conversations.messages import Message
from odziv.texts import CATALOGUE, say
from odziv.texts.moments import say_date, say_date_and_time

WIDTH = 60  # of the line below the title


def write_transcript(
    conversation: Conversation, messages: Sequence[Message], site: str, zone: tzinfo = UTC, *, url: str
) -> str:
    """The whole text, in the conversation's language; internal messages are left out. `url` is our own."""
    language = conversation.language
    begun = local_time(conversation.created_at, zone)
    title = f"{title_of(conversation, site)}, {say_date(begun, language)} ({begun.tzname()})"
    parts = [f"{title}\n{'=' * min(len(title), WIDTH)}"]
    parts += [_entry(message, language, zone, url) for message in messages if not message.internal]
    return "\n\n".join(parts) + "\n"


def title_of(conversation: Conversation, site: str) -> str:
    """What stands above it: "Conversation with support: Smreka"."""
    return f"{say('transcript', 'title', conversation.language)}: {site}"


def _entry(message: Message, language: str, zone: tzinfo, own: str) -> str:
    who = message.agent_for_customers or message.author or name_sender(message.sender, language)
    text = message.text if message.sender == "customer" else to_plain(message.text)
    at = local_time(message.created_at, zone)
    lines = [f"{say_date_and_time(at, language)}  {who}", text.strip()]
    if message.answer:
        url = message.answer["url"]
        lines.append(url if url.startswith("http") else own + url)
    return "\n".join(line for line in lines if line)


def name_sender(sender: str, language: str) -> str:
    """Who said something, where there is no name: "You", "Digital assistant"."""
    return say("transcript", sender if sender in CATALOGUE.of("transcript", language) else "agent", language)


def local_time(milliseconds: int, zone: tzinfo) -> datetime:
    """The moment on a clock of that zone."""
    return datetime.fromtimestamp(milliseconds / 1000, zone)


def read_zone(name: str) -> tzinfo:
    """The time zone of that name; UTC for one that isn't known."""
    return ZoneInfo(name) if is_time_zone(name) else UTC
