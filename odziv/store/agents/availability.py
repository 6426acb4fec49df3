"""Which agents are there, what each can take, and how much each has. A claim lives as long as its agent is seen."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from odziv.store.agents.shown_name import name_for_customers
from odziv.store.audit import record
from odziv.store.engine import Store
from odziv.store.schema import agents, availability, handoffs

# An open page shows a sign of life every 30 s, every 60 s in a hidden tab: who is not seen for this long is not there.
ONLINE_MS = 120_000
# Signs of life closer together than this are one: each costs a commit.
RENEW_MS = 20_000


@dataclass(frozen=True)
class AgentAvailability:
    """An agent at work. `capacity` None, `languages` or `topics` empty: nothing of their own is set."""

    agent_id: int
    name: str
    email: str
    disabled: bool
    available: bool
    seen_at: int
    capacity: int | None
    languages: tuple[str, ...]
    topics: tuple[str, ...]
    open: int
    last_given: int
    wants_mail: bool = False
    shown_name: str | None = None

    @property
    def name_for_customers(self) -> str:
        """What customers read."""
        return name_for_customers(self.name, self.shown_name)

    def is_online(self, now: int) -> bool:
        """Whether a page of theirs showed a sign of life lately."""
        return not self.disabled and abs(now - self.seen_at) < ONLINE_MS  # abs: a clock set back makes no ghosts


def list_availability(store: Store) -> list[AgentAvailability]:
    """Every agent with what they take and have, by name, disabled ones included."""
    claimed = (
        select(handoffs.c.agent_id, func.count().label("open"), func.max(handoffs.c.claimed_at).label("last_given"))
        .where(handoffs.c.status == "claimed")
        .group_by(handoffs.c.agent_id)
        .subquery()
    )
    statement = (
        select(
            agents.c.id.label("agent_id"),
            agents.c.name,
            agents.c.shown_name,
            agents.c.email,
            agents.c.disabled,
            func.coalesce(availability.c.available, True).label("available"),
            func.coalesce(availability.c.seen_at, 0).label("seen_at"),
            availability.c.capacity,
            availability.c.languages,
            availability.c.topics,
            func.coalesce(availability.c.wants_mail, False).label("wants_mail"),
            func.coalesce(claimed.c.open, 0).label("open"),
            func.coalesce(claimed.c.last_given, 0).label("last_given"),
        )
        .select_from(
            agents.outerjoin(availability, availability.c.agent_id == agents.c.id).outerjoin(
                claimed, claimed.c.agent_id == agents.c.id
            )
        )
        .order_by(agents.c.name, agents.c.id)
    )
    with store.read() as connection:
        return [_read_availability(row) for row in connection.execute(statement).mappings()]


def find_availability(store: Store, agent_id: int) -> AgentAvailability | None:
    """One agent's, or None when there is no such agent."""
    return next((each for each in list_availability(store) if each.agent_id == agent_id), None)


def _read_availability(row: Any) -> AgentAvailability:
    lists = {name: tuple(row[name] or ()) for name in ("languages", "topics")}
    flags = {name: bool(row[name]) for name in ("available", "wants_mail")}
    return AgentAvailability(**{**row, **lists, **flags})


def is_available(store: Store, agent_id: int) -> bool:
    """Whether this agent takes new conversations; so it is until they say otherwise."""
    with store.read() as connection:
        found = connection.execute(select(availability.c.available).where(availability.c.agent_id == agent_id)).scalar()
    return found is not False


def list_online(store: Store) -> set[int]:
    """The ids of the agents who are there now, available or not."""
    with store.read() as connection:
        return set(connection.execute(_select_online(store.clock())).scalars())


def is_anyone_available(store: Store) -> bool:
    """Whether anybody is there who takes new conversations."""
    with store.read() as connection:
        return connection.execute(select_available(store.clock()).limit(1)).first() is not None


def select_available(now: int) -> Select:
    """The ids of those who are there and take new conversations; joined with `agents`."""
    return _select_online(now).where(availability.c.available.is_(True))


def _select_online(now: int) -> Select:
    """The ids of those for whom `AgentAvailability.is_online` is true."""
    return (
        select(availability.c.agent_id)
        .join(agents, agents.c.id == availability.c.agent_id)
        .where(
            availability.c.seen_at > now - ONLINE_MS,
            availability.c.seen_at < now + ONLINE_MS,
            agents.c.disabled.is_(False),
        )
    )


def renew_presence(store: Store, agent_id: int) -> None:
    """A sign of life. Written at most every 20 s."""
    now = store.clock()
    with store.read() as connection:
        seen = connection.execute(select(availability.c.seen_at).where(availability.c.agent_id == agent_id)).scalar()
    if seen is None or abs(now - seen) >= RENEW_MS:  # abs: the machine's clock may have been set back
        _save(store, agent_id, {"seen_at": now})


def end_presence(store: Store, agent_id: int) -> None:
    """The agent signs out: nothing new for them. What they have stays theirs until the lease ends."""
    _save(store, agent_id, {"seen_at": store.clock() - ONLINE_MS})


def set_available(store: Store, agent_id: int, available: bool) -> None:
    """The agent takes new conversations, or none for now."""
    _save(
        store,
        agent_id,
        {"available": available},
        "availability_changed",
        agent_id,
        now="available" if available else "away",
    )


def set_wants_mail(store: Store, agent_id: int, wanted: bool) -> None:
    """Whether the agent gets an e-mail when something waits too long while they are not there."""
    detail = "on" if wanted else "off"
    _save(store, agent_id, {"wants_mail": wanted}, "overdue_mail_changed", agent_id, now=detail)


def set_skills(
    store: Store,
    agent_id: int,
    *,
    capacity: int | None,
    languages: Iterable[str],
    topics: Iterable[str],
    by: int | None = None,
) -> None:
    """What an agent takes. None and empty lists stand for the defaults."""
    languages, topics = list(languages), list(topics)
    values = {"capacity": capacity, "languages": languages or None, "topics": topics or None}
    detail = {"capacity": capacity, "languages": " ".join(languages) or None, "topics": " ".join(topics) or None}
    _save(store, agent_id, values, "skills_changed", by, **detail)


def _save(
    store: Store, agent_id: int, values: dict[str, Any], action: str = "", by: int | None = None, **detail: Any
) -> None:
    """Sets values and, where that changes something, notes `action` in the audit trail."""
    # The first time somebody else may be quicker: then their row is there to be changed.
    with contextlib.suppress(IntegrityError):
        return _save_once(store, agent_id, values, action, by, detail)
    return _save_once(store, agent_id, values, action, by, detail)


def _save_once(
    store: Store, agent_id: int, values: dict[str, Any], action: str, by: int | None, detail: dict[str, Any]
) -> None:
    mine = availability.c.agent_id == agent_id
    with store.write() as connection:
        row = connection.execute(select(availability).where(mine)).mappings().first()
        if row is None:
            connection.execute(insert(availability).values(agent_id=agent_id, **values))
        else:
            connection.execute(update(availability).where(mine).values(**values))
        if action and _differs(row, values):
            record(connection, action, by, f"agent:{agent_id}", **detail)


def _differs(row: Any, values: dict[str, Any]) -> bool:
    before = row or {"available": True, "wants_mail": False}
    return any(before.get(name) != value for name, value in values.items())
