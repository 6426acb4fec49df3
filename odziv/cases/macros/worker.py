"""Does what agents asked for, when it can't be undone any more. A restart does what waited meanwhile."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import structlog

from odziv.bus.bus import Bus
from odziv.bus.messages import Kind
from odziv.cases.conversations.entries import internal_entry
from odziv.cases.macros.doing import do_steps, get_actor
from odziv.cases.macros.steps import read_steps
from odziv.cases.refused import Refused
from odziv.settings import Settings
from odziv.store import Store
from odziv.store.conversations.messages import NewMessage, append_message
from odziv.store.engine import Joined, StoreFailed
from odziv.store.lengths import LONGEST_PROBLEM
from odziv.store.macros.scheduled_actions import (
    MACRO,
    ScheduledAction,
    find_next_action,
    finish_done,
    finish_refused,
    forget_finished,
    take_action,
)
from odziv.store.queue import Worker
from odziv.texts.desk import N_

log = structlog.get_logger()
ACTIONS_DUE = Kind("actions", (bool,))  # told by a process that only writes down what is to be done
MOST_ATTEMPTS = 5
FAILED = N_("It failed several times on our side. Please do it by hand, and tell whoever runs this server.")


class ScheduledActions(Worker):
    """Sleeps until the next is due. Each is done in one transaction with the row that says so."""

    def __init__(self, store: Store, settings: Settings) -> None:
        super().__init__(store, "scheduled-actions", self._do_next, partial(find_next_action, store))
        self.settings = settings

    def join(self, bus: Bus) -> None:
        """From now on other processes can wake it."""
        bus.subscribe(ACTIONS_DUE, lambda _items: self.wake())

    def _run_once(self) -> float | None:
        return self.look()

    def look(self) -> float | None:
        """Does what is due; returns the seconds until the next look."""
        self.work_off()
        forget_finished(self._store)
        return self.seconds_to_next()

    def _do_next(self) -> bool:
        action = take_action(self._store)
        if action is None:
            return False
        try:
            self._do(action)
        except Refused as refused:
            self._refuse(action, refused.problem)
        except StoreFailed:  # tried again when the lease is over
            log.exception("action_failed", conversation=action.conversation_id, attempt=action.attempts)
            if action.attempts >= MOST_ATTEMPTS:
                self._refuse(action, FAILED)
        return True

    def _do(self, action: ScheduledAction) -> None:
        steps = read_steps(action.steps)
        with self._store.write() as connection:
            if not finish_done(connection, action):
                return
            joined = Joined(connection)
            agent = get_actor(joined, action.agent_id)
            if action.kind == MACRO:
                entry = internal_entry(N_("%(agent)s ran the macro “%(name)s”."), agent=agent.name, name=action.name)
                append_message(connection, action.conversation_id, entry)
            do_steps(joined, self.settings, agent, action.conversation_id, steps, key=action.batch, seen=action.seen)

    def _refuse(self, action: ScheduledAction, problem: str) -> None:
        """Of a macro its agent is told in the conversation, and under their mentions; of several, the list says it."""
        told = [_tell_not_run(action, problem)] if action.kind == MACRO else []
        finish_refused(self._store, action, problem[:LONGEST_PROBLEM], *told)
        log.info("action_refused", conversation=action.conversation_id, kind=action.kind)


def _tell_not_run(action: ScheduledAction, problem: str) -> NewMessage:
    entry = internal_entry(
        N_("The macro “%(name)s” was not run, and nothing of it was done. %(problem)s"),
        name=action.name,
        problem=problem,
    )
    return replace(entry, mentions=(action.agent_id,))
