"""What pages of the desk ask doesn't read more, the more there was: no whole table, nor all that was ever closed."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import event, text

from odziv.store import Store
from odziv.store.conversations.merges import list_merged_away
from odziv.store.customers.belonging import list_proven
from odziv.store.handoffs.in_hand import count_resolved

pytestmark = pytest.mark.sqlite


@pytest.fixture
def asked(store: Store) -> Iterator[list[tuple[str, tuple]]]:
    """What readers ask."""
    found: list[tuple[str, tuple]] = []

    def note(_connection, _cursor, statement, parameters, *_) -> None:
        if statement.startswith("SELECT"):
            found.append((statement, parameters))

    event.listen(store._reader, "before_cursor_execute", note)
    yield found
    event.remove(store._reader, "before_cursor_execute", note)


def plan_of(store: Store, statement: str, parameters: tuple) -> list[str]:
    with store.read() as connection:
        return [row.detail for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]


@pytest.mark.parametrize(
    "ask",
    [lambda store: count_resolved(store, 1_000), lambda store: list_merged_away(store, ["a", "b"])],
    ids=["resolved today", "merged away"],
)
def test_nothing_is_read_by_the_status_that_most_have(store, asked, ask: Callable[[Store], object]):
    ask(store)
    [(statement, parameters)] = asked
    plan = plan_of(store, statement, parameters)
    assert plan and not [line for line in plan if line.startswith("SCAN") or "(status=?" in line], plan


def test_of_no_address_nothing_is_asked(store, asked):
    with store.read() as connection:
        connection.execute(text("SELECT 1"))
        asked.clear()
        assert list_proven(connection, set()) == set()
    assert asked == []
