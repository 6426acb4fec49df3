"""Turns what waits into tickets when nobody is there any more: the hours are over, or the last agent left."""

from __future__ import annotations

from kb.render import render
from odziv.cases.absence import Absence, find_absences, say_absence
from odziv.settings import Settings
from odziv.store import Store
from odziv.store.conversations.messages import Draft
from odziv.store.handoffs.after_hours import make_ticket
from odziv.store.handoffs.queue_view import list_live
from odziv.texts.notices import notice


def make_tickets(store: Store, settings: Settings) -> int:
    """Tells each customer who waits, once, that nobody is there and when somebody will be. Returns how many."""
    waiting = list_live(store)
    absences = find_absences(store, settings, {live.language for live in waiting})
    return sum(
        make_ticket(store, live.id, _notice(absence, live.spoken, asks_email=not live.has_email))
        for live in waiting
        if (absence := absences.get(live.language)) is not None
    )


def _notice(absence: Absence, language: str, *, asks_email: bool) -> Draft:
    text = f"{notice('still_waiting', language)} {say_absence(absence, language, asks_email=asks_email)}"
    return Draft(sender="system", text=text, html=render(text))
