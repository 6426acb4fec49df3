"""Looks what is news for agents whose desk is closed, and has their browsers told of it, each thing once."""

from __future__ import annotations

import time
from collections.abc import Iterable
from itertools import groupby

from odziv.cases.push.news import News, list_news
from odziv.cases.routing import Team, load_team
from odziv.processes.periodic import PeriodicTask
from odziv.settings import Settings
from odziv.store import Store
from odziv.store.handoffs.queue_view import list_waiting
from odziv.store.push.pushes import tell
from odziv.store.push.subscriptions import Listener, list_listeners, remove_old_subscriptions

LOOK_SECONDS = 5.0
HOUR_SECONDS = 3600.0
# News for a browser waits so long, so that a colleague may take it and a customer finish; who has a page of the desk
# open somewhere is told by that one first, and by the others when nothing was done about it for minutes.
AWAY_MS, OPEN_MS = 10_000, 3 * 60_000


class PushNotifier(PeriodicTask):
    """One process of an installation looks; what was told stands in the database, so a restart tells nothing again."""

    def __init__(self, store: Store, settings: Settings) -> None:
        super().__init__("push-news", pause=LOOK_SECONDS, first=LOOK_SECONDS)
        self._store, self.settings = store, settings
        self._tidied: float | None = None
        # Since when, in ms, something has been news to a browser that was not told of it: by its number and subject.
        self._since: dict[tuple[int, str], int] = {}

    def look(self) -> int:
        """Looks once; returns how many browsers were told something."""
        if not self.settings.desk.push:
            return 0
        listeners = list_listeners(self._store)
        if not listeners:
            self._since.clear()
            return 0
        team, queue = load_team(self._store, self.settings), list_waiting(self._store)
        told = 0
        alive: set[tuple[int, str]] = set()
        for agent_id, own in groupby(listeners, key=lambda listener: listener.agent_id):
            news = list_news(self._store, self.settings, agent_id, queue, team)
            for listener in own:
                told += self._tell(listener, news, _patience(agent_id, team), team.now)
                alive |= {(listener.id, one.subject) for one in news}
        self._since = {key: since for key, since in self._since.items() if key in alive}
        return told

    def _tell(self, listener: Listener, news: list[News], patience_ms: int, now: int) -> bool:
        before = listener.told
        if before is None:  # turned on just now: what is there already is old
            tell(self._store, listener.id, _as_told(news), {})
            return False
        fresh = [one for one in news if before.get(one.subject) != one.state]
        due = [one for one in fresh if self._has_waited(listener.id, one.subject, patience_ms, now)]
        waiting = {one.subject for one in fresh} - {one.subject for one in due}
        # What is no news any more is forgotten; what waits still, stays as it was told last.
        after = _as_told(one for one in news if one.subject not in waiting)
        after |= {subject: state for subject, state in before.items() if subject in waiting}
        if not due and after == before:
            return False
        return tell(self._store, listener.id, after, _gather(due)) and bool(due)

    def _has_waited(self, listener_id: int, subject: str, patience_ms: int, now: int) -> bool:
        since = self._since.setdefault((listener_id, subject), now)
        if abs(now - since) < patience_ms:  # abs: the clock may have been set back
            return False
        del self._since[listener_id, subject]
        return True

    def _run_once(self) -> float | None:
        if self._tidied is None or time.monotonic() - self._tidied > HOUR_SECONDS:
            remove_old_subscriptions(self._store)
            self._tidied = time.monotonic()
        self.look()
        return LOOK_SECONDS


def _patience(agent_id: int, team: Team) -> int:
    me = next((member for member in team.members if member.agent_id == agent_id), None)
    return OPEN_MS if me is not None and me.is_online(team.now) else AWAY_MS


def _as_told(news: Iterable[News]) -> dict[str, str]:
    return {one.subject: one.state for one in news}


def _gather(news: list[News]) -> dict[str, dict[str, object]]:
    """What is sent: one notification of each kind, of the first of its kind and with how many there are."""
    found: dict[str, dict[str, object]] = {}
    for one in news:
        first = {"conversation": one.conversation_id, "reason": one.reason, "language": one.language, "count": 0}
        content = found.setdefault(one.kind, first)
        content["count"] = int(str(content["count"])) + 1
    return found
