"""What a program makes is made once, also when asked for twice at a time; what failed leaves no note."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import func, select

from odziv.store.lists.made import KEPT_MS, MadeOtherwise, make_once
from odziv.store.rules.rules import add_rule, list_rules
from odziv.store.schema import made_by_programs
from tests.fixtures import add_agent

TERMS = {"event": "begun", "hours": None, "conditions": {}, "actions": {}}


@pytest.fixture
def agent_id(store) -> int:
    return add_agent(store, "CRM").id


def ask(store, agent_id: int, name: str = "Money", client_id: str = "one") -> int:
    return make_once(store, agent_id, client_id, "rule", {"name": name}, lambda s: add_rule(s, agent_id, name, **TERMS))


def count(store) -> int:
    with store.read() as connection:
        return connection.execute(select(func.count()).select_from(made_by_programs)).scalar_one()


def test_asked_again_it_is_the_same_one(store, agent_id):
    assert ask(store, agent_id) == ask(store, agent_id)
    assert ask(store, agent_id, client_id="two") != ask(store, agent_id)
    assert len(list_rules(store)) == 2


def test_another_thing_under_the_same_id_is_refused(store, agent_id):
    ask(store, agent_id)
    with pytest.raises(MadeOtherwise):
        ask(store, agent_id, "Other")
    assert [rule.name for rule in list_rules(store)] == ["Money"]


def test_asked_for_at_once_one_is_made(store, agent_id):
    together = Barrier(4)

    def at_once(_number: int) -> int:
        together.wait(20)
        return ask(store, agent_id)

    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(at_once, range(4)))
    assert len(set(made)) == 1 and len(list_rules(store)) == 1


def test_what_failed_leaves_no_trace_and_may_be_asked_for_again(store, agent_id):
    def fail(joined):
        add_rule(joined, agent_id, "Money", **TERMS)
        raise KeyError

    with pytest.raises(KeyError):
        make_once(store, agent_id, "one", "rule", {"name": "Money"}, fail)
    assert list_rules(store) == [] and count(store) == 0
    assert ask(store, agent_id) == list_rules(store)[0].id


def test_it_is_forgotten_in_time(store, agent_id, clock):
    ask(store, agent_id)
    clock.advance(KEPT_MS)
    ask(store, agent_id, client_id="two")
    assert count(store) == 2
    clock.advance(1)
    ask(store, agent_id, client_id="three")
    assert count(store) == 2
