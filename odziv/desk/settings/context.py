"""What the page of each section shows beside its fields."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zoneinfo import available_timezones

from kb.report import report_on
from kb.sources.categories import name_of, read_categories
from odziv.cases.elsewhere.workers import WorkersAway
from odziv.cases.retention.plan import WHOLE
from odziv.cases.topics import list_topics
from odziv.desk.knowledge.assistant import tell_language
from odziv.settings.hours import DAYS
from odziv.texts.desk import _
from odziv.web.services import services


def context_of(section: str) -> dict[str, Any]:
    """By the names that the section's template has for it."""
    settings = services().settings
    sites = [(key, site.name) for key, site in settings.sites.items()]
    own = CONTEXTS.get(section, dict)()
    return {"languages": settings.languages, "site_choices": sites, **own}


def _of_precision() -> dict[str, Any]:
    try:
        report = report_on(services().kb)
        return {"reports": [(language, tell_language(language)) for language in report.languages]}
    except WorkersAway:
        return {"reports": None}


def _of_categories() -> dict[str, Any]:
    settings = services().settings
    names = read_categories(settings.articles)
    return {"categories": list_topics(settings), "usual": lambda category, code: name_of(names, category, code)}


def _of_hours() -> dict[str, Any]:
    days = [_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday")]
    return {"days": list(zip(DAYS, days, strict=True)), "zones": sorted(available_timezones())}


def _of_mail() -> dict[str, Any]:
    mail = services().settings.mail
    return {"server": mail.smtp.host or mail.mailboxes, "mailboxes": mail.mailboxes}


def _of_retention() -> dict[str, Any]:
    kinds = {
        "conversations": _("Conversations"),
        "attachments": _("Pictures and files in them"),
        "mail": _("E-mails"),
        "ratings": _("Ratings"),
        "audit": _("The audit trail"),
        "logs": _("Logs that were put aside"),
    }
    wheres = {
        "all sites": _("all websites"),
        "other sites": _("all other websites"),
        WHOLE: _("the whole installation"),
    }
    return {"plan": None, "kinds": kinds, "wheres": wheres, "audit_days": services().settings.desk.audit_days}


CONTEXTS: dict[str, Callable[[], dict[str, Any]]] = {
    "precision": _of_precision,
    "categories": _of_categories,
    "hours": _of_hours,
    "mail": _of_mail,
    "retention": _of_retention,
}
