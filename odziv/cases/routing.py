"""Who gets whom: the next conversation for an agent, and the agent for a conversation. Decides; changes nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from odziv.settings import Settings
from odziv.store import Store
from odziv.store.agents.availability import Duty, list_duties
from odziv.store.handoffs.handoff import Handoff
from odziv.store.handoffs.queue_view import Waiting


@dataclass(frozen=True)
class Team:
    """Every agent with the defaults filled in, and who of them is there."""

    duties: tuple[Duty, ...]
    now: int

    def takers(self, waiting: Waiting) -> list[Duty]:
        """Who there could be given this one: available, with room, and with its language and topic."""
        return [duty for duty in self.duties if self.is_free(duty) and has_skills(duty, waiting)]

    def is_free(self, duty: Duty) -> bool:
        """Whether this agent can be given something now."""
        return duty.is_online(self.now) and duty.available and duty.open < (duty.capacity or 0)

    def after_giving(self, agent_id: int) -> Team:
        """The team as it is when this agent was given one more now."""
        given = (
            replace(duty, open=duty.open + 1, last_given=self.now) if duty.agent_id == agent_id else duty
            for duty in self.duties
        )
        return replace(self, duties=tuple(given))


def load_team(store: Store, settings: Settings) -> Team:
    """The agents as they are now."""
    return Team(tuple(fill_in(duty, settings) for duty in list_duties(store)), store.clock())


def fill_in(duty: Duty, settings: Settings) -> Duty:
    """The same with config.yml's defaults where nothing is set for this agent."""
    return replace(
        duty,
        capacity=duty.capacity or settings.desk.agent_capacity,
        languages=duty.languages or settings.desk.agent_languages or settings.languages,
        topics=duty.topics or settings.desk.agent_topics,
    )


def speaks(duty: Duty, waiting: Waiting | Handoff) -> bool:
    """Whether the agent has its language."""
    return waiting.language in duty.languages


def has_skills(duty: Duty, waiting: Waiting | Handoff) -> bool:
    """Whether the agent has its language and its topic. No topic, or none set for the agent, is any topic."""
    return speaks(duty, waiting) and (not waiting.topic or not duty.topics or waiting.topic in duty.topics)


def order_for(me: Duty, queue: Iterable[Waiting], team: Team) -> list[Waiting]:
    """What "Take next" tries for an agent, best first; `queue` is in its fair order.

    First come those in a language of theirs, unless the topic is a colleague's who is there and has room; then those
    in other languages that nobody else there can take. What they passed on themselves comes only when nobody else can.
    """
    in_my_language, in_others = [], []
    for waiting in queue:
        others = [duty for duty in team.takers(waiting) if duty.agent_id != me.agent_id]
        is_mine = has_skills(me, waiting) and waiting.passed_by != me.agent_id
        if speaks(me, waiting) and (is_mine or not others):
            in_my_language.append(waiting)
        elif not others:
            in_others.append(waiting)
    return in_my_language + in_others


def choose_agent(waiting: Waiting, team: Team) -> Duty | None:
    """Who is given this one by itself: who has its language and room, the topic if any of them has, the least busy.

    Among equally busy ones, whoever was given something longest ago. Never who passed it on. None when nobody can.
    """
    speakers = [
        duty
        for duty in team.duties
        if team.is_free(duty) and speaks(duty, waiting) and duty.agent_id != waiting.passed_by
    ]
    skilled = [duty for duty in speakers if has_skills(duty, waiting)]
    return min(skilled or speakers, key=lambda duty: (duty.open, duty.last_given, duty.agent_id), default=None)
