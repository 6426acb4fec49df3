"""The list of labels: each with a colour, for one site or for all, and perhaps proposed for a category of articles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from odziv.store.audit import record
from odziv.store.engine import LISTS, Store, touch
from odziv.store.schema import conversation_labels, labels

MOST_LABELS = 200


class LabelExists(Exception):
    """There is one of that name, for the same site."""


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
    """Stores a new one; returns its id. Raises LabelExists and TooManyLabels."""
    values = {"site": site, "name": name, "name_key": _key(name), "colour": colour, "topic": topic}
    with _unique(), store.write() as connection:
        if connection.execute(select(func.count()).select_from(labels)).scalar_one() >= MOST_LABELS:
            raise TooManyLabels
        _check_name(connection, site, name)
        row = insert(labels).values(**values, created_at=store.clock()).returning(labels.c.id)
        label_id: int = connection.execute(row).scalar_one()
        record(connection, "label_saved", by, f"label:{label_id}", name=name)
        return label_id


def change_label(store: Store, label_id: int, by: int, *, name: str, colour: str, topic: str | None) -> bool:
    """Gives it another name, colour or category; its site stays. False: it is gone. Raises LabelExists."""
    values: dict[str, Any] = {"name": name, "name_key": _key(name), "colour": colour, "topic": topic}
    with _unique(), store.write() as connection:
        site = connection.execute(select(labels.c.site).where(labels.c.id == label_id)).scalar()
        if site is None:
            return False
        _check_name(connection, site, name, but=label_id)
        connection.execute(update(labels).where(labels.c.id == label_id).values(**values))
        record(connection, "label_saved", by, f"label:{label_id}", name=name)
        touch(connection, LISTS)
        return True


@contextmanager
def _unique() -> Iterator[None]:
    """On PostgreSQL, of two who save the same name at once the second is stopped by the database."""
    try:
        yield
    except IntegrityError:
        raise LabelExists from None


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


def _key(name: str) -> str:
    """What makes two names the same."""
    return name.casefold()


def _check_name(connection: Connection, site: str, name: str, *, but: int | None = None) -> None:
    """No conversation is offered two of one name: one for every site, and another's, are the same."""
    same = select(labels.c.id).where(labels.c.name_key == _key(name))
    if site:
        same = same.where(labels.c.site.in_(("", site)))
    if any(found != but for found in connection.execute(same).scalars()):
        raise LabelExists
