"""What waits too long while nobody is available: found, noted, and told to those who asked to be written to."""

from __future__ import annotations

from collections.abc import Sequence

from kb.render import render_plain
from odziv.cases.routing import Team, has_skills
from odziv.cases.targets import find_target
from odziv.settings import Settings
from odziv.store import Store
from odziv.store.agents.availability import is_anyone_available
from odziv.store.conversations.messages import NewMessage
from odziv.store.handoffs.handoff import Handoff, list_queue
from odziv.store.handoffs.targets import mark_told as note_told
from odziv.texts.desk import N_

TEXT = N_("Nobody was at the desk when this was due.")


def list_overdue(store: Store, settings: Settings) -> list[Handoff]:
    """The waiting handoffs whose target is missed while nobody is there, and of whom nobody was told.

    Somebody in danger is told of at once.
    """
    if is_anyone_available(store):
        return []
    now = store.clock()
    waiting = (handoff for handoff in list_queue(store) if handoff.told_at is None)
    return [h for h in waiting if h.reason == "danger" or _is_past(h, settings, now)]


def _is_past(handoff: Handoff, settings: Settings, now: int) -> bool:
    due = find_target(handoff, settings)
    return due is not None and due.at <= now


def list_to_tell(team: Team, handoff: Handoff) -> list[int]:
    """The ids of the agents to be written to: not there, with its language and topic, and willing."""
    return [
        member.agent_id
        for member in team.members
        if member.wants_mail and not member.disabled and not member.is_online(team.now) and has_skills(member, handoff)
    ]


def mark_told(store: Store, handoff: Handoff, agent_ids: Sequence[int] = ()) -> bool:
    """Notes it at the desk and has these agents and the webhooks told, once for a handoff; True for who did it."""
    entry = NewMessage(sender="system", text=TEXT, html=render_plain(TEXT), internal=True)
    return note_told(store, handoff.id, entry, agent_ids)
