"""The report: how soon customers were answered, how often within the target, and when most come. And as CSV."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from math import ceil
from statistics import median
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from flask import Response
from flask_login import current_user
from pydantic import Field

from odziv.cases.refused import Kind, Refused
from odziv.desk.blueprint import blueprint
from odziv.desk.frame.page import show_page
from odziv.desk.frame.roles import ADMIN, AGENT, page
from odziv.settings import Settings
from odziv.store.handoffs.reports import count_conversations, list_handoffs_between, note_export
from odziv.texts.desk import _, ngettext
from odziv.web.forms import Form, OrNone, read_address
from odziv.web.services import services

PERIODS = (7, 30)
LONGEST_DAYS = 366
COLUMNS = (
    "handoff",
    "conversation",
    "language",
    "reason",
    "topic",
    "priority",
    "ticket",  # came after hours; the column keeps its name
    "arrived_utc",
    "taken_utc",
    "first_reply_utc",
    "first_reply_business_minutes",
    "target_minutes",
    "within_target",
    "closed_utc",
    "outcome",
    "agent",
)


class ReportPage(Form):
    """So many days until today, or those `from` … `to`; of one language, or of all."""

    days: str = "7"
    first: str = Field("", alias="from")
    last: str = Field("", alias="to")
    language: Annotated[str | None, OrNone] = None


@dataclass(frozen=True)
class Period:
    """Whole days in the business's zone, the last one included; `language` None: all."""

    first: date
    last: date
    language: str | None
    zone: ZoneInfo

    @property
    def bounds(self) -> tuple[int, int]:
        """From and before, in milliseconds."""
        days = (self.first, self.last + timedelta(1))
        begins, ends = (int(datetime.combine(day, time(), self.zone).timestamp() * 1000) for day in days)
        return begins, ends


@dataclass(frozen=True)
class Figures:
    """Minutes are business minutes; None where there is nothing to count."""

    handoffs: int
    after_hours: int
    replied: int
    median_minutes: float | None
    p90_minutes: float | None
    targeted: int
    within: int
    resolved: int
    silent: int
    conversations: int
    bot_alone: int
    hours: tuple[int, ...]


@page("/report", needs=AGENT)
def show_report() -> str:
    """Figures of the last 7 or 30 days (`days`), or `from` to `to`; of one `language`, or all."""
    period = _read_period()
    return show_page(
        "desk/reports/report.html",
        "report",
        period=period,
        figures=count_figures(period),
        days=(period.last - period.first).days + 1,
        periods=PERIODS,
        today=_today(period.zone),
        languages=services().settings.languages,
        share=share,
    )


