"""Marks what waits as after hours when nobody is there any more: the hours are over, or the last agent left."""

from __future__ import annotations

from kb.render import render
from odziv.cases.absence import Absence, find_absences, say_absence, say_danger
from odziv.settings import Settings
from odziv.store import Store
from odziv.store.conversations.messages import NewMessage
from odziv.store.handoffs.after_hours import mark_after_hours
from odziv.store.handoffs.queue_view import Live, list_live
from odziv.texts.notices import notice


def mark_waiting_after_hours(store: Store, settings: Settings) -> int:
    """Tells each customer who waits, once, that nobody is there and when somebody will be. Returns how many."""
    waiting = list_live(store)
    absences = find_absences(store, settings, {(live.language, live.mailbox) for live in waiting})
    asks = settings.mail.is_on
    return sum(
        mark_after_hours(store, live.id, _notice(absence, live, asks=asks))
        for live in waiting
        if (absence := absences.get((live.language, live.mailbox))) is not None
    )


def _notice(absence: Absence, live: Live, *, asks: bool) -> NewMessage:
    if live.reason == "danger":
        text = say_danger(absence, live.spoken)
    else:
        absent = say_absence(absence, live.spoken, asks_email=asks and not live.has_email)
        text = f"{notice('still_waiting', live.spoken)} {absent}"
    return NewMessage(sender="system", text=text, html=render(text))
