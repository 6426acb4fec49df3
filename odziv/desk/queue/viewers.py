"""Who looks at which conversation right now, and who of them types. In memory: a restart's pages come back."""

from __future__ import annotations

import threading
import time
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from flask import current_app

from odziv.bus.bus import Bus
from odziv.bus.messages import Item, Kind
from odziv.desk.queue.shared import Shared
from odziv.store import Store
from odziv.store.agents.availability import list_online
from odziv.web.streams import Hub

MOST_REMEMBERED = 2_000
# Of a page in another process that is there: a conversation, an agent, their name, and whether they still look.
VIEWING = Kind("viewing", (str, int, str, bool))
# What a page in another process was given: a conversation, an agent, a message's number.
SHOWN = Kind("shown", (str, int, int))
ELSEWHERE_SECONDS = 15.0  # without a sign for so long, a page in another process is gone: it gives one every few


class Viewers:
    """The open pages, by conversation and agent. Only desk pages are told; customers follow another key.

    Once it has joined a bus, pages in other processes count too, for as long as they say so.
    """

    def __init__(self, hub: Hub) -> None:
        self._hub, self._lock = hub, threading.Lock()
        self._bus: Bus | None = None
        self._pages: dict[str, Counter[tuple[int, str]]] = defaultdict(Counter)
        self._elsewhere: OrderedDict[tuple[str, int, str], float] = OrderedDict()  # until when they count
        self._shown: OrderedDict[tuple[str, int], int] = OrderedDict()
        self._online = Shared(hub, lambda store: list_online(store))

    def join(self, bus: Bus) -> None:
        """From now on pages in other processes are known here, and those here there."""
        self._bus = bus
        bus.subscribe(VIEWING, self._hear_viewing)
        bus.subscribe(SHOWN, self._hear_shown)

    @staticmethod
    def key(conversation_id: str) -> str:
        """What a desk page follows in the hub to hear of its conversation's viewers."""
        return f"desk/{conversation_id}"

    @contextmanager
    def look(self, conversation_id: str | None, agent_id: int, name: str) -> Iterator[None]:
        """An agent has a page with this conversation open for as long as the block runs."""
        if conversation_id is None:
            yield
            return
        self._count(conversation_id, (agent_id, name), 1)
        try:
            yield
        finally:
            self.announce_typing(conversation_id, agent_id, False)
            self._count(conversation_id, (agent_id, name), -1)

    def _count(self, conversation_id: str, viewer: tuple[int, str], change: int) -> None:
        with self._lock:
            pages = self._pages[conversation_id]
            pages[viewer] += change
            if not pages[viewer]:
                del pages[viewer]
            is_there = viewer in pages
            if not pages:
                del self._pages[conversation_id]
        self._hub.wake(self.key(conversation_id))
        if self._bus is not None:
            self._bus.publish(VIEWING, (conversation_id, *viewer, is_there))

    def remain(self, conversation_id: str | None, agent_id: int, name: str) -> None:
        """Their page is still there: tells the other processes."""
        if conversation_id is not None and self._bus is not None:
            self._bus.gather(VIEWING, (conversation_id, agent_id, name, True))

    def _hear_viewing(self, items: Sequence[Item]) -> None:
        now, changed = time.monotonic(), set()
        with self._lock:
            for *page, is_there in items:
                known = self._elsewhere.pop(key := tuple(page), 0.0) > now
                if is_there:
                    self._elsewhere[key] = now + ELSEWHERE_SECONDS
                if known != is_there:
                    changed.add(key[0])
            while len(self._elsewhere) > MOST_REMEMBERED:
                self._elsewhere.popitem(last=False)
        for conversation_id in changed:
            self._hub.wake(self.key(conversation_id))

    def note_shown(self, conversation_id: str, agent_id: int, seq: int) -> None:
        """An agent's page has been given the conversation up to message `seq`."""
        self._keep_shown(conversation_id, agent_id, seq)
        if self._bus is not None:
            self._bus.publish(SHOWN, (conversation_id, agent_id, seq))

    def _hear_shown(self, items: Sequence[Item]) -> None:
        for item in items:
            self._keep_shown(*item)

    def _keep_shown(self, conversation_id: str, agent_id: int, seq: int) -> None:
        with self._lock:
            self._shown[conversation_id, agent_id] = seq
            self._shown.move_to_end((conversation_id, agent_id))
            if len(self._shown) > MOST_REMEMBERED:
                self._shown.popitem(last=False)

    def find_shown(self, conversation_id: str, agent_id: int) -> int | None:
        """Up to which message; None where no page asked for it lately."""
        return self._shown.get((conversation_id, agent_id))

    def others(self, store: Store, conversation_id: str | None, agent_id: int) -> list[str]:
        """The names of colleagues who look at it, each once. A page whose browser went silent doesn't count."""
        there = [viewer for viewer in self._of(conversation_id) if viewer[0] != agent_id]
        if not there:
            return []
        online = self._online.of(store)
        return sorted(name for viewer, name in there if viewer in online)

    def name_of(self, conversation_id: str | None, sender: str) -> str | None:
        """The name behind a typing sign; None when it isn't a viewer's."""
        return next((name for viewer, name in self._of(conversation_id) if str(viewer) == sender), None)

    def announce_typing(self, conversation_id: str, agent_id: int, is_typing: bool) -> None:
        """Tells the other desk pages of this conversation."""
        self._hub.typing(self.key(conversation_id), str(agent_id), is_typing)

    def end_typing(self, conversation_id: str, agent_id: int, *, is_scheduled: bool = False) -> None:
        """What the agent wrote is kept. To the customer they go on typing while it is scheduled."""
        self._hub.typing(conversation_id, "agent", is_scheduled)
        self.announce_typing(conversation_id, agent_id, False)

    def _of(self, conversation_id: str | None) -> list[tuple[int, str]]:
        now = time.monotonic()
        with self._lock:
            elsewhere = [key[1:] for key, until in self._elsewhere.items() if key[0] == conversation_id and until > now]
            return list({**self._pages.get(conversation_id or "", {}), **dict.fromkeys(elsewhere, 1)})


def viewers() -> Viewers:
    """This application's."""
    return current_app.extensions["desk_viewers"]
