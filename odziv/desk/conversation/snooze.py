"""Snoozing: a conversation leaves the inbox until a time in the agent's own zone, or until somebody writes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from flask import flash, redirect, url_for
from flask_login import current_user
from pydantic import BeforeValidator
from werkzeug.wrappers import Response as AnyResponse

from odziv.cases.conversations.snooze import choose_moment, end_snooze, snooze
from odziv.cases.customers.customer_details import is_time_zone
from odziv.cases.refused import UnreadMessage
from odziv.desk.conversation.unread import seen_by_agent, show_unread
from odziv.desk.frame.lookups import find_or_404
from odziv.desk.frame.roles import AGENT, action
from odziv.texts.desk import N_, _, spoken
from odziv.texts.moments import say_moment
from odziv.web.forms import Form, Position, read_form
from odziv.web.services import services

CHOICES = {
    "later": N_("Later today (3 hours)"),
    "tomorrow": N_("Tomorrow, 9:00"),
    "week": N_("Next Monday, 9:00"),
}


def read_zone(name: str) -> ZoneInfo:
    """The zone of that name, or UTC for what is none."""
    return ZoneInfo(name if is_time_zone(name) else "UTC")


class SnoozeForm(Form):
    """One of CHOICES, or "at" with a time; in the zone the agent's browser is in: without its script, UTC."""

    until: str = ""
    at: str = ""
    seen: Position | None = None
    zone: Annotated[ZoneInfo, BeforeValidator(read_zone)] = ZoneInfo("UTC")


@action("/conversations/<conversation_id>/snooze", needs=AGENT)
def snooze_conversation(conversation_id: str) -> AnyResponse:
    """Takes it out of the inbox `until` one of CHOICES, or the time `at` in `zone`; 409 unless this agent has it."""
    find_or_404(conversation_id)
    now = datetime.fromtimestamp(services().store.clock() / 1000, UTC)
    sent = read_form(SnoozeForm)
    until = choose_moment(sent.until, sent.at, sent.zone, now)
    seen = seen_by_agent(conversation_id, sent.seen)
    try:
        snooze(services().store, current_user.agent, conversation_id, until, seen=seen)
    except UnreadMessage as unread:
        return show_unread(conversation_id, unread)
    words = f"{say_moment(until, spoken())} ({until.tzinfo})"
    flash(_("Snoozed until %(time)s. It comes back then, or when the customer writes.", time=words))
    return redirect(url_for("desk.show_inbox"), 303)


@action("/conversations/<conversation_id>/wake", needs=AGENT)
def wake_conversation(conversation_id: str) -> AnyResponse:
    """Brings a snoozed conversation back at once, into the inbox of whoever snoozed it. Anybody may."""
    find_or_404(conversation_id)
    end_snooze(services().store, current_user.agent, conversation_id)
    return redirect(url_for("desk.show_conversation", conversation_id=conversation_id), 303)
