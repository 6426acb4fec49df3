"""How likely the last questions of customers had an answer, for all processes, and over restarts. Numbers, no texts."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, delete, func, insert, select

from odziv.store.engine import Store
from odziv.store.schema import question_scores

Scored = tuple[str, float]  # a question's language, and the log-odds that an article answers it


def share_scores(store: Store, own: Sequence[Scored], after: int, most: int) -> tuple[list[Scored], int]:
    """Keeps `own`, and the last `most` of each language; returns what others kept after the row `after`, oldest first.

    The number with it is the `after` of the next call; 0 is for the first.
    """
    if not own:
        with store.read() as connection:
            return _read(connection, after)
    # Nobody else writes meanwhile, so what stands before our rows has been read, and whatever comes later stands after.
    with store.write() as connection:
        others, _ = _read(connection, after)
        rows = [{"language": language, "odds": odds} for language, odds in own]
        connection.execute(insert(question_scores), rows)
        for language in sorted({language for language, _ in own}):
            _trim(connection, language, most)
        return others, connection.execute(select(func.max(question_scores.c.id))).scalar_one()


def _read(connection: Connection, after: int) -> tuple[list[Scored], int]:
    columns = question_scores.c
    statement = select(columns.id, columns.language, columns.odds).where(columns.id > after).order_by(columns.id)
    rows = connection.execute(statement).all()
    return [(row.language, row.odds) for row in rows], rows[-1].id if rows else after


def _trim(connection: Connection, language: str, most: int) -> None:
    columns = question_scores.c
    this = columns.language == language
    statement = select(columns.id).where(this).order_by(columns.id.desc()).offset(most).limit(1)
    if (newest := connection.execute(statement).scalar()) is not None:
        connection.execute(delete(question_scores).where(this, columns.id <= newest))
