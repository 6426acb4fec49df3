"""How the desk words things: reasons, languages, waiting times, links. Template filters and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from babel.numbers import format_decimal
from markupsafe import Markup

from kb.render import render_plain
from kb.sources.categories import FILE, read_categories
from odziv.cases.customers.devices import label_device
from odziv.cases.targets import label_priority
from odziv.cases.topics import label_language, label_reason, label_topic
from odziv.desk.blueprint import blueprint
from odziv.settings import LOCALES, REFERENCE
from odziv.texts.desk import N_, _, ngettext, reword, spoken
from odziv.texts.moments import say_date
from odziv.web.services import services

SENDERS = {"customer": N_("Customer"), "bot": N_("Bot"), "system": N_("Notice")}
# What raised a conversation in the queue.
RAISED = {"complaint": N_("complaint"), "danger": N_("danger"), "time": N_("a time")}
ROLES = {"agent": N_("agent"), "editor": N_("editor"), "admin": N_("admin")}
COLOURS = {
    "grey": N_("Grey"),
    "red": N_("Red"),
    "orange": N_("Orange"),
    "yellow": N_("Yellow"),
    "green": N_("Green"),
    "teal": N_("Teal"),
    "blue": N_("Blue"),
    "purple": N_("Purple"),
}
MINUTE = 60_000
blueprint.add_app_template_filter(label_language, "language_label")
blueprint.add_app_template_filter(label_device, "device_label")
blueprint.add_app_template_filter(label_reason, "reason_label")
blueprint.add_app_template_filter(label_priority, "priority_label")
blueprint.add_app_template_filter(reword, "reworded")


@blueprint.app_template_filter("raised_label")
def label_raised(why: str | None) -> str:
    """What has brought a conversation forward in the queue."""
    return _(RAISED.get(why or "complaint", why or ""))


@blueprint.app_template_filter("site_label")
def label_site(key: str) -> str:
    """The name of the website a conversation comes from."""
    site = services().settings.sites.get(key)
    return site.name if site else key


@blueprint.app_template_filter("topic_label")
def name_topic(topic: str) -> str:
    """The name of a topic as customers read it in the page's language; of one without, its folder's name in words."""
    file = services().settings.articles / FILE
    try:
        names = _read_topics(file, file.stat().st_mtime_ns) if spoken() != REFERENCE else {}
    except OSError:  # there is none, or the folder is away
        names = {}
    return names.get(topic, {}).get(spoken()) or label_topic(topic)


@lru_cache(2)
def _read_topics(file: Path, _changed: int) -> Mapping[str, Mapping[str, str]]:
    return read_categories(file.parent)


@blueprint.app_template_filter("role_label")
def label_role(role: str) -> str:
    """What somebody is at the desk, in a word."""
    return _(ROLES[role]) if role in ROLES else role


@blueprint.app_template_filter("colour_label")
def label_colour(colour: str) -> str:
    """The name of a label's colour."""
    return _(COLOURS[colour]) if colour in COLOURS else colour.capitalize()


@blueprint.app_template_filter("sender_label")
def label_sender(message: Any) -> str:
    """Who said it: an agent, or one in copy of the mails, by name."""
    return message.agent_name or message.author or _(SENDERS.get(message.sender, N_("Agent")))


@blueprint.app_template_filter("elapsed")
def label_elapsed(since: int) -> str:
    """How long ago in words, from milliseconds since 1970. desk.js counts on in the same words."""
    minutes = max(0, (services().store.clock() - since) // MINUTE)
    if minutes < 1:
        return _("just now")
    if minutes < 60:
        return _("%(minutes)s min", minutes=minutes)
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return (
            _("%(hours)s h %(minutes)s min", hours=hours, minutes=minutes) if minutes else _("%(hours)s h", hours=hours)
        )
    return ngettext("%(num)s day", "%(num)s days", hours // 24)


@blueprint.app_template_filter("entry_html")
def show_entry(entry: Any) -> Markup:
    """What stands in the log for agents, which was written down in English."""
    said = reword(entry.text)
    return Markup(entry.html if said == entry.text else render_plain(said))


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
    minutes = max(0, (services().store.clock() - moment) // MINUTE)
    if minutes < 1:
        return _("just now")
    if minutes < 60:
        return ngettext("%(num)s min ago", "%(num)s min ago", minutes)
    if minutes < 24 * 60:
        return ngettext("%(num)s hour ago", "%(num)s hours ago", minutes // 60)
    return ngettext("%(num)s day ago", "%(num)s days ago", minutes // (24 * 60))


@blueprint.app_template_filter("date_label")
def label_date(day: date) -> str:
    """A date by itself, as the page's language writes it."""
    return say_date(day, spoken())


@blueprint.app_template_filter("time_mark")
def mark_time(moment: int) -> Markup:
    """A time of day to stand within a sentence, which desk.js puts into the agent's own zone."""
    return _mark(moment, to_clock(moment))


@blueprint.app_template_filter("day_mark")
def mark_day(moment: int) -> Markup:
    """The same with the day."""
    return _mark(moment, to_day(moment))


def _mark(moment: int, words: str) -> Markup:
    return Markup('<time data-clock datetime="{}">{}</time>').format(to_iso(moment), words)


@blueprint.app_template_filter("decimal")
def show_decimal(value: float) -> str:
    """A number with one decimal, as the page's language writes it."""
    return str(format_decimal(value, "0.0", locale=LOCALES[spoken()]))


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
