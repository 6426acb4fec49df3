"""The browsers in which agents want to be told of news while no page of the desk is open."""

from __future__ import annotations

import contextlib
import hashlib
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from odziv.store.audit import record
from odziv.store.engine import DAY_MS, Store
from odziv.store.schema import agents, push_subscriptions, pushes

MOST_OF_ONE = 10  # browsers of an agent; with one more, the one that was not seen for longest goes
# A browser confirms its subscription with each page of the desk. One that nobody has used for so long is given up.
KEEP_MS = 60 * DAY_MS
# And one to which nothing came through for so long.
OFF_AFTER_MS = 7 * DAY_MS


@dataclass(frozen=True)
class Browser:
    """What a browser says of itself: where its push service takes notifications, and its keys, in base64url."""

    endpoint: str
    p256dh: str
    auth: str

    @property
    def digest(self) -> str:
        """What it is known by."""
        return hash_endpoint(self.endpoint)


@dataclass(frozen=True)
class Subscription:
    """A browser as an agent sees it in the list of theirs."""

    id: int
    device: str | None
    created_at: int
    sent_at: int | None
    problem: str | None


@dataclass(frozen=True)
class Listener:
    """A browser that is to hear of news. `told` is what it was told, by subject; None: nothing was looked at yet."""

    id: int
    agent_id: int
    told: dict[str, str] | None


def hash_endpoint(endpoint: str) -> str:
    """What is compared and indexed in place of an address."""
    return hashlib.sha256(endpoint.encode()).hexdigest()


def subscribe(
    store: Store, agent_id: int, browser: Browser, *, session_id: str, device: str | None, language: str
) -> int:
    """Has this browser told of the agent's news; whoever had it before, has it no more. Returns its number."""
    values = {"agent_id": agent_id, "endpoint": browser.endpoint, "p256dh": browser.p256dh, "auth": browser.auth}
    values |= {"session_id": session_id, "device": device, "language": language}
    # On PostgreSQL, two requests of a new browser at once: then its row is there to be changed.
    with contextlib.suppress(IntegrityError):
        return _subscribe_once(store, agent_id, browser, values)
    return _subscribe_once(store, agent_id, browser, values)


def _subscribe_once(store: Store, agent_id: int, browser: Browser, values: dict[str, Any]) -> int:
    now, c = store.clock(), push_subscriptions.c
    values = {**values, "seen_at": now}
    with store.write() as connection:
        known = connection.execute(select(c.id, c.agent_id).where(c.endpoint_hash == browser.digest)).one_or_none()
        if known is not None and known.agent_id == agent_id:
            connection.execute(update(push_subscriptions).where(c.id == known.id).values(**values))
            return int(known.id)
        if known is not None:
            _remove(connection, c.id == known.id)
        _make_room(connection, agent_id)
        adding = insert(push_subscriptions).values(
            **values, endpoint_hash=browser.digest, created_at=now, sent_at=None, failing_since=None, told=None
        )
        number = connection.execute(adding.returning(c.id)).scalar_one()
        record(connection, "push_on", agent_id, f"agent:{agent_id}", device=values["device"])
        return int(number)


def _make_room(connection: Connection, agent_id: int) -> None:
    c = push_subscriptions.c
    own = select(c.id).where(c.agent_id == agent_id).order_by(c.seen_at.desc(), c.id.desc())
    if too_many := connection.execute(own.offset(MOST_OF_ONE - 1)).scalars().all():
        _remove(connection, c.id.in_(too_many))


def list_subscriptions(store: Store, agent_id: int) -> list[Subscription]:
    """An agent's browsers, the newest first."""
    c = push_subscriptions.c
    columns = (c.id, c.device, c.created_at, c.sent_at, c.problem)
    statement = select(*columns).where(c.agent_id == agent_id).order_by(c.id.desc())
    with store.read() as connection:
        return [Subscription(**row) for row in connection.execute(statement).mappings()]


def find_subscription(store: Store, agent_id: int, endpoint: str) -> int | None:
    """The number of this browser, where it is this agent's; else None."""
    c = push_subscriptions.c
    statement = select(c.id).where(c.agent_id == agent_id, c.endpoint_hash == hash_endpoint(endpoint))
    with store.read() as connection:
        return connection.execute(statement).scalar()


def unsubscribe(store: Store, agent_id: int, subscription_id: int) -> bool:
    """Tells a browser of an agent nothing more; False when they have none of that number."""
    c = push_subscriptions.c
    with store.write() as connection:
        if not _remove(connection, (c.id == subscription_id) & (c.agent_id == agent_id)):
            return False
        record(connection, "push_off", agent_id, f"agent:{agent_id}")
        return True


def remove_push(connection: Connection, agent_id: int, *, of: str | None = None, but: str | None = None) -> None:
    """With sessions that end, the notifications end: those confirmed in session `of`, or in all `but` one."""
    c = push_subscriptions.c
    which = c.agent_id == agent_id
    if of is not None:
        which &= c.session_id == of
    if but is not None:
        which &= c.session_id != but
    _remove(connection, which)


def list_listeners(store: Store) -> list[Listener]:
    """The browsers of all agents who may sign in."""
    c = push_subscriptions.c
    statement = (
        select(c.id, c.agent_id, c.told)
        .join(agents, agents.c.id == c.agent_id)
        .where(agents.c.disabled.is_(False))
        .order_by(c.agent_id, c.id)
    )
    with store.read() as connection:
        return [Listener(**row) for row in connection.execute(statement).mappings()]


def remove_old_subscriptions(store: Store) -> int:
    """Gives up browsers that nobody uses any more, or that nothing reaches; returns how many."""
    now, c = store.clock(), push_subscriptions.c
    with store.write() as connection:
        return _remove(connection, (c.seen_at < now - KEEP_MS) | (c.failing_since < now - OFF_AFTER_MS))


def note_sent(connection: Connection, subscription_id: int, now: int) -> None:
    """Something arrived."""
    values = {"sent_at": now, "failing_since": None, "problem": None}
    connection.execute(update(push_subscriptions).where(push_subscriptions.c.id == subscription_id).values(**values))


def note_problem(connection: Connection, subscription_id: int, now: int, problem: str) -> None:
    """It did not; `problem` says why, for the agent."""
    c = push_subscriptions.c
    values: dict[str, Any] = {"problem": problem, "failing_since": func.coalesce(c.failing_since, now)}
    connection.execute(update(push_subscriptions).where(c.id == subscription_id).values(**values))


def forget_subscription(connection: Connection, subscription_id: int) -> None:
    """The browser's push service knows it no more."""
    _remove(connection, push_subscriptions.c.id == subscription_id)


def count_failing(store: Store) -> int:
    """To how many browsers nothing comes through."""
    statement = select(func.count()).where(push_subscriptions.c.failing_since.is_not(None))
    with store.read() as connection:
        return int(connection.execute(statement).scalar_one())


def _remove(connection: Connection, which: Any) -> int:
    these = select(push_subscriptions.c.id).where(which)
    connection.execute(delete(pushes).where(pushes.c.subscription_id.in_(these)))
    return connection.execute(delete(push_subscriptions).where(which)).rowcount
