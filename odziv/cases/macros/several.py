"""Several conversations at once: what can be done with them, one by one; what can't be with one stops no other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from odziv.cases.conversations.claim import claim_conversation
from odziv.cases.conversations.lookup import get_conversation
from odziv.cases.conversations.reassign import take_over
from odziv.cases.macros.doing import do_steps
from odziv.cases.macros.steps import Steps
from odziv.cases.refused import Refused
from odziv.settings import Settings
from odziv.store import Store
from odziv.store.agents.agent import Agent
from odziv.store.engine import Joined
from odziv.store.lengths import LONGEST_PROBLEM
from odziv.store.lists.made import MadeOtherwise
from odziv.store.macros import scheduled_actions
from odziv.store.macros.scheduled_actions import PROGRAM, ScheduledAction, note_outcome, note_several, schedule_actions

WHAT = ("take", "assign", "resolve", "label", "unlabel", "priority", "spam")
MOST_AT_ONCE = 500
Chosen = Sequence[tuple[str, int | None]]  # each with the number of the last message that was seen of it


def choose_steps(what: str, *, to: int = 0, label: int = 0, priority: str | None = None) -> Steps:
    """What is done with each; of "take" no steps: it is `take_or_take_over`."""
    if what == "label":
        return Steps(labels_on=(label,))
    if what == "unlabel":
        return Steps(labels_off=(label,))
    if what == "priority":
        return Steps(priority=priority)
    if what == "take":
        return Steps()
    return Steps(end=what, to=to if what == "assign" else None)


def take_or_take_over(store: Store, settings: Settings, agent: Agent, conversation_id: str) -> None:
    """Takes one that waits, or that a colleague has. Raises Refused."""
    if get_conversation(store, conversation_id).status == "queued":
        claim_conversation(store, agent, conversation_id)
    else:
        take_over(store, settings, agent, conversation_id)


def do_for_program(
    store: Store, settings: Settings, agent: Agent, what: str, steps: Steps, chosen: Chosen, *, key: str, delay_ms: int
) -> list[ScheduledAction]:
    """Does it with each of those `chosen`, now or after `delay_ms`, and returns what came of it, without those there
    aren't; a repeat of `key` does nothing again. Raises MadeOtherwise for a `key` by which something else was done."""
    batch, kept = name_batch(agent, key), steps.model_dump(mode="json", exclude_defaults=True)
    known = scheduled_actions.list_batch(store, batch, agent.id)
    if any((row.name, row.steps) != (what, kept) for row in known) or (
        {row.conversation_id for row in known} - {one for one, _ in chosen}
    ):
        raise MadeOtherwise(key)
    if delay_ms:
        schedule_actions(store, agent.id, batch, PROGRAM, what, kept, chosen, store.clock() + delay_ms)
    else:
        if not known:
            note_several(store, agent.id, what, [one for one, _ in chosen])
        done = {row.conversation_id for row in known}
        for one, seen in chosen:
            if one not in done:
                act = _choose_verb(settings, agent, what, one, steps, key, seen)
                _do_and_note(store, agent, batch, what, kept, one, act)
    return scheduled_actions.list_batch(store, batch, agent.id)


def name_batch(agent: Agent, key: str) -> str:
    """Under which name it is kept. No key of a macro's press has such a sign in it."""
    return f"{agent.id}-~{key}"


def _choose_verb(
    settings: Settings, agent: Agent, what: str, conversation_id: str, steps: Steps, key: str, seen: int | None
) -> Callable[[Store], None]:
    if what == "take":
        return lambda store: take_or_take_over(store, settings, agent, conversation_id)
    return partial(
        do_steps,
        settings=settings,
        agent=agent,
        conversation_id=conversation_id,
        steps=steps,
        key=f"{key}-{conversation_id}",
        seen=seen,
    )


def _do_and_note(
    store: Store,
    agent: Agent,
    batch: str,
    what: str,
    kept: dict[str, object],
    conversation_id: str,
    act: Callable[[Store], None],
) -> None:
    """In one transaction: what is noted has happened. A refusal is noted in one of its own."""
    row = (PROGRAM, agent.id, batch, what, kept, conversation_id)
    try:
        with store.write() as connection:
            if note_outcome(connection, *row):
                act(Joined(connection))
    except Refused as refused:
        with store.write() as connection:
            note_outcome(connection, *row, problem=refused.problem[:LONGEST_PROBLEM])
