"""Wakes those who follow a conversation, and writes Server-Sent Events, resumed by sequence number."""

from __future__ import annotations

import json
import random
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from odziv.bus.bus import Bus
from odziv.bus.messages import Item, Kind
from odziv.store import Store
from odziv.store.conversations.conversation import Conversation
from odziv.store.conversations.log_pages import read_page
from odziv.store.conversations.messages import Message
from odziv.store.engine import LISTS
from odziv.web.following.response import Events
from odziv.web.following.subscription import Pause, Subscription
from odziv.web.limits import RETRY_SECONDS, Place

# A connection that was cut without a word is only noticed when something is written to it.
HEARTBEAT_SECONDS = 15.0
# Of those, so that streams that began together, as after a start, don't all look at the same moment ever after.
SPREAD = (0.6, 1.0)
# A stream ends by itself after this long; the browser comes back, and its token is checked again.
LIFETIME_SECONDS = 30 * 60.0
PIECE = 25  # messages of a log that are read and written at once
# Of so many conversations it is known when their customer was last there; longer ago than this is forgotten then.
MOST_PRESENT, PRESENCE_MS = 10_000, 15 * 60_000
# Without a sign of life for longer, a page is not there: a stream gives one at each heartbeat.
ON_PAGE_MS = 30_000
# What processes tell each other: followed key, sender, whether they type, whether that wakes; and a conversation whose
# customer's page was there, with the moment.
TYPING = Kind("typing", (str, str, bool, bool))
PRESENT = Kind("present", (str, int))


class Hub:
    """Who follows what in this process. Keys are conversation ids, those of agents, and LISTS of store.engine.

    Once it has joined a bus, it tells and hears of typing signs and of customers' pages in other processes.
    """

    def __init__(self) -> None:
        self._bus: Bus | None = None
        self._followers: dict[str, set[Subscription]] = defaultdict(set)
        self._lock = threading.Lock()
        self._present: dict[str, int] = {}
        self.list_changes = 0  # heard of so far, in LISTS: what was read before the last may be old
        self.closing = False

    @contextmanager
    def follow(self, *keys: str) -> Iterator[Subscription]:
        """A subscription to all of `keys` for as long as the block runs."""
        subscription = Subscription()
        with self._lock:
            for key in keys:
                self._followers[key].add(subscription)
        try:
            yield subscription
        finally:
            with self._lock:
                for key in keys:
                    self._followers[key].discard(subscription)
                    if not self._followers[key]:
                        del self._followers[key]

    def join(self, bus: Bus) -> None:
        """From now on the others on the bus hear what is told here, and those who follow here of theirs."""
        self._bus = bus
        bus.subscribe(TYPING, self._hear_typing)
        bus.subscribe(PRESENT, self._hear_present)
        bus.on_missed(self.wake_all)

    def _hear_typing(self, items: Sequence[Item]) -> None:
        for key, sender, is_typing, wakes in items:
            self._tell_typing(key, sender, is_typing, wakes)

    def _hear_present(self, items: Sequence[Item]) -> None:
        for conversation_id, moment in items:
            self._note_present(conversation_id, moment)

    def touched(self, keys: set[str]) -> None:
        """A commit changed these. Who follows a conversation is told before all those who follow the lists."""
        self.list_changes += LISTS in keys
        for key in sorted(keys, key=LISTS.__eq__):
            for subscription in self._of(key):
                subscription.wake()

    def wake(self, key: str) -> None:
        """Something beside the store changed for those who follow `key`."""
        self.list_changes += key == LISTS
        for subscription in self._of(key):
            subscription.wake()

    def note_customer(self, conversation_id: str, now: int) -> None:
        """The customer's page is there: it fetched everything, or took the last thing its stream was given.

        `now` is the store's time, with which those of messages are compared.
        """
        self._note_present(conversation_id, now)
        if self._bus is not None:
            self._bus.gather(PRESENT, (conversation_id, now))

    def _note_present(self, conversation_id: str, now: int) -> None:
        with self._lock:
            if len(self._present) >= MOST_PRESENT:
                oldest = now - 2 * PRESENCE_MS
                self._present = {key: at for key, at in self._present.items() if at > oldest}
            self._present[conversation_id] = max(now, self._present.get(conversation_id, 0))

    def customer_seen_at(self, conversation_id: str) -> int:
        """When the customer's page was last there, in milliseconds since 1970; 0: not that this process knows."""
        return self._present.get(conversation_id, 0)

    def is_customer_on_page(self, conversation_id: str, now: int) -> bool:
        """Whether the customer's page is there now, by the store's time."""
        return now - self.customer_seen_at(conversation_id) < ON_PAGE_MS

    def typing(self, conversation_id: str, sender: str, is_typing: bool, *, wakes: bool = True) -> None:
        """Tells followers that `sender` (bot, agent or customer) is typing, or no more.

        Without `wakes` they hear of it with what comes next: a message that is about to be stored.
        """
        self._tell_typing(conversation_id, sender, is_typing, wakes)
        if self._bus is not None:
            self._bus.publish(TYPING, (conversation_id, sender, is_typing, wakes))

    def _tell_typing(self, key: str, sender: str, is_typing: bool, wakes: bool) -> None:
        for subscription in self._of(key):
            subscription.add_typing(sender, is_typing, wakes=wakes)

    def wake_all(self) -> None:
        """Anything may have changed: all who follow something look."""
        self.list_changes += 1
        for subscription in self._everybody():
            subscription.wake()

    def close(self) -> None:
        """Ends every stream, so that a stop need not wait for them."""
        self.closing = True
        self.wake_all()

    def _everybody(self) -> set[Subscription]:
        with self._lock:
            return {subscription for group in self._followers.values() for subscription in group}

    def _of(self, key: str) -> tuple[Subscription, ...]:
        with self._lock:
            return tuple(self._followers.get(key, ()))


