"""How much waits: the sizes of the queue and of an agent's inbox, cheap enough to be asked again and again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Row, case, func, select

from odziv.store.engine import Store
from odziv.store.schema import conversations, handoffs


@dataclass(frozen=True)
class Workload:
    """How many wait, one agent has, are snoozed, and a mark for each list that differs whenever the list does."""

    waiting: int
    mine: int
    snoozed: int
    queue_mark: str
    inbox_mark: str


@dataclass(frozen=True)
class Group:
    """How many are in a list, and a mark that differs whenever the list does."""

    size: int = 0
    mark: str = "0"


@dataclass(frozen=True)
class TeamWorkload:
    """What waits, is snoozed, and every agent has: for each list how many are in it, and its mark."""

    waiting: Group
    snoozed: Group
    taken: Mapping[int, Group]  # by agent

    def of(self, agent_id: int) -> Workload:
        """What one agent sees of it."""
        mine = self.taken.get(agent_id, Group())
        inbox_mark = f"{mine.mark}.{self.snoozed.mark}"
        return Workload(self.waiting.size, mine.size, self.snoozed.size, self.waiting.mark, inbox_mark)


def measure_team(store: Store) -> TeamWorkload:
    """The sizes of the queue and of all agents' inboxes, and whether they changed, in one query."""
    return _read_team(store, handoffs.c.status == "claimed")


def measure_workload(store: Store, agent_id: int) -> Workload:
    """The sizes of the queue and of one agent's inbox, and whether they changed, in one cheap query."""
    return _read_team(store, (handoffs.c.status == "claimed") & (handoffs.c.agent_id == agent_id)).of(agent_id)


def _read_team(store: Store, taken: ColumnElement[bool]) -> TeamWorkload:
    owner = case((handoffs.c.status == "claimed", handoffs.c.agent_id)).label("owner")
    statement = (
        select(
            handoffs.c.status,
            owner,
            func.count().label("size"),
            func.max(handoffs.c.id).label("newest"),
            func.sum(conversations.c.updated_at).label("updated"),
            func.sum(func.coalesce(handoffs.c.deferred_to, 0)).label("deferred"),
        )
        .select_from(handoffs.join(conversations, conversations.c.id == handoffs.c.conversation_id))
        .where(handoffs.c.status.in_(("waiting", "snoozed")) | taken)
        .group_by(handoffs.c.status, owner)
    )
    with store.read() as connection:
        found = {(row.status, row.owner): _read_group(row) for row in connection.execute(statement)}
    by_agent = {owner: group for (status, owner), group in found.items() if status == "claimed"}
    return TeamWorkload(found.get(("waiting", None), Group()), found.get(("snoozed", None), Group()), by_agent)


def _read_group(row: Row) -> Group:
    return Group(row.size, f"{row.size}-{row.newest}-{row.updated}-{row.deferred}")


def count_waiting(store: Store) -> int:
    """How many handoffs wait."""
    with store.read() as connection:
        statement = select(func.count()).select_from(handoffs).where(handoffs.c.status == "waiting")
        return connection.execute(statement).scalar_one()
