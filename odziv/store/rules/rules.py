"""The rules there are, in the order in which they are asked, and how often each did something."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, true, update

from odziv.store.audit import record
from odziv.store.engine import Store, moment_of
from odziv.store.lists.ordering import place_row, raise_row
from odziv.store.schema import rule_silences, rules

MOST_RULES = 200


class TooManyRules(Exception):
    """There are MOST_RULES already."""


@dataclass(frozen=True)
class Rule:
    """`event` is one of odziv.store.rules.events.EVENTS. `conditions` and `actions` are what
    odziv.cases.rules.terms reads. `enabled_at` None: it is off."""

    id: int
    name: str
    event: str
    hours: int | None
    conditions: dict[str, Any]
    actions: dict[str, Any]
    enabled_at: int | None
    runs: int
    last_run_at: int | None

    @property
    def is_on(self) -> bool:
        """Whether it answers to what happens."""
        return self.enabled_at is not None


_SHOWN = tuple(rules.c[name] for name in Rule.__dataclass_fields__)
_IN_ORDER = (rules.c.position, rules.c.id)


def list_rules(store: Store) -> list[Rule]:
    """All of them, in their order."""
    with store.read() as connection:
        return [Rule(**row) for row in connection.execute(select(*_SHOWN).order_by(*_IN_ORDER)).mappings()]


def list_listening(connection: Connection, events: Collection[str], happened_at: int) -> list[Rule]:
    """Those that were on when it happened, in their order."""
    listen = rules.c.event.in_(events) & (rules.c.enabled_at <= happened_at)
    return [Rule(**row) for row in connection.execute(select(*_SHOWN).where(listen).order_by(*_IN_ORDER)).mappings()]


def find_rule(store: Store, rule_id: int) -> Rule | None:
    """One of them, or None."""
    with store.read() as connection:
        row = connection.execute(select(*_SHOWN).where(rules.c.id == rule_id)).mappings().first()
        return Rule(**row) if row else None


def add_rule(store: Store, by: int, name: str, **terms: Any) -> int:
    """Stores a new one behind the others, which is off; returns its id. Raises TooManyRules."""
    with store.write() as connection:
        count, last = connection.execute(select(func.count(), func.coalesce(func.max(rules.c.position), 0))).one()
        if count >= MOST_RULES:
            raise TooManyRules
        values = {"name": name, **terms, "position": last + 1, "runs": 0}
        statement = insert(rules).values(**values, updated_by=by, updated_at=moment_of(connection))
        rule_id: int = connection.execute(statement.returning(rules.c.id)).scalar_one()
        record(connection, "rule_saved", by, f"rule:{rule_id}", name=name)
        return rule_id


def change_rule(store: Store, rule_id: int, by: int, name: str, **terms: Any) -> bool:
    """Gives it other terms, which hold from now on. False: it is gone."""
    with store.write() as connection:
        now = moment_of(connection)
        statement = update(rules).where(rules.c.id == rule_id).values(name=name, **terms, updated_by=by, updated_at=now)
        if not connection.execute(statement).rowcount:
            return False
        is_on = (rules.c.id == rule_id) & rules.c.enabled_at.is_not(None)
        connection.execute(update(rules).where(is_on).values(enabled_at=now))
        record(connection, "rule_saved", by, f"rule:{rule_id}", name=name)
        return True


def switch_rule(store: Store, rule_id: int, by: int, *, on: bool) -> bool:
    """Switches it on, for what happens from now on, or off. False: nothing changed."""
    with store.write() as connection:
        is_other = rules.c.enabled_at.is_(None) if on else rules.c.enabled_at.is_not(None)
        statement = update(rules).where(rules.c.id == rule_id, is_other)
        if not connection.execute(statement.values(enabled_at=moment_of(connection) if on else None)).rowcount:
            return False
        record(connection, "rule_on" if on else "rule_off", by, f"rule:{rule_id}")
        return True


def raise_rule(store: Store, rule_id: int) -> bool:
    """Has it asked before the one before it. False: it is gone. The first one stays where it is."""
    with store.write() as connection:
        return raise_row(connection, rules, true(), rule_id)


def place_rule(store: Store, rule_id: int, before: int | None) -> bool:
    """Has it asked before another one, or last (None). False: one of them is gone."""
    with store.write() as connection:
        return place_row(connection, rules, true(), rule_id, before)


def delete_rule(store: Store, rule_id: int, by: int) -> bool:
    """Removes it. False: it is gone already."""
    with store.write() as connection:
        connection.execute(delete(rule_silences).where(rule_silences.c.rule_id == rule_id))
        name = connection.execute(delete(rules).where(rules.c.id == rule_id).returning(rules.c.name)).scalar()
        if name is None:
            return False
        record(connection, "rule_deleted", by, f"rule:{rule_id}", name=name)
        return True


def count_run(connection: Connection, rule: Rule, conversation_id: str) -> None:
    """It did something in a conversation, in the caller's transaction."""
    counted = {"runs": rules.c.runs + 1, "last_run_at": moment_of(connection)}
    connection.execute(update(rules).where(rules.c.id == rule.id).values(**counted))
    record(connection, "rule_run", None, f"conversation:{conversation_id}", rule=rule.name)
