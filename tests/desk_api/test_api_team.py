"""The team and the rules by a token of an administrator; nobody else's."""

from __future__ import annotations

import pytest

from odziv.cases.rules.catalogue import save_rule
from odziv.cases.rules.terms import Terms
from odziv.store.agents.agent import find_agent
from odziv.store.rules.rules import find_rule


@pytest.fixture
def rule(store, app, boss) -> int:
    settings, agent = app.extensions["odziv"].settings, find_agent(store, boss.agent.id)
    conditions = {"words": ["denar"]}
    terms = {"event": "customer_wrote", "conditions": conditions, "actions": {"steps": {"priority": "high"}}}
    return save_rule(store, settings, agent, "Money", Terms.model_validate(terms))


def test_who_has_what_and_who_waits(ana, boss, waiting):
    seen = boss.get("/team").get_json()
    assert (seen["waiting"], seen["queues"][0]["language"], seen["today"]["came"]) == (1, "sl", 1)
    assert seen["waits_since"] == seen["queues"][0]["waits_since"]
    ana.post(f"/conversations/{waiting.id}/claim")
    seen = boss.get("/team").get_json()
    [agent] = [one for one in seen["agents"] if one["id"] == ana.agent.id]
    assert seen["waiting"] == 0 and agent["name"] == "Ana Kovač"
    [held] = agent["has"]
    assert (held["conversation_id"], held["snoozed"]) == (waiting.id, False) and held["waits_since"] and held["since"]


def test_rules_are_told_and_switched(store, boss, rule):
    [told] = boss.get("/rules").get_json()["rules"]
    assert told == {"id": rule, "name": "Money", "on": False, "when": "a customer writes", "if": "it says “denar”",
                    "then": ["Sets the priority to high."], "problems": [], "runs": 0, "last_run_at": None}  # fmt: skip
    for path, on in (("on", True), ("on", True), ("off", False), ("off", False)):
        assert boss.post(f"/rules/{rule}/{path}").status_code == 204
        assert find_rule(store, rule).is_on is on
    assert boss.post("/rules/4711/on").status_code == boss.post("/rules/4711/off").status_code == 404


@pytest.mark.parametrize("path", ["/team", "/rules"])
def test_others_may_not_read(ana, path):
    assert ana.get(path).status_code == 403


@pytest.mark.parametrize("path", ["on", "off"])
def test_others_may_not_switch(store, ana, rule, path):
    assert ana.post(f"/rules/{rule}/{path}").status_code == 403 and not find_rule(store, rule).is_on
