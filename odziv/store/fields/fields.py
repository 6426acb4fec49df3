"""Which fields there are: about customers or conversations, each of one kind, for one site or for all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select, update

from odziv.store.audit import record
from odziv.store.engine import LISTS, Store, moment_of, touch
from odziv.store.lists.ordering import place_row, raise_row
from odziv.store.schema import field_values, fields
from odziv.store.site_names import check_name, key_of, unique

MOST_FIELDS = 100
CUSTOMER, CONVERSATION = "customer", "conversation"
TEXT, NUMBER, CHOICE, DATE = "text", "number", "choice", "date"


class TooManyFields(Exception):
    """There are MOST_FIELDS already."""


class ChoiceInUse(Exception):
    """A choice that conversations have is to go; it is the message, `count` how many have it."""

    def __init__(self, choice: str, count: int) -> None:
        super().__init__(choice)
        self.count = count


@dataclass(frozen=True)
class Field:
    """`about` is CUSTOMER or CONVERSATION, `kind` TEXT, NUMBER, CHOICE or DATE. `site` empty: for every site."""

    id: int
    about: str
    kind: str
    site: str
    name: str
    choices: list[str] | None
    required: bool
    archived_at: int | None

    @property
    def is_archived(self) -> bool:
        """Whether it isn't offered any more."""
        return self.archived_at is not None


_SHOWN = tuple(fields.c[name] for name in Field.__dataclass_fields__)
_IN_ORDER = (fields.c.about.desc(), fields.c.position, fields.c.id)


def list_fields(store: Store, site: str | None = None, *, archived: bool = False) -> list[Field]:
    """Those about customers first, each in their order; with `site`, those that its conversations have. Those that are
    archived only with `archived`."""
    statement = select(*_SHOWN).order_by(*_IN_ORDER)
    if site is not None:
        statement = statement.where(fields.c.site.in_(("", site)))
    if not archived:
        statement = statement.where(fields.c.archived_at.is_(None))
    with store.read() as connection:
        return [Field(**row) for row in connection.execute(statement).mappings()]


def find_field(store: Store, field_id: int) -> Field | None:
    """One of them, or None."""
    with store.read() as connection:
        return load_field(connection, field_id)


def load_field(connection: Connection, field_id: int) -> Field | None:
    """The same inside a transaction that is already open."""
    row = connection.execute(select(*_SHOWN).where(fields.c.id == field_id)).mappings().first()
    return Field(**row) if row else None


def count_filled(store: Store) -> Mapping[int, int]:
    """How many conversations have something in each; none where none has."""
    counted = select(field_values.c.field_id, func.count()).group_by(field_values.c.field_id)
    with store.read() as connection:
        return {field_id: count for field_id, count in connection.execute(counted)}


def add_field(
    store: Store, by: int, *, about: str, kind: str, site: str, name: str, choices: list[str] | None, required: bool
) -> int:
    """Stores a new one behind the others; returns its id. Raises NameTaken and TooManyFields."""
    with unique(), store.write() as connection:
        count, last = connection.execute(select(func.count(), func.coalesce(func.max(fields.c.position), 0))).one()
        if count >= MOST_FIELDS:
            raise TooManyFields
        check_name(connection, fields, site, name)
        values = {"about": about, "kind": kind, "site": site, "name": name, "name_key": key_of(name)}
        statement = insert(fields).values(
            **values, choices=choices, required=required, position=last + 1, created_at=moment_of(connection)
        )
        field_id: int = connection.execute(statement.returning(fields.c.id)).scalar_one()
        record(connection, "field_saved", by, f"field:{field_id}", name=name)
        touch(connection, LISTS)
        return field_id


def change_field(store: Store, field_id: int, by: int, *, name: str, choices: list[str] | None, required: bool) -> bool:
    """Gives it another name, other choices, or makes it required; the rest stays. False: it is gone.

    Raises NameTaken, and ChoiceInUse when a choice is left out that conversations have.
    """
    with unique(), store.write() as connection:
        former = load_field(connection, field_id)
        if former is None:
            return False
        check_name(connection, fields, former.site, name, but=field_id)
        for choice in set(former.choices or ()) - set(choices or ()):
            _check_unused(connection, field_id, choice)
        values = {"name": name, "name_key": key_of(name), "choices": choices, "required": required}
        connection.execute(update(fields).where(fields.c.id == field_id).values(**values))
        record(connection, "field_saved", by, f"field:{field_id}", name=name)
        touch(connection, LISTS)
        return True


def archive_field(store: Store, field_id: int, by: int, *, archived: bool) -> bool:
    """Has it offered no more, or again; what is known stays. False: nothing changed."""
    with store.write() as connection:
        is_other = fields.c.archived_at.is_(None) if archived else fields.c.archived_at.is_not(None)
        moment = moment_of(connection) if archived else None
        statement = update(fields).where(fields.c.id == field_id, is_other).values(archived_at=moment)
        if not connection.execute(statement).rowcount:
            return False
        record(connection, "field_archived" if archived else "field_restored", by, f"field:{field_id}")
        touch(connection, LISTS)
        return True


def raise_field(store: Store, field_id: int) -> bool:
    """Puts it before the one of the same kind of thing before it. False: it is gone. The first stays where it is."""
    with store.write() as connection:
        touch(connection, LISTS)
        this = load_field(connection, field_id)
        return this is not None and raise_row(connection, fields, fields.c.about == this.about, field_id)


def place_field(store: Store, field_id: int, before: int | None) -> bool:
    """Puts it before another one of the same kind of thing, or last (None). False: one of them is gone, or isn't."""
    with store.write() as connection:
        touch(connection, LISTS)
        this = load_field(connection, field_id)
        return this is not None and place_row(connection, fields, fields.c.about == this.about, field_id, before)


def _check_unused(connection: Connection, field_id: int, choice: str) -> None:
    having = (field_values.c.field_id == field_id) & (field_values.c.value == choice)
    if count := connection.execute(select(func.count()).select_from(field_values).where(having)).scalar_one():
        raise ChoiceInUse(choice, count)
