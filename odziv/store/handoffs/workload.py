"""How much waits: the sizes of the queue and of an agent's inbox, cheap enough to be asked again and again."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

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


def measure_workload(store: Store, agent_id: int) -> Workload:
    """The sizes of the queue and of one agent's inbox, and whether they changed, in one cheap query."""
    mine = (handoffs.c.status == "claimed") & (handoffs.c.agent_id == agent_id)
    statement = (
        select(
            handoffs.c.status,
            func.count().label("size"),
            func.max(handoffs.c.id).label("newest"),
            func.sum(conversations.c.updated_at).label("updated"),
            func.sum(func.coalesce(handoffs.c.deferred_to, 0)).label("deferred"),
        )
        .select_from(handoffs.join(conversations, conversations.c.id == handoffs.c.conversation_id))
        .where(handoffs.c.status.in_(("waiting", "snoozed")) | mine)
        .group_by(handoffs.c.status)
    )
    with store.read() as connection:
        rows = {row.status: row for row in connection.execute(statement)}
    sizes = {status: row.size for status, row in rows.items()}
    marks = {status: f"{row.size}-{row.newest}-{row.updated}-{row.deferred}" for status, row in rows.items()}
    inbox_mark = f"{marks.get('claimed', '0')}.{marks.get('snoozed', '0')}"
    waiting, mine, snoozed = (sizes.get(status, 0) for status in ("waiting", "claimed", "snoozed"))
    return Workload(waiting, mine, snoozed, marks.get("waiting", "0"), inbox_mark)


def count_waiting(store: Store) -> int:
    """How many handoffs wait."""
    with store.read() as connection:
        statement = select(func.count()).select_from(handoffs).where(handoffs.c.status == "waiting")
        return connection.execute(statement).scalar_one()
