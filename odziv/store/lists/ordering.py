"""The order that people give to a list: rules, macros, fields. Each row has a `position`."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, Table, select, update


def raise_row(connection: Connection, table: Table, among: ColumnElement[bool], row_id: int) -> bool:
    """Puts it before the one that stands before it, of those `among`. False: it isn't one of them. The first one stays
    where it is."""
    ids = _list_ids(connection, table, among)
    if row_id not in ids:
        return False
    return place_row(connection, table, among, row_id, ids[max(ids.index(row_id) - 1, 0)])


def place_row(
    connection: Connection, table: Table, among: ColumnElement[bool], row_id: int, before: int | None
) -> bool:
    """Puts it before the row `before`, or last (None), of those `among`. False, with nothing changed: one of the two
    isn't one of them."""
    former = _list_ids(connection, table, among)
    if row_id not in former or before not in (None, *former):
        return False
    if row_id == before:
        return True
    ids = [one for one in former if one != row_id]
    ids.insert(len(ids) if before is None else ids.index(before), row_id)
    for position, one in enumerate(ids, 1):
        other = (table.c.id == one) & (table.c.position != position)
        connection.execute(update(table).where(other).values(position=position))
    return True


def _list_ids(connection: Connection, table: Table, among: ColumnElement[bool]) -> list[int]:
    statement = select(table.c.id).where(among).order_by(table.c.position, table.c.id)
    return list(connection.execute(statement).scalars())