def event_stream(
    store: Store,
    hub: Hub,
    place: Place,
    after: int,
    message_json: Callable[[Message], dict[str, Any]],
    conversation_json: Callable[[Conversation], dict[str, Any]],
    may_read: Callable[[Conversation], bool],
) -> Events:
    """What a customer sees: every message after `after`, status changes and typing signs, as they come.

    Ends once the conversation is gone or is no longer for `may_read`, or when newer streams took its `place`.
    """
    ends, conversation_id = time.monotonic() + LIFETIME_SECONDS, place.owner
    status = None
    with hub.follow(conversation_id) as subscription:
        yield "retry: 2000\n\n"
        while not hub.closing and time.monotonic() < ends:
            if place.is_lost:
                yield sse("busy", {"retry_after": RETRY_SECONDS})
                return
            events = []
            if subscription.take_change():
                page = read_page(store, conversation_id, after, PIECE)
                if page.conversation is None or not may_read(page.conversation):
                    return
                for message in page.messages:
                    after = message.seq
                    events.append(sse("message", message_json(message), after))
                if page.more:  # whoever doesn't read holds one piece of a long log, and not all of it
                    yield "".join(events)
                    subscription.wake()
                    continue
                if status != (status := conversation_json(page.conversation)):
                    events.append(sse("status", status))
            for sender, is_typing in subscription.take_typing().items():
                if sender != "customer":
                    events.append(sse("typing", {"sender": sender, "typing": is_typing}))
            hub.note_customer(conversation_id, store.clock())
            if events:  # in one piece, and one write
                yield "".join(events)
            if not (yield Pause(HEARTBEAT_SECONDS * random.uniform(*SPREAD), subscription)):
                subscription.wake()  # a look now and then: what another process wrote may not have been heard
                yield ": still here\n\n"


def sse(event: str, data: dict[str, Any], number: int | None = None) -> str:
    """One event in the text/event-stream format."""
    head = f"id: {number}\n" if number is not None else ""
    return f"{head}event: {event}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
