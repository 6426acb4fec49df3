"""What agents have marked conversations with, as other programs are told: labels, and what fields hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select

from odziv.store.engine import Store
from odziv.store.schema import conversation_labels, field_values, fields, labels


@dataclass(frozen=True)
class Marks:
    """Of one conversation, as JSON has them: labels by name, fields in their order."""

    labels: list[dict[str, Any]] = field(default_factory=list)
    fields: list[dict[str, Any]] = field(default_factory=list)


def load_marks(connection: Connection, ids: Collection[str]) -> Mapping[str, Marks]:
    """Those of these conversations; of one without any, an empty one."""
    found: dict[str, Marks] = defaultdict(Marks)
    if not ids:
        return found
    put_on = (
        select(conversation_labels.c.conversation_id, labels.c.id, labels.c.name, labels.c.colour)
        .join(labels, labels.c.id == conversation_labels.c.label_id)
        .where(conversation_labels.c.conversation_id.in_(ids))
        .order_by(labels.c.name_key, labels.c.id)
    )
    for row in connection.execute(put_on):
        label = {"id": row.id, "name": row.name, "colour": row.colour}
        found[row.conversation_id].labels.append(label)
    held = (
        select(field_values.c.conversation_id, fields.c.id, fields.c.name, fields.c.about, field_values.c.value)
        .join(fields, fields.c.id == field_values.c.field_id)
        .where(field_values.c.conversation_id.in_(ids))
        .order_by(fields.c.position, fields.c.id)
    )
    for one in connection.execute(held):
        value = {"id": one.id, "name": one.name, "about": one.about, "value": one.value}
        found[one.conversation_id].fields.append(value)
    return found


def list_marks(store: Store, ids: Collection[str]) -> Mapping[str, Marks]:
    """The same, read now."""
    with store.read() as connection:
        return load_marks(connection, ids)
