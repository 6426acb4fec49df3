"""Names of what one website has, or all: no conversation is offered two of one name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Table, select
from sqlalchemy.exc import IntegrityError


class NameTaken(Exception):
    """There is one of that name already."""


def key_of(name: str) -> str:
    """What makes two names the same."""
    return name.casefold()


def check_name(connection: Connection, table: Table, site: str, name: str, *, but: int | None = None) -> None:
    """Raises NameTaken where the row `but` isn't the only one of that name: one for every site, and another's, are the
    same."""
    same = select(table.c.id).where(table.c.name_key == key_of(name))
    if site:
        same = same.where(table.c.site.in_(("", site)))
    if any(found != but for found in connection.execute(same).scalars()):
        raise NameTaken


@contextmanager
def unique() -> Iterator[None]:
    """On PostgreSQL, of two who save the same name at once the second is stopped by the database: NameTaken."""
    try:
        yield
    except IntegrityError:
        raise NameTaken from None
