"""Who gets whom: the next conversation for an agent, and the agent for a conversation. Decides; changes nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Protocol

from odziv.settings import Settings
from odziv.store import Store
from odziv.store.agents.availability import AgentAvailability, list_availability
from odziv.store.handoffs.queue_view import Before, Waiting


class Asked(Protocol):
    """For whom somebody waits: agents of a language and, if there is one, a topic."""

    @property
    def language(self) -> str: ...

    @property
    def topic(self) -> str | None: ...


@dataclass(frozen=True)
class Team:
    """Every agent with the defaults filled in, and who of them is there."""

    members: tuple[AgentAvailability, ...]
    now: int

    def takers(self, waiting: Waiting) -> list[AgentAvailability]:
        """Who there could be given this one: available, with room, and with its language and topic."""
        return [member for member in self.members if self.is_free(member) and has_skills(member, waiting)]

    def is_free(self, member: AgentAvailability) -> bool:
        """Whether this agent can be given something now."""
        return member.is_online(self.now) and member.available and member.open < (member.capacity or 0)

    def after_giving(self, agent_id: int) -> Team:
        """The team as it is when this agent was given one more now."""
        given = (
            replace(member, open=member.open + 1, last_given=self.now) if member.agent_id == agent_id else member
            for member in self.members
        )
        return replace(self, members=tuple(given))


def load_team(store: Store, settings: Settings) -> Team:
    """The agents as they are now."""
    return Team(tuple(fill_in(member, settings) for member in list_availability(store)), store.clock())


def fill_in(member: AgentAvailability, settings: Settings) -> AgentAvailability:
    """The same with config.yml's defaults where nothing is set for this agent."""
    return replace(
        member,
        capacity=member.capacity or settings.desk.agent_capacity,
        languages=member.languages or settings.desk.agent_languages or settings.languages,
        topics=member.topics or settings.desk.agent_topics,
    )


def speaks(member: AgentAvailability, waiting: Asked) -> bool:
    """Whether the agent has its language."""
    return waiting.language in member.languages


def has_skills(member: AgentAvailability, waiting: Asked) -> bool:
    """Whether the agent has its language and its topic. No topic, or none set for the agent, is any topic."""
    return speaks(member, waiting) and (not waiting.topic or not member.topics or waiting.topic in member.topics)


def order_for(me: AgentAvailability, queue: Iterable[Waiting], team: Team) -> list[Waiting]:
    """What "Take next" tries for an agent, best first; `queue` is in its fair order.

    First come those in a language of theirs, unless the topic is a colleague's who is there and has room; then those
    in other languages that nobody else there can take. What they passed on themselves comes only when nobody else can.
    """
    in_my_language, in_others = [], []
    for waiting in queue:
        others = [member for member in team.takers(waiting) if member.agent_id != me.agent_id]
        is_mine = has_skills(me, waiting) and waiting.passed_by != me.agent_id
        if speaks(me, waiting) and (is_mine or not others):
            in_my_language.append(waiting)
        elif not others:
            in_others.append(waiting)
    return in_my_language + in_others


def find_place(waiting: Asked, before: Iterable[Before], team: Team) -> int:
    """How many come before somebody who waits, and one more: 1 is next. `before` stand before them in the queue.

    Only those count whom somebody would take first who can take this one: of the agents who are there those with its
    skills, or its language, or any; when nobody is there, of all agents.
    """
    there = [member for member in team.members if member.is_online(team.now) and member.available]
    candidates = there or [member for member in team.members if not member.disabled]
    skilled = [member for member in candidates if has_skills(member, waiting)]
    takers = skilled or [member for member in candidates if speaks(member, waiting)]
    if not takers:
        return 1 + sum(each.count for each in before)
    return 1 + sum(each.count for each in before if any(has_skills(member, each) for member in takers))


def choose_agent(waiting: Waiting, team: Team) -> AgentAvailability | None:
    """Who is given this one by itself: who has its language and room, the topic if any of them has, the least busy.

    Among equally busy ones, whoever was given something longest ago. Never who passed it on. None when nobody can.
    """
    speakers = [
        member
        for member in team.members
        if team.is_free(member) and speaks(member, waiting) and member.agent_id != waiting.passed_by
    ]
    skilled = [member for member in speakers if has_skills(member, waiting)]
    return min(skilled or speakers, key=lambda member: (member.open, member.last_given, member.agent_id), default=None)
