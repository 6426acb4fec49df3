"""Whether who waits is there: live chats come before those whose customers have gone, who are answered later.

The order of the queue is the order of arrival (`PLACE` in odziv/store/handoffs/handoff.py), with this exception. It
holds for all who take from the queue or are told of it: "Take next", assignment, the desk's list, programs, and the
place a customer reads.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice

from odziv.settings import Settings
from odziv.settings.hours import MINUTE_MS
from odziv.store import Store
from odziv.store.handoffs.presence import WaitingCustomer, defer, list_waiting_customers

# Without a page of theirs for so long, a customer has gone. A change of pages, a lift or a locked telephone takes less;
# and an agent who is free sooner than that still meets most of them.
GONE_MS = 5 * MINUTE_MS
# Who has gone counts as having come so many business minutes later. Half a working day: what came in the night stands
# behind the chats of the morning and before those of the afternoon, so it is answered the same day; and a mail of
# the morning waits for nobody who comes after the middle of the day. More would leave tickets over for the next day,
# less would give the morning, when most tickets wait, to people who aren't there.
DEFERRED_MINUTES = 4 * 60
MOST_AT_ONCE = 200  # in one transaction; after a night, or a network that broke, many change, and others want to write


def note_presence(store: Store, settings: Settings, seen_at: Callable[[str], int], since: int) -> int:
    """Defers those whose customers have gone, and gives back their place to those who are back.

    `seen_at` tells by conversation when its customer's page was last there, in milliseconds; nothing is known of
    before `since`. Returns how many changed: MOST_AT_ONCE at the most, the others with the next call.
    """
    now = store.clock()
    changes = {
        customer.handoff_id: None if is_here else _defer(customer, settings)
        for customer in list_waiting_customers(store)
        if (is_here := _is_here(customer, seen_at, since, now)) == (customer.deferred_to is not None)
    }
    return defer(store, dict(islice(changes.items(), MOST_AT_ONCE))) if changes else 0


def _is_here(customer: WaitingCustomer, seen_at: Callable[[str], int], since: int, now: int) -> bool:
    last = seen_at(customer.conversation_id)
    if customer.deferred_to is None and customer.channel != "mail":  # they wrote as they came; who mails is nowhere
        last = max(last, customer.created_at, since)
    return last > now - GONE_MS


def _defer(customer: WaitingCustomer, settings: Settings) -> int:
    calendar = settings.calendar(customer.language, customer.mailbox)
    later = calendar.add(customer.created_at, DEFERRED_MINUTES)
    return later if later is not None else customer.created_at + DEFERRED_MINUTES * MINUTE_MS
