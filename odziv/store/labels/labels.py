"""The list of labels: each with a colour, for one site or for all, and perhaps proposed for a category of articles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from odziv.store.audit import record
from odziv.store.engine import LISTS, Store, touch
from odziv.store.schema import conversation_labels, labels
from odziv.store.site_names import check_name, key_of, unique

MOST_LABELS = 200


class TooManyLabels(Exception):
    """There are MOST_LABELS already."""


@dataclass(frozen=True)
class Label:
    """`site` empty: for every site. `topic`: proposed for conversations handed off with that category."""

    id: int
    site: str
    name: str
    colour: str
    topic: str | None


SHOWN = (labels.c.id, labels.c.site, labels.c.name, labels.c.colour, labels.c.topic)
BY_NAME = (labels.c.name_key, labels.c.id)


def list_labels(store: Store, site: str | None = None) -> list[Label]:
    """All of them by name; with `site`, those that its conversations can have."""
    statement = select(*SHOWN).order_by(*BY_NAME)
    if site is not None:
        statement = statement.where(labels.c.site.in_(("", site)))
    with store.read() as connection:
        return [Label(**row) for row in connection.execute(statement).mappings()]


def find_label(store: Store, label_id: int) -> Label | None:
    """One of them, or None."""
    with store.read() as connection:
        row = connection.execute(select(*SHOWN).where(labels.c.id == label_id)).mappings().first()
        return Label(**row) if row else None


def count_labelled(store: Store) -> Mapping[int, int]:
    """How many conversations have each; none that no conversation has."""
    counted = select(conversation_labels.c.label_id, func.count()).group_by(conversation_labels.c.label_id)
    with store.read() as connection:
        return {label_id: count for label_id, count in connection.execute(counted)}


def add_label(store: Store, by: int, *, site: str, name: str, colour: str, topic: str | None) -> int:
    """Stores a new one; returns its id. Raises NameTaken and TooManyLabels."""
    values = {"site": site, "name": name, "name_key": key_of(name), "colour": colour, "topic": topic}
    with unique(), store.write() as connection:
        if connection.execute(select(func.count()).select_from(labels)).scalar_one() >= MOST_LABELS:
            raise TooManyLabels
        check_name(connection, labels, site, name)
        row = insert(labels).values(**values, created_at=store.clock()).returning(labels.c.id)
        label_id: int = connection.execute(row).scalar_one()
        record(connection, "label_saved", by, f"label:{label_id}", name=name)
        return label_id


def change_label(store: Store, label_id: int, by: int, *, name: str, colour: str, topic: str | None) -> bool:
    """Gives it another name, colour or category; its site stays. False: it is gone. Raises NameTaken."""
    values: dict[str, Any] = {"name": name, "name_key": key_of(name), "colour": colour, "topic": topic}
    with unique(), store.write() as connection:
        site = connection.execute(select(labels.c.site).where(labels.c.id == label_id)).scalar()
        if site is None:
            return False
        check_name(connection, labels, site, name, but=label_id)
        connection.execute(update(labels).where(labels.c.id == label_id).values(**values))
        record(connection, "label_saved", by, f"label:{label_id}", name=name)
        touch(connection, LISTS)
        return True


def delete_label(store: Store, label_id: int, by: int) -> bool:
    """Takes it off every conversation and removes it. False: it is gone already."""
    with store.write() as connection:
        name = connection.execute(select(labels.c.name).where(labels.c.id == label_id)).scalar()
        if name is None:
            return False
        taken_off = connection.execute(delete(conversation_labels).where(conversation_labels.c.label_id == label_id))
        connection.execute(delete(labels).where(labels.c.id == label_id))
        record(connection, "label_deleted", by, f"label:{label_id}", name=name, conversations=taken_off.rowcount)
        touch(connection, LISTS)
        return True
