"""The index in SQLite: two FTS5 tables, and the list of words that both of them go by.

A word stands once, in `search_words`, and has a number. `search_index` knows which entry has which numbers, and
`search_spelling` which word has which three letters in a row, so that a word can be found by a part of it or with an
error in it. So what was deleted leaves nothing to read behind: the numbers in FTS5's older segments say nothing any
more once their word is gone from the list, and that is an ordinary row, which SQLite overwrites.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection

from odziv.store.search.spelling import BEGIN, END, MOST_ALIKE, MOST_CANDIDATES, choose_similar

# Of these and of those whose names begin with them, FTS5's own, the schema says nothing.
TABLES = ("search_index", "search_spelling", "search_words")
MERGED_PAGES = 64

CREATE = (
    "CREATE TABLE search_words (id INTEGER PRIMARY KEY, word VARCHAR(40) NOT NULL UNIQUE)",
    "CREATE VIRTUAL TABLE search_index USING"
    " fts5(numbers, content='', columnsize=0, detail=none, tokenize='ascii')",
    "CREATE VIRTUAL TABLE search_spelling USING"
    " fts5(word, content='', columnsize=0, detail=none, tokenize='trigram')",
)  # fmt: skip
_KNOWN = "SELECT w.word, w.id FROM json_each(?) AS j JOIN search_words AS w ON w.word = j.value"


def create(connection: Connection) -> None:
    """Makes the index, empty."""
    for statement in CREATE:
        connection.exec_driver_sql(statement)


def drop(connection: Connection) -> None:
    """Removes it."""
    for table in TABLES:
        connection.exec_driver_sql(f"DROP TABLE {table}")


def add(connection: Connection, entries: Sequence[tuple[int, str]]) -> None:
    """Has entries, given with their words, found by these."""
    words_of = {entry_id: list(dict.fromkeys(folded.split())) for entry_id, folded in entries}
    words = list(dict.fromkeys(word for each in words_of.values() for word in each))
    known = _numbers(connection, words)
    if fresh := [word for word in words if word not in known]:
        connection.exec_driver_sql("INSERT INTO search_words (word) VALUES (?)", [(word,) for word in fresh])
        added = _numbers(connection, fresh)
        rows = [(number, f"{BEGIN}{word}{END}") for word, number in added.items()]
        connection.exec_driver_sql("INSERT INTO search_spelling (rowid, word) VALUES (?, ?)", rows)
        known |= added
    rows = [(entry_id, _write(known[word] for word in each)) for entry_id, each in words_of.items() if each]
    if rows:
        connection.exec_driver_sql("INSERT INTO search_index (rowid, numbers) VALUES (?, ?)", rows)


def remove(connection: Connection, entries: Sequence[tuple[int, str]]) -> None:
    """Has entries, given with their words, found no more; words that no entry has any longer are forgotten."""
    known: dict[str, int] = {}
    for entry_id, folded in entries:
        words = dict.fromkeys(folded.split())
        known |= _numbers(connection, [word for word in words if word not in known])
        if numbers := _write(known[word] for word in words if word in known):  # one that came past `add` has none
            delete = "INSERT INTO search_index (search_index, rowid, numbers) VALUES ('delete', ?, ?)"
            connection.exec_driver_sql(delete, (entry_id, numbers))
    unused = [word for word, number in known.items() if not find(connection, [[number]], None, 1)]
    if unused:
        _forget(connection, [(known[word], word) for word in unused])


def _forget(connection: Connection, words: list[tuple[int, str]]) -> None:
    rows = [(number, f"{BEGIN}{word}{END}") for number, word in words]
    connection.exec_driver_sql(
        "INSERT INTO search_spelling (search_spelling, rowid, word) VALUES ('delete', ?, ?)", rows
    )
    connection.exec_driver_sql("DELETE FROM search_words WHERE id = ?", [(number,) for number, _ in words])
    tidy(connection)


def tidy(connection: Connection) -> bool:
    """Writes a part of the threes of letters anew, without those of words that are gone. Returns whether there is more
    to do. Small ones are done with at once."""
    before = _count_changes(connection)
    connection.exec_driver_sql(f"INSERT INTO search_spelling (search_spelling, rank) VALUES ('merge', -{MERGED_PAGES})")
    return _count_changes(connection) - before >= 2  # as SQLite's manual says


def find(
    connection: Connection,
    groups: Sequence[Sequence[int]],
    before: int | None,
    limit: int,
    but: Sequence[Sequence[int]] = (),
) -> list[int]:
    """The newest entries that have a word of each group, and not one of each group in `but`; ids below `before`."""
    if not groups or not all(groups):
        return []
    wanted = _expression(groups)
    if but and all(but):
        wanted = f"({wanted}) NOT ({_expression(but)})"
    statement = "SELECT rowid FROM search_index WHERE search_index MATCH ? AND rowid < ? ORDER BY rowid DESC LIMIT ?"
    found = connection.exec_driver_sql(statement, (wanted, 2**63 - 1 if before is None else before, limit))
    return list(found.scalars())


def list_words(connection: Connection, word: str, *, exact: bool = False) -> dict[str, int]:
    """The words that begin with this one, or (`exact`) it alone, with their numbers; no more than MOST_ALIKE."""
    found = _numbers(connection, [word])
    if exact:
        return found
    begins = "SELECT word, id FROM search_words WHERE word > ? AND word < ? ORDER BY id LIMIT ?"
    rows = connection.exec_driver_sql(begins, (word, f"{word}\U0010ffff", MOST_ALIKE)).all()
    return found | {row.word: row.id for row in rows}


def list_similar(connection: Connection, word: str) -> dict[str, int]:
    """The words that this one is a part of, or that are spelled alike, with their numbers; without `list_words`'."""
    return choose_similar(word, lambda parts, lengths: _candidates(connection, parts, lengths))


def _three(text: str) -> list[str]:
    return [text[at : at + 3] for at in range(len(text) - 2)]


def _candidates(connection: Connection, parts: Sequence[str], lengths: range) -> list[tuple[str, int]]:
    """The words of these lengths that have all threes of letters of a part."""
    threes = [_three(part) for part in parts]
    wanted = " OR ".join("(" + " AND ".join(f'"{three}"' for three in part) + ")" for part in threes if part)
    if not wanted:
        return []
    statement = (
        "SELECT word, id FROM search_words WHERE id IN (SELECT rowid FROM search_spelling WHERE search_spelling"
        " MATCH ?) AND length(word) BETWEEN ? AND ? ORDER BY id LIMIT ?"
    )
    rows = connection.exec_driver_sql(statement, (wanted, lengths.start, lengths.stop - 1, MOST_CANDIDATES)).all()
    return [(row.word, row.id) for row in rows]


def _numbers(connection: Connection, words: list[str]) -> dict[str, int]:
    return {row.word: row.id for row in connection.exec_driver_sql(_KNOWN, (json.dumps(words),))} if words else {}


def _write(numbers: Iterable[int]) -> str:
    return " ".join(map(str, numbers))


def _expression(groups: Sequence[Sequence[int]]) -> str:
    return " AND ".join("(" + " OR ".join(f'"{number}"' for number in group) + ")" for group in groups)


def _count_changes(connection: Connection) -> int:
    return connection.exec_driver_sql("SELECT total_changes()").scalar_one()
