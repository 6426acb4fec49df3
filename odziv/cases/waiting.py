"""What a customer who waits for a person is told: the place in the queue, an estimate, and when somebody will be there.

The estimate is how long others waited lately, or nothing when too few did: a guess would be no kindness.
"""

from __future__ import annotations

from statistics import median
from typing import Any

from odziv.cases.absence import find_absence
from odziv.cases.routing import find_place, load_team
from odziv.settings import Settings
from odziv.store import Store
from odziv.store.conversations.conversation import Conversation
from odziv.store.engine import DAY_MS, iso_time
from odziv.store.handoffs import queue_view
from odziv.store.handoffs.waiting_times import list_recent_waits

MINUTE_MS = 60_000
LOOK_BACK_MS = 14 * DAY_MS
RECENT, ENOUGH = 20, 5
# Below this many minutes it is "a few", above the other "more than an hour"; between, in steps.
FEW_MINUTES, HOUR, STEP = 5, 60, 5


def wait_json(store: Store, conversation: Conversation, settings: Settings) -> dict[str, Any] | None:
    """The wait of a conversation in the queue; None of any other."""
    if conversation.status != "queued":
        return None
    wait = queue_view.find_place(store, conversation.id)
    if wait is None:
        return None
    absence = find_absence(store, settings, wait.language, conversation.mailbox)
    # The interface keeps its word for after hours. Who came back, or stayed, until somebody is there waits like others.
    is_ticket = wait.after_hours and absence is not None
    opens_at = absence and absence.opens_at
    return {
        "place": find_place(wait, wait.before, load_team(store, settings)),
        "estimate": None if is_ticket or opens_at else estimate(store, wait.language),
        "ticket": is_ticket,
        "asks_email": wait.asks_email and settings.mail.is_on,  # it may have been off and on meanwhile
        "opens_at": iso_time(opens_at) if opens_at else None,
    }


def estimate(store: Store, language: str) -> dict[str, Any] | None:
    """The usual wait: `{"words": "few", "about" or "over", "minutes"}`; None when too few waited lately."""
    waits = list_recent_waits(store, language, store.clock() - LOOK_BACK_MS, RECENT)
    if len(waits) < ENOUGH:
        return None
    minutes = median(waits) / MINUTE_MS
    if minutes < FEW_MINUTES:
        return {"words": "few", "minutes": FEW_MINUTES}
    if minutes > HOUR:
        return {"words": "over", "minutes": HOUR}
    return {"words": "about", "minutes": int(-(-minutes // STEP) * STEP)}
