"""What is kept for the first steps: notes, and from which websites the widget was loaded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, select

from odziv.store.audit import record
from odziv.store.engine import Store
from odziv.store.schema import first_step_notes, widget_sightings

DISMISSED, TAG = "dismissed", "tag"


@dataclass(frozen=True)
class Note:
    """What was noted, by whom and when."""

    name: str
    value: Any
    noted_by: int | None
    noted_at: int


def read_notes(store: Store) -> dict[str, Note]:
    """All of them by name."""
    with store.read() as connection:
        return {row["name"]: Note(**row) for row in connection.execute(select(first_step_notes)).mappings()}


def note_tag(store: Store, by: int, found: dict[str, Any]) -> None:
    """Keeps what the last look at a page found."""
    _write(store, TAG, found, by)


def put_away(store: Store, by: int) -> None:
    """Nobody is reminded of the first steps any more."""
    _write(store, DISMISSED, True, by, "first_steps_put_away")


def show_again(store: Store, by: int) -> None:
    """Everybody who may take them is reminded again."""
    with store.write() as connection:
        connection.execute(delete(first_step_notes).where(first_step_notes.c.name == DISMISSED))
        record(connection, "first_steps_shown", by)


def note_sighting(store: Store, origin: str) -> None:
    """The widget was loaded by a page of this origin just now."""
    with store.write() as connection:
        connection.execute(delete(widget_sightings).where(widget_sightings.c.origin == origin))
        connection.execute(insert(widget_sightings).values(origin=origin, seen_at=store.clock()))


def list_sightings(store: Store) -> dict[str, int]:
    """When the widget was last loaded, by origin; milliseconds since 1970, to the hour."""
    with store.read() as connection:
        return {row.origin: row.seen_at for row in connection.execute(select(widget_sightings))}


def _write(store: Store, name: str, value: Any, by: int, action: str | None = None) -> None:
    values = {"name": name, "value": value, "noted_by": by, "noted_at": store.clock()}
    with store.write() as connection:
        connection.execute(delete(first_step_notes).where(first_step_notes.c.name == name))
        connection.execute(insert(first_step_notes).values(**values))
        if action:
            record(connection, action, by)
