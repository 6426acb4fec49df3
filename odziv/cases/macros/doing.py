"""Does the steps of a macro, by the verbs that agents use one by one: all of them, or none."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from odziv.cases.conversations.reassign import assign
from odziv.cases.conversations.release import release_conversation
from odziv.cases.conversations.reply import check_writing, draft_message, write_message
from odziv.cases.conversations.snooze import choose_moment, snooze
from odziv.cases.conversations.spam import mark_spam
from odziv.cases.conversations.targets import get_current_handoff, prioritise
from odziv.cases.conversations.transfer import QueueTarget, pass_to_queue
from odziv.cases.fields.values import fill_in
from odziv.cases.labels.marking import put_label, take_label_off
from odziv.cases.macros.steps import Steps
from odziv.cases.refused import Kind, Refused
from odziv.settings import Settings
from odziv.store import Store
from odziv.store.agents.agent import Agent, find_agent
from odziv.store.engine import Joined
from odziv.texts.desk import _


class _OnlyTried(Exception):
    """Everything would work; nothing is kept."""


def do_steps(
    store: Store, settings: Settings, agent: Agent, conversation_id: str, steps: Steps, *, key: str, seen: int | None
) -> None:
    """Does them. `store` has to be a Joined, so that nothing is left of them where one is refused. `key` names the
    press, so that what it says is said once. Raises Refused."""
    for label_id in steps.labels_off:
        take_label_off(store, agent, conversation_id, label_id)
    for label_id in steps.labels_on:
        put_label(store, agent, conversation_id, label_id)
    for field_id, text in steps.fields.items():
        fill_in(store, agent, conversation_id, field_id, text)
    if steps.priority:
        prioritise(store, agent, get_current_handoff(store, conversation_id).id, steps.priority)
    if steps.note:
        _write(store, agent, conversation_id, steps.note, f"{key}-note", internal=True)
    if steps.text:
        _write(store, agent, conversation_id, steps.text, key, internal=False)
    elif steps.reply is not None:
        raise Refused(Kind.CONFLICT, _("Nothing was done: its saved reply is deleted, or empty."))
    if steps.end:
        _end(store, settings, agent, conversation_id, steps, seen)


def find_hindrance(
    store: Store, settings: Settings, agent: Agent, conversation_id: str, steps: Steps, *, seen: int | None = None
) -> str | None:
    """Why the steps can't be done now, in a sentence; None when they can. They are tried, and nothing is kept."""
    try:
        with store.write() as connection:
            do_steps(Joined(connection), settings, agent, conversation_id, steps, key="tried", seen=seen)
            raise _OnlyTried
    except _OnlyTried:
        return None
    except Refused as refused:
        return refused.problem


def get_actor(store: Store, agent_id: int) -> Agent:
    """Who asked for it. Raises Refused where their account is disabled by now."""
    agent = find_agent(store, agent_id)
    if agent is None or agent.disabled:
        raise Refused(Kind.FORBIDDEN, _("The account of whoever asked for it is disabled."))
    return agent


def _write(store: Store, agent: Agent, conversation_id: str, text: str, key: str, *, internal: bool) -> None:
    check_writing(text, (), internal=internal)
    client_id = hashlib.sha256(key.encode()).hexdigest()[:24]
    write_message(store, agent, conversation_id, draft_message(store, agent, text, client_id, internal=internal))


def _end(store: Store, settings: Settings, agent: Agent, conversation_id: str, steps: Steps, seen: int | None) -> None:
    if steps.end == "resolve":
        release_conversation(store, agent, conversation_id, "resolved", seen=seen)
    elif steps.end == "snooze":
        zone = ZoneInfo(settings.calendar().time_zone)
        now = datetime.fromtimestamp(store.clock() / 1000, UTC)
        snooze(store, agent, conversation_id, choose_moment(steps.snooze or "", "", zone, now), seen=seen)
    elif steps.end == "assign":
        assign(store, settings, agent, conversation_id, str(steps.to))
    elif steps.end == "queue":
        pass_to_queue(store, settings, agent, conversation_id, QueueTarget(None, steps.topic), None)
    elif steps.end == "spam":
        mark_spam(store, agent, conversation_id)
