"""Who has what, since when, and how long customers wait: now, by agent and by queue, and today."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from statistics import median
from zoneinfo import ZoneInfo

from odziv.cases.routing import load_team
from odziv.settings import Settings
from odziv.store import Store
from odziv.store.agents.availability import AgentAvailability
from odziv.store.handoffs.in_hand import InHand, count_resolved, list_in_hand
from odziv.store.handoffs.reports import list_handoffs_between

MOST_OF_TEN = 0.9


@dataclass(frozen=True)
class AgentNow:
    """An agent with what they have, the longest wait first, and what is snoozed; `resolved` is how many today."""

    member: AgentAvailability
    is_online: bool
    has: list[InHand]
    snoozed: list[InHand]
    resolved: int

    @property
    def waits_since(self) -> int | None:
        """Since when the customer who waits longest for their answer does; None: all have theirs."""
        return min((one.waits_since for one in self.has if one.waits_since is not None), default=None)

    @property
    def waiting(self) -> int:
        """How many of their customers wait for an answer."""
        return sum(one.waits_since is not None for one in self.has)


@dataclass(frozen=True)
class QueueNow:
    """Those who wait for a language and a topic, the first first."""

    language: str
    topic: str | None
    waiting: list[InHand]


@dataclass(frozen=True)
class Today:
    """Of those who came since the day began: how many, how many have their first answer, and after how long: half of
    them, and nine of ten, had it within so many milliseconds; None where nobody has."""

    came: int = 0
    answered: int = 0
    half: int | None = None
    most: int | None = None


@dataclass(frozen=True)
class Overview:
    """All of it at one moment."""

    agents: list[AgentNow] = field(default_factory=list)
    queues: list[QueueNow] = field(default_factory=list)
    today: Today = Today()

    @property
    def waiting(self) -> int:
        """How many wait for anybody."""
        return sum(len(queue.waiting) for queue in self.queues)

    @property
    def waits_since(self) -> int | None:
        """Since when the customer who waits longest does, in a queue or for the answer of who has them."""
        longest = [one.created_at for queue in self.queues for one in queue.waiting]
        longest += [agent.waits_since for agent in self.agents if agent.waits_since is not None]
        return min(longest, default=None)


def look_at_team(store: Store, settings: Settings) -> Overview:
    """Every agent who is there or has something, every queue in which somebody waits, and the business's day."""
    team, in_hand = load_team(store, settings), list_in_hand(store)
    begins = _begin_of_day(store.clock(), settings)
    resolved = count_resolved(store, begins)
    of_agent: dict[int | None, list[InHand]] = defaultdict(list)
    for one in in_hand:
        of_agent[one.agent_id if one.status != "waiting" else None].append(one)
    agents = [
        _describe(member, member.is_online(team.now), of_agent[member.agent_id], resolved.get(member.agent_id, 0))
        for member in team.members
    ]
    shown = [one for one in agents if one.is_online or one.has or one.snoozed or one.resolved]
    return Overview(sorted(shown, key=_is_urgent), _by_queue(of_agent[None]), _measure_today(store, begins))


def _describe(member: AgentAvailability, is_online: bool, theirs: Sequence[InHand], resolved: int) -> AgentNow:
    has = sorted((one for one in theirs if one.status == "claimed"), key=lambda one: one.waits_since or 2**62)
    return AgentNow(member, is_online, has, [one for one in theirs if one.status == "snoozed"], resolved)


def _is_urgent(agent: AgentNow) -> tuple[int, str]:
    """Who keeps a customer waiting longest comes first."""
    return agent.waits_since or 2**62, agent.member.name.casefold()


def _by_queue(waiting: Sequence[InHand]) -> list[QueueNow]:
    queues: dict[tuple[str, str | None], list[InHand]] = defaultdict(list)
    for one in waiting:
        queues[one.language, one.topic].append(one)
    found = [QueueNow(language, topic, those) for (language, topic), those in queues.items()]
    return sorted(found, key=lambda queue: queue.waiting[0].created_at)


def _measure_today(store: Store, begins: int) -> Today:
    came = list_handoffs_between(store, begins, store.clock() + 1)
    waits = sorted(max(0, row.replied_at - row.created_at) for row in came if row.replied_at is not None)
    if not waits:
        return Today(len(came))
    most = waits[min(len(waits) - 1, int(MOST_OF_TEN * len(waits)))]
    return Today(len(came), len(waits), round(median(waits)), most)


def _begin_of_day(now: int, settings: Settings) -> int:
    zone = ZoneInfo(settings.calendar().time_zone)
    here = datetime.fromtimestamp(now / 1000, UTC).astimezone(zone)
    return int(here.replace(hour=0, minute=0, second=0, microsecond=0, fold=0).timestamp() * 1000)
