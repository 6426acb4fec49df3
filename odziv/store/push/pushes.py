"""What waits to be sent to agents' browsers: put there when they count as told, taken, sent or tried again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from odziv.store.engine import Store, moment_of, touch
from odziv.store.push.subscriptions import forget_subscription, note_problem, note_sent
from odziv.store.queue import Queue
from odziv.store.schema import agents, push_subscriptions, pushes

WAKE_KEY = "pushes"  # who sends listens for it


@dataclass(frozen=True)
class Push:
    """A notification that was taken to be sent now. `language` is the agent's own, else that of their browser."""

    id: int
    subscription_id: int
    endpoint: str
    p256dh: str
    auth: str
    language: str
    tag: str
    content: dict[str, Any]
    attempts: int
    created_at: int


_QUEUE = Queue(pushes, pushes.c.due_at)
_LOAD = (
    select(
        pushes.c.id,
        pushes.c.subscription_id,
        push_subscriptions.c.endpoint,
        push_subscriptions.c.p256dh,
        push_subscriptions.c.auth,
        agents.c.language.label("own"),
        push_subscriptions.c.language.label("asked"),
        pushes.c.tag,
        pushes.c.content,
        pushes.c.attempts,
        pushes.c.created_at,
    )
    .join(push_subscriptions, push_subscriptions.c.id == pushes.c.subscription_id)
    .join(agents, agents.c.id == push_subscriptions.c.agent_id)
)


def tell(store: Store, subscription_id: int, told: Mapping[str, str], contents: Mapping[str, dict[str, Any]]) -> bool:
    """Notes what a browser was told, and by tag what it is to be sent for it, in place of what waits there unsent.

    False when the browser has been taken away meanwhile.
    """
    this = push_subscriptions.c.id == subscription_id
    with store.write() as connection:
        if connection.execute(update(push_subscriptions).where(this).values(told=dict(told))).rowcount == 0:
            return False
        for tag, content in contents.items():
            _put(connection, subscription_id, tag, content)
        if contents:
            touch(connection, WAKE_KEY)
    return True


def send_to(store: Store, subscription_id: int, tag: str, content: dict[str, Any]) -> None:
    """Has this sent to a browser, whatever it was told before."""
    with store.write() as connection:
        _put(connection, subscription_id, tag, content)
        touch(connection, WAKE_KEY)


def _put(connection: Connection, subscription_id: int, tag: str, content: dict[str, Any]) -> None:
    now = moment_of(connection)
    connection.execute(delete(pushes).where(pushes.c.subscription_id == subscription_id, pushes.c.tag == tag))
    row = {"subscription_id": subscription_id, "tag": tag, "content": content, "status": "waiting", "attempts": 0}
    connection.execute(insert(pushes).values(**row, due_at=now, created_at=now))


def take_push(store: Store, lease_ms: int) -> Push | None:
    """What has been due for longest; None when nothing is. It is due again when nothing is heard for `lease_ms`."""
    return _QUEUE.take(store, lease_ms, _load)


def find_next_push(store: Store) -> int | None:
    """When the next is due, in milliseconds; None when there is none."""
    return _QUEUE.find_next_due(store)


def _load(connection: Connection, number: int) -> Push:
    row = dict(connection.execute(_LOAD.where(pushes.c.id == number)).mappings().one())
    own, asked = row.pop("own"), row.pop("asked")
    return Push(**row, language=own or asked)


def finish_sent(store: Store, push: Push) -> None:
    """It arrived."""
    _end(store, push, lambda connection, now: note_sent(connection, push.subscription_id, now))


def finish_failed(store: Store, push: Push, problem: str) -> None:
    """It won't be tried again."""
    _end(store, push, lambda connection, now: note_problem(connection, push.subscription_id, now, problem))


def finish_gone(store: Store, push: Push) -> None:
    """The push service knows the browser no more: it is forgotten here too."""
    with store.write() as connection:
        forget_subscription(connection, push.subscription_id)


def try_push_later(store: Store, push: Push, due_at: int, problem: str) -> None:
    """It did not arrive, and is tried again at `due_at`."""
    with store.write() as connection:
        if _QUEUE.try_later(connection, [push], due_at):
            note_problem(connection, push.subscription_id, moment_of(connection), problem)


def _end(store: Store, push: Push, note: Any) -> None:
    with store.write() as connection:
        if _QUEUE.finish(connection, [push], "over"):
            note(connection, moment_of(connection))
            connection.execute(delete(pushes).where(pushes.c.id == push.id))
