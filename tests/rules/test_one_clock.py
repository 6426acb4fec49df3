"""There is one clock, the store's: no moment of the machine's gets beside it, into a row or into a comparison."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest
from sqlalchemy import BigInteger, select

from odziv.store import Store
from odziv.store.agents.passwords import make_reset
from odziv.store.agents.sessions import mark_seen
from odziv.store.agents.tokens import find_bearer, make_token
from odziv.store.conversations.messages import NewMessage, add_customer_message
from odziv.store.conversations.spam import mark_spam
from odziv.store.handoffs.handoff import add_agent_message, claim, list_queue, release
from odziv.store.schema import metadata
from odziv.store.webhooks.events import EVENTS
from odziv.store.webhooks.subscriptions import add_webhook
from tests.desk.conftest import hand_off
from tests.rules.test_imports import MODULES

# What tells the machine's time; all else measures how long something takes, or asks the store.
MACHINES = {f"time.{name}" for name in ("time", "time_ns", "localtime", "gmtime", "ctime", "strftime")}
MACHINES |= {"datetime.now", "datetime.utcnow", "datetime.today", "date.today"}
# Only these may, and no others are to come.
MAY = {
    "odziv.store.engine": "it is the default of Store(clock=…)",
    "odziv.chat.verification": "PyJWT checks `exp` by the machine's clock alone, and the bound beside it must agree",
}
NOTICE = NewMessage("system", "a notice", "")
LONG_AGO = 1_000_000_000_000  # September 2001


def named(tree: ast.AST) -> Iterator[str]:
    """What a module uses of its imports, as "time.time"; what is imported from `time` by name counts too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name | ast.Attribute):
            yield f"{getattr(node.value, 'id', getattr(node.value, 'attr', ''))}.{node.attr}"
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def asks_the_machine(source: str) -> bool:
    return any(name in MACHINES or name.endswith(".now_ms") for name in named(ast.parse(source)))


@pytest.mark.slow
def test_only_the_store_asks_the_machine_what_time_it_is():
    ours = {module: path for module, path in MODULES.items() if module.startswith("odziv")}
    assert {module for module, path in ours.items() if asks_the_machine(path.read_text("utf-8"))} == set(MAY)


@pytest.mark.parametrize(
    "source",
    ["time.time()", "from time import time_ns", "datetime.datetime.now(UTC)", "f = engine.now_ms", "date.today()",
     "from odziv.store.engine import Store, now_ms"],
)  # fmt: skip
def test_the_check_sees_it(source):
    assert asks_the_machine(source) and not asks_the_machine("time.monotonic(); datetime.fromtimestamp(clock.now)")


def moments(store: Store) -> dict[str, set[int]]:
    """Every moment in the database, by table and column."""
    found: dict[str, set[int]] = {}
    with store.read() as connection:
        for table in metadata.sorted_tables:
            for column in table.c:
                is_moment = isinstance(column.type, BigInteger) and (column.name == "at" or column.name.endswith("_at"))
                values = set(connection.execute(select(column)).scalars()) - {None, 0} if is_moment else set()
                if values:
                    found[f"{table.name}.{column.name}"] = values
    return found


def test_every_moment_of_every_row_is_the_stores(store: Store, ana):
    with store.write() as connection:
        for table in reversed(metadata.sorted_tables):
            if table.name in ("audit", "invitations"):
                connection.execute(table.delete())
        connection.execute(metadata.tables["agents"].update().values(created_at=LONG_AGO))
    store.clock.now = LONG_AGO
    add_webhook(store, "https://shop.example/hook", EVENTS)
    make_reset(store, ana.id)
    _, token = make_token(store, ana.id, "till", "agent", days=1)
    assert find_bearer(store, token)
    mark_seen(store, ana.id, "no session", None)
    for number in range(2):
        waiting = hand_off(store, f"A person, please. {number}")
        assert claim(store, list_queue(store)[0].id, ana.id, NOTICE).won
        add_agent_message(
            store, waiting.id, ana.id, NewMessage("agent", "Yes?", "", agent_id=ana.id, mentions=(ana.id,))
        )
        add_customer_message(store, waiting.id, "c9", "Where is it?", "")
        if number:
            assert release(store, waiting.id, ana.id, "resolved", NOTICE)
        else:
            assert mark_spam(store, waiting.id, ana.id, NOTICE)
    told = moments(store)
    assert {name: values for name, values in told.items() if not values <= {LONG_AGO, LONG_AGO + 86_400_000}} == {}
    assert len(told) > 20
