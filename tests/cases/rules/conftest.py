"""Rules on a real store, without Flask."""

from __future__ import annotations

from dataclasses import replace

import pytest

from odziv.cases.rules.catalogue import save_rule, switch_rule
from odziv.cases.rules.terms import Terms
from odziv.cases.rules.worker import RulesAtWork
from odziv.store.rules.rules import Rule, find_rule


@pytest.fixture
def boss(ana):
    return replace(ana, role="admin")


@pytest.fixture
def worker(store, settings) -> RulesAtWork:
    return RulesAtWork(store, settings)


@pytest.fixture
def add(store, settings, boss):
    """Adds a rule, which is on at once unless told otherwise."""

    def add(
        event: str, conditions=None, *, on=True, name="My rule", hours=None, macro=None, tell=False, **steps
    ) -> Rule:
        actions = {"steps": steps, "macro": macro, "tell": tell}
        terms = Terms.model_validate(
            {"event": event, "hours": hours, "conditions": conditions or {}, "actions": actions}
        )
        rule_id = save_rule(store, settings, boss, name, terms)
        if on:
            switch_rule(store, boss, rule_id, on=True)
        return find_rule(store, rule_id)

    return add