@page("/report.csv", needs=ADMIN)
def export_report() -> Response:
    """One line for each handoff, without anything a customer wrote. Noted in the audit trail."""
    period, settings = _read_period(), services().settings
    rows = list_handoffs_between(services().store, *period.bounds, period.language)
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    writer.writerows([defuse(value) for value in _line(row, settings)] for row in rows)
    note_export(services().store, current_user.id, len(rows), str(period.first), str(period.last))
    name = f"report-{period.first}-{period.last}.csv"
    # The mark at the beginning tells spreadsheets that it is UTF-8.
    response = Response("\ufeff" + file.getvalue(), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def count_figures(period: Period) -> Figures:
    """Everything the page shows."""
    store, settings = services().store, services().settings
    rows = list_handoffs_between(store, *period.bounds, period.language)
    judged = [(minutes_to_reply(row, settings), target_of(row, settings)) for row in rows]
    minutes = sorted(taken for taken, _ in judged if taken is not None)
    now = store.clock()
    due = [
        within
        for row, (taken, target) in zip(rows, judged, strict=True)
        if (within := is_within(row, taken, target, settings, now)) is not None
    ]
    counts = count_conversations(store, *period.bounds, period.language)
    hours = [0] * 24
    for row in rows:
        hours[datetime.fromtimestamp(row.created_at / 1000, period.zone).hour] += 1
    return Figures(
        handoffs=len(rows),
        after_hours=sum(bool(row.after_hours) for row in rows),
        replied=len(minutes),
        median_minutes=median(minutes) if minutes else None,
        p90_minutes=minutes[ceil(0.9 * len(minutes)) - 1] if minutes else None,
        targeted=len(due),
        within=sum(due),
        resolved=sum(row.outcome == "resolved" for row in rows),
        silent=sum(row.outcome == "silent" for row in rows),
        conversations=counts.conversations,
        bot_alone=counts.bot_alone,
        hours=tuple(hours),
    )


def minutes_to_reply(row: Any, settings: Settings) -> float | None:
    """Business minutes from arrival to the first reply; None while there is none."""
    if row.replied_at is None:
        return None
    return settings.calendar(row.language, row.mailbox).business_minutes(row.created_at, row.replied_at)


def target_of(row: Any, settings: Settings) -> int:
    """The target of the first reply, in business minutes; 0: none."""
    return getattr(settings.desk.promises.first_reply, row.priority or ("high" if row.raised else "normal"))


def is_within(row: Any, taken: float | None, target: int, settings: Settings, now: int) -> bool | None:
    """Whether the target was kept. None where there is none, or it is too early to say, or it needed no reply."""
    if not target:
        return None
    if taken is not None:
        return taken <= target
    calendar = settings.calendar(row.language, row.mailbox)
    # Who went back to the bot after that long was kept waiting too long all the same.
    waited_until = row.closed_at if row.outcome == "withdrawn" else None if row.closed_at else now
    is_missed = waited_until is not None and calendar.business_minutes(row.created_at, waited_until) > target
    return False if is_missed else None


def share(part: int, whole: int) -> str:
    """A share in words: "83 %", or a dash where there is nothing to share."""
    return _("%(share)s %%", share=round(100 * part / whole)) if whole else "–"


@blueprint.app_template_filter("minutes")
def label_minutes(minutes: float | None) -> str:
    """A span of business time in words: "under 1 min", "42 min", "3 h 5 min"."""
    if minutes is None:
        return "–"
    whole = round(minutes)
    if whole < 1:
        return _("under 1 min")
    hours, rest = divmod(whole, 60)
    if not hours:
        return _("%(minutes)s min", minutes=rest)
    return _("%(hours)s h %(minutes)s min", hours=hours, minutes=rest) if rest else _("%(hours)s h", hours=hours)


def defuse(value: Any) -> Any:
    """Text that a spreadsheet would take for a formula, as plain text."""
    is_formula = isinstance(value, str) and value.lstrip()[:1] in {"=", "+", "-", "@", "|", "%"}
    return f"'{value}" if is_formula or (isinstance(value, str) and value[:1] in {"\t", "\r", "\n"}) else value


def _line(row: Any, settings: Settings) -> list[Any]:
    taken, target = minutes_to_reply(row, settings), target_of(row, settings)
    within = is_within(row, taken, target, settings, services().store.clock())
    priority = row.priority or ("high" if row.raised else "normal")
    moments = [_utc(row.created_at), _utc(row.first_claimed_at), _utc(row.replied_at)]
    return [
        *(
            row.id,
            row.conversation_id,
            row.language,
            row.reason,
            row.topic or "",
            priority,
            _yes(bool(row.after_hours)),
        ),
        *(*moments, "" if taken is None else round(taken, 1), target or "", "" if within is None else _yes(within)),
        *(_utc(row.closed_at), row.outcome or "", row.agent_name or ""),
    ]


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _utc(moment: int | None) -> str:
    return datetime.fromtimestamp(moment / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S") if moment else ""


def _today(zone: ZoneInfo) -> date:
    return datetime.fromtimestamp(services().store.clock() / 1000, zone).date()


def _read_period() -> Period:
    """Raises Refused for what is no period."""
    settings, wanted = services().settings, read_address(ReportPage)
    language = wanted.language
    if language is not None and language not in settings.languages:
        raise Refused(Kind.INVALID, _("Please choose one of the languages served here."))
    zone = ZoneInfo(settings.calendar(language or "").time_zone)
    today = _today(zone)
    if wanted.first or wanted.last:
        first, last = _read_date(wanted.first), _read_date(wanted.last)
    else:
        if wanted.days not in map(str, PERIODS):
            raise Refused(Kind.INVALID, _("Please choose 7 or 30 days, or a first and a last day."))
        first, last = today - timedelta(int(wanted.days) - 1), today
    if not (2000 <= first.year <= 2200 and first <= last <= first + timedelta(LONGEST_DAYS - 1)):
        raise Refused(
            Kind.INVALID,
            ngettext(
                "The first day has to come before the last, and at most %(num)s day counts.",
                "The first day has to come before the last, and at most %(num)s days count.",
                LONGEST_DAYS,
            ),
        )
    return Period(first, last, language, zone)


def _read_date(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError as error:
        raise Refused(Kind.INVALID, _("Please give both a first and a last day, like 2026-11-23.")) from error
