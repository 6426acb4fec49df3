"""Snoozing: a conversation leaves the inbox until a time in the agent's own zone, or until somebody writes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from flask import flash, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from odziv.cases.conversations.entries import internal_entry
from odziv.cases.customers.customer_details import is_time_zone
from odziv.cases.refused import Kind, Refused
from odziv.desk.frame.lookups import find_or_404
from odziv.desk.frame.roles import AGENT, action
from odziv.settings import DESK_LANGUAGE
from odziv.store.handoffs.snoozes import bring_back, snooze
from odziv.texts.moments import format_in
from odziv.web.services import services

LATER_HOURS, MORNING, MOST_DAYS = 3, 9, 365
CHOICES = {"later": "Later today (3 hours)", "tomorrow": "Tomorrow, 9:00", "week": "Next Monday, 9:00"}


@action("/conversations/<conversation_id>/snooze", needs=AGENT)
def snooze_conversation(conversation_id: str) -> AnyResponse:
    """Takes it out of the inbox `until` one of CHOICES, or the time `at` in `zone`; 409 unless this agent has it."""
    find_or_404(conversation_id)
    now = datetime.fromtimestamp(services().store.clock() / 1000, UTC)
    until = choose_moment(request.form.get("until", ""), request.form.get("at", ""), _read_zone(), now)
    words = snooze_until(conversation_id, until)
    flash(f"Snoozed until {words}. It comes back then, or when the customer writes.")
    return redirect(url_for("desk.show_inbox"), 303)


def snooze_until(conversation_id: str, until: datetime) -> str:
    """Snoozes what the signed-in agent has; returns the time in words. Raises Refused."""
    words = f"{format_in('EEE d MMM y, HH:mm', until, DESK_LANGUAGE)} ({until.tzinfo})"
    entry = internal_entry(f"{current_user.name} snoozed this until {words}.")
    milliseconds = int(until.timestamp() * 1000)
    if not snooze(services().store, conversation_id, current_user.id, milliseconds, entry):
        raise Refused(Kind.CONFLICT, "Nothing changed: you don’t have this conversation. Take it first.")
    return words


@action("/conversations/<conversation_id>/wake", needs=AGENT)
def end_snooze(conversation_id: str) -> AnyResponse:
    """Brings a snoozed conversation back at once, into the inbox of whoever snoozed it. Anybody may."""
    find_or_404(conversation_id)
    wake_up(conversation_id)
    return redirect(url_for("desk.show_conversation", conversation_id=conversation_id), 303)


def wake_up(conversation_id: str) -> None:
    """Ends a snooze, for the signed-in agent. Raises Refused."""
    entry = internal_entry(f"{current_user.name} ended the snooze.")
    if not bring_back(services().store, conversation_id, entry, current_user.id):
        raise Refused(Kind.CONFLICT, "Nothing changed: this conversation isn’t snoozed any more.")


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
        raise Refused(Kind.INVALID, "Please choose one of the times offered.")
    return _read_moment(at, zone, now)


def _read_moment(at: str, zone: ZoneInfo, now: datetime) -> datetime:
    try:
        moment = datetime.strptime(at, "%Y-%m-%dT%H:%M").replace(tzinfo=zone)
        ahead = moment.astimezone(UTC) - now
    except (ValueError, OverflowError) as error:
        raise Refused(Kind.INVALID, "Not snoozed: please choose a date and a time.") from error
    if ahead <= timedelta(0):
        raise Refused(Kind.INVALID, "Not snoozed: that time has passed.")
    if ahead > timedelta(days=MOST_DAYS):
        raise Refused(Kind.INVALID, "Not snoozed: at most a year ahead.")
    return moment


def _read_zone() -> ZoneInfo:
    """The zone the agent's browser is in; without its script, UTC."""
    name = request.form.get("zone", "")
    return ZoneInfo(name if is_time_zone(name) else "UTC")
