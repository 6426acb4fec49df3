"""What waits too long while everybody is off duty. Found here; whoever is to be told of it joins in at the keeper."""

from __future__ import annotations

from desk.due import due_of
from kb.render import render_plain
from settings import Settings
from store import Store
from store.handoffs import Handoff, list_queue
from store.messages import Draft
from store.presence import is_anyone_available
from store.promises import mark_told as note_told

TEXT = "Nobody was at the desk when this was due."


def list_overdue(store: Store, settings: Settings) -> list[Handoff]:
    """The waiting handoffs whose promised time is past while nobody is there, and of whom nobody was told."""
    if is_anyone_available(store):
        return []
    now = store.clock()
    waiting = (handoff for handoff in list_queue(store) if handoff.told_at is None)
    return [h for h in waiting if (due := due_of(h, settings)) is not None and due.at <= now]


def mark_told(store: Store, handoff: Handoff) -> bool:
    """Notes it at the desk, once for a handoff. True for the one caller who did: tell the others then."""
    entry = Draft(sender="system", text=TEXT, html=render_plain(TEXT), internal=True)
    return note_told(store, handoff.id, entry)
