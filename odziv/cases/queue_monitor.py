"""Checks the queue every second: takes conversations back from agents who are gone, and assigns what waits."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from odziv.cases.after_hours import mark_waiting_after_hours
from odziv.cases.conversations.entries import internal_entry, system_notice
from odziv.cases.overdue import list_overdue, list_to_tell, mark_told
from odziv.cases.queue.presence import note_presence
from odziv.cases.routing import choose_agent, load_team
from odziv.processes.periodic import PeriodicTask
from odziv.settings import Settings
from odziv.store import Store
from odziv.store.conversations.messages import NewMessage
from odziv.store.handoffs.handoff import claim
from odziv.store.handoffs.leases import Lapsed, list_lapsed, take_back
from odziv.store.handoffs.queue_view import list_waiting
from odziv.store.handoffs.snoozes import bring_back, list_ended_snoozes
from odziv.texts.desk import N_

log = structlog.get_logger()
LOOK_SECONDS = 1.0
# After a start, browsers need a moment to come back: their silence meanwhile was ours.
GRACE_MS = 120_000


class QueueMonitor(PeriodicTask):
    """Checks the queue every second, in a thread of its own.

    `seen_at` tells by conversation when its customer's page was last there; None: nobody knows, and all count as there.
    """

    def __init__(self, store: Store, settings: Settings, seen_at: Callable[[str], int] | None = None) -> None:
        super().__init__("queue-monitor", pause=LOOK_SECONDS, first=LOOK_SECONDS)
        self._store, self.settings, self._seen_at = store, settings, seen_at
        self._began = store.clock()

    def start(self) -> None:
        """Begins to check."""
        self._began = self._store.clock()
        super().start()

    def _run_once(self) -> None:
        self.look()

    def look(self) -> None:
        """Checks once: leases first, so that what comes back can be assigned at once, and in its order."""
        self.wake()
        self.take_back()
        if self._seen_at is not None:
            note_presence(self._store, self.settings, self._seen_at, self._began)
        if self.settings.desk.assignment == "auto":
            self.assign()
        if self._store.clock() - self._began >= GRACE_MS:
            self.look_after_absence()

    def look_after_absence(self) -> None:
        """When nobody is there: those who wait are told, and what waits too long is noted."""
        if count := mark_waiting_after_hours(self._store, self.settings):
            log.info("marked_after_hours", count=count)
        overdue = list_overdue(self._store, self.settings)
        if not overdue:
            return
        team = load_team(self._store, self.settings)
        for handoff in overdue:
            agent_ids = list_to_tell(team, handoff)
            if mark_told(self._store, handoff, agent_ids):
                log.info("overdue", conversation=handoff.conversation_id, agents=len(agent_ids))

    def take_back(self) -> None:
        """Returns the conversations of agents who are disabled, or without a sign of life for too long."""
        cutoff = self._cutoff()
        for lapsed in list_lapsed(self._store, cutoff):
            if take_back(self._store, lapsed, cutoff, *self._entries(lapsed)):
                log.info("lease_lost", conversation=lapsed.conversation_id, agent=lapsed.agent_id)

    def wake(self) -> None:
        """Brings back what was snoozed until now, and at once what somebody snoozed whose account is disabled."""
        for snooze in list_ended_snoozes(self._store, self._store.clock()):
            entry = internal_entry(N_("Snooze over."))
            if snooze.disabled:
                told = N_("The account of %(name)s is disabled: the snooze is over.")
                entry = internal_entry(told, name=snooze.agent_name)
            if bring_back(self._store, snooze.conversation_id, entry):
                log.info("snooze_over", conversation=snooze.conversation_id)

    def _cutoff(self) -> int | None:
        now = self._store.clock()
        if now - self._began < GRACE_MS:
            return None
        return now - self.settings.desk.lease_minutes * 60_000

    def _entries(self, lapsed: Lapsed) -> tuple[NewMessage, NewMessage]:
        entry = internal_entry(N_("%(name)s is disabled. Back in the queue, in its old place."), name=lapsed.agent_name)
        if not lapsed.disabled:
            told = N_("%(name)s gave no sign of life for %(num)s minutes. Back in the queue, in its old place.")
            entry = internal_entry(told, name=lapsed.agent_name, num=self.settings.desk.lease_minutes)
        return entry, system_notice("taken_back", lapsed.spoken)

    def assign(self) -> None:
        """Gives what waits, in its order, to agents who are there and have room."""
        queue = list_waiting(self._store)
        if not queue:
            return
        team = load_team(self._store, self.settings)
        for waiting in queue:
            if not any(team.is_free(member) for member in team.members):
                return
            agent = choose_agent(waiting, team)
            if agent is None:
                continue
            joined = system_notice("joined", waiting.spoken, name=agent.name_for_customers)
            if claim(self._store, waiting.id, agent.agent_id, joined, within=agent.capacity).won:
                log.info("assigned", conversation=waiting.conversation_id, agent=agent.agent_id)
                team = team.after_giving(agent.agent_id)
            else:  # somebody was quicker, or the agent has just left or got another: things are not as we think
                team = load_team(self._store, self.settings)
