"""Who looks at which conversation right now, and who of them types. In memory: a restart's pages come back."""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from flask import current_app

from odziv.store import Store
from odziv.store.agents.availability import list_online
from odziv.web.streams import Hub

MOST_REMEMBERED = 2_000


class Viewers:
    """The open pages, by conversation and agent. Only desk pages are told; customers follow another key."""

    def __init__(self, hub: Hub) -> None:
        self._hub, self._lock = hub, threading.Lock()
        self._pages: dict[str, Counter[tuple[int, str]]] = defaultdict(Counter)
        self._shown: OrderedDict[tuple[str, int], int] = OrderedDict()

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
            if not pages:
                del self._pages[conversation_id]
        self._hub.wake(self.key(conversation_id))

    def note_shown(self, conversation_id: str, agent_id: int, seq: int) -> None:
        """An agent's page has been given the conversation up to message `seq`."""
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
        online = list_online(store)
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
        with self._lock:
            return list(self._pages.get(conversation_id or "", ()))


def viewers() -> Viewers:
    """This application's."""
    return current_app.extensions["desk_viewers"]
