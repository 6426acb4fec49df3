"""A macro is pressed, or something is asked for several conversations at once: it waits as long as it can be undone."""

from __future__ import annotations

from collections.abc import Sequence

from odziv.cases.conversations.entries import internal_entry
from odziv.cases.conversations.lookup import get_conversation
from odziv.cases.macros.doing import do_steps, find_hindrance
from odziv.cases.macros.steps import Steps
from odziv.cases.refused import Kind, Refused
from odziv.settings import Settings
from odziv.store import Store
from odziv.store.agents.agent import Agent
from odziv.store.conversations.messages import append_message
from odziv.store.engine import Joined
from odziv.store.macros import scheduled_actions
from odziv.store.macros.scheduled_actions import MACRO, SEVERAL, ScheduledAction, note_done, schedule_actions
from odziv.texts.desk import N_, _

TOO_LATE = N_("Too late: it has been done.")


def press_macro(
    store: Store,
    settings: Settings,
    agent: Agent,
    conversation_id: str,
    name: str,
    steps: Steps,
    *,
    key: str,
    seen: int | None,
    delay_ms: int,
) -> bool:
    """Does the steps after `delay_ms`, in which the agent can undo it; with 0 at once. `key` names the press: a repeat
    changes nothing. Returns whether it waits. Raises Refused where it can't be done now; then nothing is."""
    get_conversation(store, conversation_id)
    batch = _batch(agent, key)
    if scheduled_actions.list_batch(store, batch, agent.id):
        return delay_ms > 0
    if not delay_ms:
        _run_at_once(store, settings, agent, conversation_id, name, steps, batch, seen)
        return False
    if problem := find_hindrance(store, settings, agent, conversation_id, steps, seen=seen):
        raise Refused(Kind.CONFLICT, problem)
    chosen, due_at = [(conversation_id, seen)], store.clock() + delay_ms
    schedule_actions(store, agent.id, batch, MACRO, name, _kept(steps), chosen, due_at)
    return True


def ask_for_several(
    store: Store,
    agent: Agent,
    name: str,
    steps: Steps,
    chosen: Sequence[tuple[str, int | None]],
    *,
    key: str,
    delay_ms: int,
) -> str:
    """Has the steps done with each of the conversations `chosen` after `delay_ms`; what can't be done with one stops
    none of the others. Returns the batch, by which it is undone, and its outcome is found."""
    batch = _batch(agent, key)
    schedule_actions(store, agent.id, batch, SEVERAL, name, _kept(steps), chosen, store.clock() + delay_ms)
    return batch


def do_for_several(
    store: Store, settings: Settings, agent: Agent, steps: Steps, chosen: Sequence[tuple[str, int | None]], *, key: str
) -> list[tuple[str, str | None]]:
    """Does the steps with each of the conversations `chosen` now; returns each with why it couldn't be, or None."""
    return [(one, _do_now(store, settings, agent, steps, one, seen, key)) for one, seen in chosen]


def _do_now(
    store: Store, settings: Settings, agent: Agent, steps: Steps, conversation_id: str, seen: int | None, key: str
) -> str | None:
    try:
        get_conversation(store, conversation_id)
        with store.write() as connection:
            do_steps(Joined(connection), settings, agent, conversation_id, steps, key=key, seen=seen)
    except Refused as refused:
        return refused.problem
    return None


def undo(store: Store, agent: Agent, batch: str) -> list[ScheduledAction]:
    """Takes back what the agent asked for with one press, as far as it has not begun; returns these. Raises Refused
    when all of it has."""
    taken_back = scheduled_actions.undo_actions(store, batch, agent.id)
    if not taken_back:
        raise Refused(Kind.CONFLICT, _(TOO_LATE))
    return taken_back


def _run_at_once(
    store: Store,
    settings: Settings,
    agent: Agent,
    conversation_id: str,
    name: str,
    steps: Steps,
    batch: str,
    seen: int | None,
) -> None:
    with store.write() as connection:
        if note_done(connection, agent.id, batch, name, _kept(steps), conversation_id):
            append_message(
                connection,
                conversation_id,
                internal_entry(N_("%(agent)s ran the macro “%(name)s”."), agent=agent.name, name=name),
            )
            do_steps(Joined(connection), settings, agent, conversation_id, steps, key=batch, seen=seen)


def _batch(agent: Agent, key: str) -> str:
    return f"{agent.id}-{key}"


def _kept(steps: Steps) -> dict[str, object]:
    return steps.model_dump(exclude_defaults=True)
