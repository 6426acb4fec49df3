"""Agents' pictures: kept in the database, since they are few, small, and wanted by every process."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping

from sqlalchemy import delete, insert, select

from odziv.store.audit import record
from odziv.store.engine import LISTS, Store, touch
from odziv.store.schema import portraits


def set_portrait(store: Store, agent_id: int, jpeg: bytes) -> str:
    """Keeps an agent's picture in place of the one before; returns its digest."""
    # The agent is in it: the same picture of two has two addresses, and taking one away leaves the other.
    digest = hashlib.sha256(b"%d:" % agent_id + jpeg).hexdigest()
    values = {"digest": digest, "jpeg": base64.b64encode(jpeg).decode(), "changed_at": store.clock()}
    with store.write() as connection:
        connection.execute(delete(portraits).where(portraits.c.agent_id == agent_id))
        connection.execute(insert(portraits).values(agent_id=agent_id, **values))
        record(connection, "portrait_changed", agent_id, f"agent:{agent_id}")
        touch(connection, LISTS)
    return digest


def remove_portrait(store: Store, agent_id: int, by: int) -> bool:
    """Takes an agent's picture away; False when there was none."""
    with store.write() as connection:
        if connection.execute(delete(portraits).where(portraits.c.agent_id == agent_id)).rowcount == 0:
            return False
        record(connection, "portrait_removed", by, f"agent:{agent_id}")
        touch(connection, LISTS)
    return True


def find_portrait(store: Store, digest: str) -> bytes | None:
    """A picture, as JPEG; None where there is none of that digest (any more)."""
    with store.read() as connection:
        found = connection.execute(select(portraits.c.jpeg).where(portraits.c.digest == digest)).scalar()
    return base64.b64decode(found) if found is not None else None


def list_portraits(store: Store) -> Mapping[int, str]:
    """The digest of each agent's picture, of those who have one."""
    with store.read() as connection:
        return {row.agent_id: row.digest for row in connection.execute(_DIGESTS)}


_DIGESTS = select(portraits.c.agent_id, portraits.c.digest)  # built once: every page of the desk asks
