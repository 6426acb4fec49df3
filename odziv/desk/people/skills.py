"""The page "Agents": who is there, and what each takes. For administrators."""

from __future__ import annotations

from collections.abc import Iterable

from flask import flash, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from odziv.cases.refused import Kind, Refused
from odziv.cases.topics import list_topics
from odziv.desk.frame.lookups import LARGEST_ID, or_404
from odziv.desk.frame.page import show_page
from odziv.desk.frame.roles import ADMIN, action, page
from odziv.store.agents.availability import AgentAvailability, find_availability, list_availability, set_skills
from odziv.web.services import services

MOST_CAPACITY = 100


@page("/agents/skills", needs=ADMIN)
def show_skills() -> str:
    """Every agent with languages, topics and capacity."""
    now = services().store.clock()
    members = [member for member in list_availability(services().store) if not member.disabled]
    return show_page(
        "desk/skills.html",
        "agents",
        members=[(member, _state(member, now), _with_former(member)) for member in members],
        languages=services().settings.languages,
        defaults=services().settings.desk,
        most=MOST_CAPACITY,
    )


@action(f"/agents/<int(max={LARGEST_ID}):agent_id>/skills", needs=ADMIN)
def save_skills(agent_id: int) -> AnyResponse:
    """Stores what one agent takes. 422 names the field that can't be used."""
    member = or_404(find_availability(services().store, agent_id))
    set_skills(
        services().store,
        agent_id,
        capacity=_read_capacity(),
        languages=_read_choices("languages", "language", services().settings.languages),
        topics=_read_choices("topics", "topic", _with_former(member)),
        by=current_user.id,
    )
    flash(f"Saved: {member.name}.")
    return redirect(url_for("desk.show_skills", _anchor=f"agent-{agent_id}"), 303)


def _state(member: AgentAvailability, now: int) -> str:
    if not member.is_online(now):
        return "Offline"
    return "Available" if member.available else "Away"


def _with_former(member: AgentAvailability) -> list[str]:
    """The topics to choose from: those there are, and the agent's own though their articles may be gone."""
    return sorted({*list_topics(services().settings), *member.topics})


def _read_capacity() -> int | None:
    value = request.form.get("capacity", "").strip()
    if not value:
        return None
    if not (value.isascii() and value.isdigit() and 1 <= int(value[:4]) <= MOST_CAPACITY and len(value) <= 3):
        raise Refused(
            Kind.UNFIT, f"Not saved: the capacity must be a whole number from 1 to {MOST_CAPACITY}, or empty."
        )
    return int(value)


def _read_choices(name: str, word: str, offered: Iterable[str]) -> list[str]:
    """The chosen ones, in the order they are offered."""
    offered, chosen = list(offered), set(request.form.getlist(name))
    if unknown := chosen.difference(offered):
        raise Refused(Kind.UNFIT, f"Not saved: there is no {word} “{min(unknown)[:64]}” here.")
    return [choice for choice in offered if choice in chosen]
