"""The page "Agents": who is there, and what each takes. For administrators."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from flask import flash, redirect, url_for
from flask_login import current_user
from pydantic import BeforeValidator
from werkzeug.wrappers import Response as AnyResponse

from odziv.cases.refused import Kind, Refused
from odziv.cases.topics import list_topics
from odziv.desk.frame.lookups import LARGEST_ID, or_404
from odziv.desk.frame.page import show_page
from odziv.desk.frame.roles import ADMIN, action, page
from odziv.store.agents.availability import AgentAvailability, find_availability, list_availability, set_skills
from odziv.texts.desk import N_, _
from odziv.web.forms import Form, Wrong, read_form, to_number
from odziv.web.services import services

MOST_CAPACITY = 100


def read_capacity(value: str) -> int | None:
    """A capacity; None for none of their own. Raises ValueError for what is none."""
    value = value.strip()
    if value and not (to_number(value, MOST_CAPACITY) or 0) >= 1:
        raise ValueError("no capacity")
    return to_number(value)


class SkillsForm(Form):
    """What one agent takes."""

    capacity: Annotated[
        int | None,
        BeforeValidator(read_capacity),
        Wrong(
            Kind.UNFIT,
            N_("Not saved: the capacity must be a whole number from 1 to %(most)s, or empty."),
            {"most": MOST_CAPACITY},
        ),
    ] = None
    languages: list[str] = []
    topics: list[str] = []


@page("/agents/skills", needs=ADMIN)
def show_skills() -> str:
    """Every agent with languages, topics and capacity."""
    now = services().store.clock()
    members = [member for member in list_availability(services().store) if not member.disabled]
    return show_page(
        "desk/people/skills.html",
        "agents",
        members=[(member, _state(member, now), _with_former(member)) for member in members],
        languages=services().settings.languages,
        defaults=services().settings.desk,
        most=MOST_CAPACITY,
    )


@action(f"/agents/<int(max={LARGEST_ID}):agent_id>/skills", needs=ADMIN)
def save_skills(agent_id: int) -> AnyResponse:
    """Stores what one agent takes. 422 names the field that can't be used."""
    member, sent = or_404(find_availability(services().store, agent_id)), read_form(SkillsForm)
    set_skills(
        services().store,
        agent_id,
        capacity=sent.capacity,
        languages=_choose(
            N_("Not saved: there is no language “%(name)s” here."), sent.languages, services().settings.languages
        ),
        topics=_choose(N_("Not saved: there is no topic “%(name)s” here."), sent.topics, _with_former(member)),
        by=current_user.id,
    )
    flash(_("Saved: %(name)s.", name=member.name))
    return redirect(url_for("desk.show_skills", _anchor=f"agent-{agent_id}"), 303)


def _state(member: AgentAvailability, now: int) -> str:
    if not member.is_online(now):
        return "Offline"
    return "Available" if member.available else "Away"


def _with_former(member: AgentAvailability) -> list[str]:
    """The topics to choose from: those there are, and the agent's own though their articles may be gone."""
    return sorted({*list_topics(services().settings), *member.topics})


def _choose(told: str, chosen: Iterable[str], offered: Iterable[str]) -> list[str]:
    """The chosen ones, in the order they are offered."""
    offered, chosen = list(offered), set(chosen)
    if unknown := chosen.difference(offered):
        raise Refused(Kind.UNFIT, _(told, name=min(unknown)[:64]))
    return [choice for choice in offered if choice in chosen]
