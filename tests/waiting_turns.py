"""What tests ask of the bot's turns and the product never does."""

from __future__ import annotations

from sqlalchemy import select

from odziv.store import Store
from odziv.store.queue import Workers
from odziv.store.schema import turns


def look_no_more(workers: Workers) -> None:
    """Before they start: none of them looks around by itself. Whoever adds something has to say so."""
    for worker in workers._workers:
        worker._look_seconds = worker._pause = None


def has_waiting_turns(store: Store) -> bool:
    """Whether any turn waits, also for an earlier one or for its next try."""
    with store.read() as connection:
        return connection.execute(select(turns.c.seq).where(turns.c.status == "waiting").limit(1)).first() is not None
