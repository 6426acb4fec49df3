"""Snoozing: a conversation leaves the inbox until a time, or until somebody writes; and ending that."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from odziv.cases.conversations.entries import internal_entry
from odziv.cases.refused import Kind, Refused, UnreadMessage
from odziv.settings import REFERENCE
from odziv.store import Store
from odziv.store.agents.agent import Agent
from odziv.store.conversations.unread import Unread
from odziv.store.handoffs import snoozes
from odziv.texts.desk import N_, _
from odziv.texts.moments import format_in

LATER_HOURS, MORNING, MOST_DAYS = 3, 9, 365


def snooze(store: Store, agent: Agent, conversation_id: str, until: datetime, *, seen: int | None = None) -> str:
    """Puts off what the agent has `until` a time with a zone; returns the time in words. Raises Refused, and
    UnreadMessage when the customer has written since message number `seen`."""
    words = f"{format_in('EEE d MMM y, HH:mm', until, REFERENCE)} ({until.tzinfo})"
    entry = internal_entry(N_("%(agent)s snoozed this until %(until)s."), agent=agent.name, until=words)
    try:
        changed = snoozes.snooze(store, conversation_id, agent.id, int(until.timestamp() * 1000), entry, seen=seen)
    except Unread as error:
        raise UnreadMessage(Kind.CONFLICT, _("Not snoozed: the customer has just written.")) from error
    if not changed:
        raise Refused(Kind.CONFLICT, _("Nothing changed: you don’t have this conversation. Take it first."))
    return words


def end_snooze(store: Store, agent: Agent, conversation_id: str) -> None:
    """Brings it back at once, into the inbox of whoever snoozed it. Any agent may. Raises Refused unless snoozed."""
    entry = internal_entry(N_("%(agent)s ended the snooze."), agent=agent.name)
    if not snoozes.bring_back(store, conversation_id, entry, agent.id):
        raise Refused(Kind.CONFLICT, _("Nothing changed: this conversation isn’t snoozed any more."))


def choose_moment(choice: str, at: str, zone: ZoneInfo, now: datetime) -> datetime:
    """The end of a snooze in `zone`. Raises Refused for what is no time, past, or more than a year ahead."""
    here = now.astimezone(zone)
    morning = here.replace(hour=MORNING, minute=0, second=0, microsecond=0, fold=0)
    if choice == "later":
        return (now + timedelta(hours=LATER_HOURS)).astimezone(zone)
    if choice == "tomorrow":
        return morning + timedelta(days=1)  # by the calendar: also when the clock is changed in between
    if choice == "week":
        return morning + timedelta(days=7 - here.weekday())
    if choice != "at":
        raise Refused(Kind.INVALID, _("Please choose one of the times offered."))
    return _read_moment(at, zone, now)


def _read_moment(at: str, zone: ZoneInfo, now: datetime) -> datetime:
    try:
        moment = datetime.strptime(at, "%Y-%m-%dT%H:%M").replace(tzinfo=zone)
        ahead = moment.astimezone(UTC) - now
    except (ValueError, OverflowError) as error:
        raise Refused(Kind.INVALID, _("Not snoozed: please choose a date and a time.")) from error
    if ahead <= timedelta(0):
        raise Refused(Kind.INVALID, _("Not snoozed: that time has passed."))
    if ahead > timedelta(days=MOST_DAYS):
        raise Refused(Kind.INVALID, _("Not snoozed: at most a year ahead."))
    return moment
