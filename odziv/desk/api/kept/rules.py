"""Rules for programs: which there are, made, changed, ordered, tried on the last days, switched on and off."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from flask import Response, jsonify
from flask_login import current_user

from odziv.cases.macros.steps import Named, load_names
from odziv.cases.refused import Refused
from odziv.cases.rules import catalogue
from odziv.cases.rules.catalogue import get_rule, list_shared_macros
from odziv.cases.rules.dry_run import DAYS, try_rule
from odziv.cases.rules.terms import read_terms
from odziv.desk.api.blueprint import call
from odziv.desk.api.kept.bodies import Placed, RuleKept, RuleMade
from odziv.desk.api.kept.making import make
from odziv.desk.api.kept.steps import actions_json, conditions_json
from odziv.desk.frame.lookups import LARGEST_ID
from odziv.desk.frame.roles import ADMIN
from odziv.desk.team.rules import tell_rule
from odziv.store.engine import iso_time
from odziv.store.rules.rules import Rule, list_rules
from odziv.web.bodies import read_body
from odziv.web.services import services

RULE = f"/rules/<int(max={LARGEST_ID}):rule_id>"


@call("GET", "/rules", needs=ADMIN)
def get_rules() -> Response:
    """All rules in their order."""
    names = _load_names()
    return jsonify(rules=[_rule_json(rule, *names) for rule in list_rules(services().store)])


@call("GET", RULE, needs=ADMIN)
def get_one_rule(rule_id: int) -> Response:
    """One of them."""
    return _as_it_is(rule_id)


@call("POST", "/rules", needs=ADMIN)
def post_new_rule() -> tuple[Response, int]:
    """Adds one behind the others, which is off."""
    settings, agent = services().settings, current_user.agent
    made = make(RuleMade, lambda store, body: catalogue.save_rule(store, settings, agent, body.name, body.terms()))
    return _as_it_is(made), 201


@call("PUT", RULE, needs=ADMIN)
def put_changed_rule(rule_id: int) -> Response:
    """Changes one; on or off, it stays."""
    body, store, settings = read_body(RuleKept), services().store, services().settings
    catalogue.save_rule(store, settings, current_user.agent, body.name, body.terms(), rule_id=rule_id)
    return _as_it_is(rule_id)


@call("POST", f"{RULE}/move", needs=ADMIN)
def post_rule_move(rule_id: int) -> tuple[str, int]:
    """Has one asked before another one, or last."""
    catalogue.place_rule(services().store, rule_id, read_body(Placed).before)
    return "", 204


@call("DELETE", RULE, needs=ADMIN)
def delete_rule(rule_id: int) -> tuple[str, int]:
    """Deletes one."""
    catalogue.delete_rule(services().store, current_user.agent, rule_id)
    return "", 204


@call("GET", f"{RULE}/dry-run", needs=ADMIN)
def get_dry_run(rule_id: int) -> Response:
    """What it would have met in the last days; nothing is changed."""
    met = try_rule(services().store, services().settings, get_rule(services().store, rule_id))
    newest = [one.id for one in met.newest]
    return jsonify(days=DAYS, times=met.times, conversations=met.count, newest=newest)


@call("POST", f"{RULE}/on", needs=ADMIN)
def post_rule_on(rule_id: int) -> tuple[str, int]:
    """It answers to what happens from now on; repeating it is harmless."""
    catalogue.switch_rule(services().store, current_user.agent, rule_id, on=True)
    return "", 204


@call("POST", f"{RULE}/off", needs=ADMIN)
def post_rule_off(rule_id: int) -> tuple[str, int]:
    """It answers to nothing; repeating it is harmless."""
    catalogue.switch_rule(services().store, current_user.agent, rule_id, on=False)
    return "", 204


def _as_it_is(rule_id: int) -> Response:
    return jsonify(rule=_rule_json(get_rule(services().store, rule_id), *_load_names()))


def _load_names() -> tuple[Named, dict[int, str]]:
    return load_names(services().store, services().settings), list_shared_macros(services().store)


def _rule_json(rule: Rule, named: Named, macros: dict[int, str]) -> dict[str, Any]:
    when, condition, told, lost = tell_rule(rule, named, macros)
    kept: dict[str, Any] = {"conditions": None, "actions": None}
    with suppress(Refused):  # kept by another version; the problems say so
        terms = read_terms(rule)
        kept = {"conditions": conditions_json(terms.conditions), "actions": actions_json(terms.actions)}
    return {
        "id": rule.id,
        "name": rule.name,
        "on": rule.is_on,
        "event": rule.event,
        "hours": rule.hours,
        **kept,
        "when": when,
        "if": condition or None,
        "then": told,
        "problems": lost,
        "runs": rule.runs,
        "last_run_at": None if rule.last_run_at is None else iso_time(rule.last_run_at),
    }
