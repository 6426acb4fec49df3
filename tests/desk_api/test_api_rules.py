"""Rules by a token of an administrator: made off, changed whole, ordered, tried, switched and deleted."""

from __future__ import annotations

import pytest

from odziv.store.audit import list_entries
from odziv.store.rules.rules import find_rule

TERMS = {
    "event": "customer_wrote",
    "conditions": {"words": ["denar"], "language": "sl"},
    "actions": {"priority": "high", "note": "Look at this"},
}


@pytest.fixture
def rule(boss) -> int:
    answer = boss.post("/rules", {"client_id": "money", "name": "Money", **TERMS})
    assert answer.status_code == 201
    return answer.get_json()["rule"]["id"]


def test_told_in_words_and_as_it_was_sent(boss, rule):
    [told] = boss.get("/rules").get_json()["rules"]
    conditions, actions = told.pop("conditions"), told.pop("actions")
    assert told == {"id": rule, "name": "Money", "on": False, "event": "customer_wrote", "hours": None,
                    "when": "a customer writes", "if": "it is in Slovenian and it says “denar”",
                    "then": ["Sets the priority to high.", "Adds an internal note: “Look at this”"], "problems": [],
                    "runs": 0, "last_run_at": None}  # fmt: skip
    assert {name: value for name, value in conditions.items() if value} == TERMS["conditions"]
    assert {name: value for name, value in actions.items() if value} == TERMS["actions"]
    assert boss.get(f"/rules/{rule}").get_json()["rule"] == {**told, "conditions": conditions, "actions": actions}


def test_what_is_read_can_be_sent_and_a_change_replaces_all(store, boss, rule):
    former = boss.get(f"/rules/{rule}").get_json()["rule"]
    sent = {name: former[name] for name in ("name", "event", "hours", "conditions", "actions")}
    assert boss.call("PUT", f"/rules/{rule}", sent).get_json()["rule"] == former
    boss.post(f"/rules/{rule}/on")
    quiet = {"name": "Silence", "event": "quiet", "hours": 4, "actions": {"end": "resolve"}}
    changed = boss.call("PUT", f"/rules/{rule}", quiet).get_json()["rule"]
    assert (changed["name"], changed["hours"], changed["if"], changed["on"]) == ("Silence", 4, None, True)
    assert find_rule(store, rule).conditions == {}
    assert boss.call("PUT", "/rules/4711", quiet).status_code == 404


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"event": "never"}, 400),
        ({"event": "quiet"}, 400),
        ({"hours": 3}, 400),
        ({"event": "quiet", "hours": 0}, 400),
        ({"conditions": {"colour": "red"}}, 400),
        ({"conditions": {"label": "1"}}, 400),
        ({"conditions": {"words": ["x"] * 51}}, 400),
        ({"conditions": {"words": ["…"]}}, 422),
        ({"conditions": {"words": ["x" * 200] * 20}}, 422),
        ({"conditions": {"label": 4711}}, 409),
        ({"conditions": {"site": "nowhere"}}, 409),
        ({"actions": {}}, 422),
        ({"actions": {"end": "spam"}}, 400),
        ({"actions": {"end": "assign"}}, 400),
        ({"actions": {"end": "assign", "to": 4711}}, 409),
        ({"actions": {"macro": 4711}}, 409),
        ({"actions": {"labels_on": [True]}}, 400),
        ({"actions": {"note": "x" * 9000}}, 422),
    ],
)
def test_what_is_no_rule_is_refused_and_changes_nothing(store, boss, rule, change, status):
    before = find_rule(store, rule)
    body = {"name": "Other", **TERMS, **change}
    assert boss.call("PUT", f"/rules/{rule}", body).status_code == status
    assert boss.post("/rules", {"client_id": "other", **body}).status_code == status
    assert find_rule(store, rule) == before and len(boss.get("/rules").get_json()["rules"]) == 1


def test_ordered_switched_and_deleted(store, boss, rule):
    other = boss.post("/rules", {"client_id": "other", "name": "Other", **TERMS}).get_json()["rule"]["id"]
    for before, order in ((rule, [other, rule]), (rule, [other, rule]), (other, [other, rule]), (None, [rule, other])):
        assert boss.post(f"/rules/{other}/move", {"before": before}).status_code == 204
        assert [one["id"] for one in boss.get("/rules").get_json()["rules"]] == order
    assert boss.post(f"/rules/{other}/move", {"before": 4711}).status_code == 404
    assert boss.post(f"/rules/{other}/move", {}).status_code == 400
    for path, on in (("on", True), ("on", True), ("off", False), ("off", False)):
        assert boss.post(f"/rules/{rule}/{path}").status_code == 204
        assert find_rule(store, rule).is_on is on
    assert boss.call("DELETE", f"/rules/{rule}").status_code == 204
    for method, path in (("DELETE", ""), ("GET", ""), ("GET", "/dry-run"), ("POST", "/on"), ("POST", "/off")):
        assert boss.call(method, f"/rules/{rule}{path}").status_code == 404
    assert list_entries(store, action="rule_deleted")[0].detail["token"] == "Špela Novak's"


def test_tried_on_the_last_days_nothing_is_changed(boss, ana, waiting):
    terms = {"event": "handed_off", "actions": {"priority": "urgent"}}
    made = boss.post("/rules", {"client_id": "try", "name": "Try", **terms}).get_json()["rule"]["id"]
    met = boss.get(f"/rules/{made}/dry-run").get_json()
    assert met == {"days": 30, "times": 1, "conversations": 1, "newest": [waiting.id]}
    assert boss.get(f"/rules/{made}").get_json()["rule"]["runs"] == 0


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", ""), ("POST", ""), ("GET", "/{rule}"), ("PUT", "/{rule}"), ("DELETE", "/{rule}"), ("POST", "/{rule}/on"),
     ("POST", "/{rule}/off"), ("POST", "/{rule}/move"), ("GET", "/{rule}/dry-run")],
)  # fmt: skip
def test_rules_are_administrators(store, ana, rule, method, path):
    before = find_rule(store, rule)
    assert ana.call(method, f"/rules{path.format(rule=rule)}", {"name": "X", **TERMS}).status_code == 403
    assert find_rule(store, rule) == before
