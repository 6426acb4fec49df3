"""How the desk words things: reasons, languages, waiting times, links. Template filters and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlsplit

from odziv.cases.topics import label_language, label_topic
from odziv.desk.blueprint import blueprint
from odziv.web.services import services

REASONS = {
    "requested": "Asked for a person",
    "low_confidence": "Bot was not sure",
    "complaint": "Complaint",
    "danger": "Somebody in danger",
    "legal": "Withdrawal, lawyer or authority",
    "unanswered": "Unanswered twice",
    "article": "Article asks for a person",
    "failure": "Bot had a failure",
    "mail": "E-mail the bot may not answer",
    "returned": "Came back to their agent",
    "reopened": "Reopened by an agent",
}
SENDERS = {"customer": "Customer", "bot": "Bot", "system": "Notice"}
MINUTE = 60_000
blueprint.add_app_template_filter(label_language, "language_label")
blueprint.add_app_template_filter(label_topic, "topic_label")


@blueprint.app_template_filter("reason_label")
def label_reason(reason: str) -> str:
    """Why a person is wanted, in words."""
    return REASONS.get(reason, reason.replace("_", " ").capitalize())


@blueprint.app_template_filter("site_label")
def label_site(key: str) -> str:
    """The name of the website a conversation comes from."""
    site = services().settings.sites.get(key)
    return site.name if site else key


@blueprint.app_template_filter("sender_label")
def label_sender(message: Any) -> str:
    """Who said it: an agent, or one in copy of the mails, by name."""
    return message.agent_name or message.author or SENDERS.get(message.sender, "Agent")


@blueprint.app_template_filter("elapsed")
def label_elapsed(since: int) -> str:
    """How long ago in words, from milliseconds since 1970. desk.js counts on in the same words."""
    minutes = max(0, (services().store.clock() - since) // MINUTE)
    if minutes < 1:
        return "just now"
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return "1 day" if hours < 48 else f"{hours // 24} days"


@blueprint.app_template_filter("iso")
def to_iso(moment: int) -> str:
    """Milliseconds since 1970 as ISO 8601 in UTC."""
    return datetime.fromtimestamp(moment / 1000, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


@blueprint.app_template_filter("clock")
def to_clock(moment: int) -> str:
    """The time of day in UTC, until desk.js puts the agent's own."""
    return datetime.fromtimestamp(moment / 1000, UTC).strftime("%H:%M UTC")


@blueprint.app_template_filter("day")
def to_day(moment: int) -> str:
    """Date and time of day in UTC, until pages.js puts the agent's own."""
    return datetime.fromtimestamp(moment / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")


@blueprint.app_template_filter("ago")
def label_ago(moment: int) -> str:
    """How long ago, as part of a sentence: "just now", "5 min ago"."""
    elapsed = label_elapsed(moment)
    return elapsed if elapsed == "just now" else f"{elapsed} ago"


@blueprint.app_template_filter("percent")
def to_percent(confidence: Any) -> int:
    """A confidence of 0–1 as a whole percentage."""
    try:
        return round(100 * min(1.0, max(0.0, float(confidence))))
    except (TypeError, ValueError):
        return 0


@blueprint.app_template_filter("article_url")
def link_article(article: dict[str, Any]) -> str:
    """The page of an article as customers read it, built from its id so that no other link can get in."""
    return f"/help/{quote(str(article.get('language') or 'en'), safe='')}/{quote(str(article.get('article')))}"


@blueprint.app_template_filter("web_url")
def keep_web_url(url: str | None) -> str | None:
    """The address if it is one of the web; None for javascript: and whatever else a page may claim."""
    try:
        return url if url and urlsplit(url).scheme in {"http", "https"} else None
    except ValueError:
        return None


@blueprint.app_template_filter("initials")
def take_initials(name: str) -> str:
    """The first letters of the first and last name."""
    words = name.split()
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper() or "?"
