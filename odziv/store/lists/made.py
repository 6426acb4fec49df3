"""What programs made, under the ids they chose: asked for again, it is not made again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from odziv.store.engine import DAY_MS, Joined, Store, moment_of
from odziv.store.schema import made_by_programs

KEPT_MS = 7 * DAY_MS


class MadeOtherwise(Exception):
    """Something else was made under this id."""


def make_once(
    store: Store, agent_id: int, client_id: str, what: str, asked: Mapping[str, Any], make: Callable[[Store], int]
) -> int:
    """Calls `make`, inside one transaction with a note that it was, and returns the id that it gives; within KEPT_MS a
    repeat of `client_id` by this agent makes nothing, and returns the same. `asked` is what was asked for, as JSON.

    Raises MadeOtherwise for a `client_id` by which something else was asked for, and whatever `make` raises.
    """
    digest = hashlib.sha256(json.dumps([what, asked], sort_keys=True).encode()).hexdigest()
    try:
        return _make(store, agent_id, client_id, digest, make)
    except IntegrityError:  # the same was asked for at once, and the other was quicker: now that is found
        return _make(store, agent_id, client_id, digest, make)


def _make(store: Store, agent_id: int, client_id: str, digest: str, make: Callable[[Store], int]) -> int:
    c = made_by_programs.c
    this = (c.agent_id == agent_id) & (c.client_id == client_id)
    with store.write() as connection:
        _forget_old(connection)
        known = connection.execute(select(c.digest, c.made_id).where(this)).first()
        if known is not None:
            if known.digest != digest:
                raise MadeOtherwise(client_id)
            return int(known.made_id)
        # Before it is made: of two at once the second waits here, and makes nothing.
        row = {"agent_id": agent_id, "client_id": client_id, "digest": digest, "made_id": 0}
        connection.execute(insert(made_by_programs).values(**row, created_at=moment_of(connection)))
        made_id = make(Joined(connection))
        connection.execute(update(made_by_programs).where(this).values(made_id=made_id))
        return made_id


def _forget_old(connection: Connection) -> None:
    old = made_by_programs.c.created_at < moment_of(connection) - KEPT_MS
    connection.execute(delete(made_by_programs).where(old))
