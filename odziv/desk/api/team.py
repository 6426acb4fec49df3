"""What administrators look after, for programs: who has what and who waits, and the rules."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from flask_login import current_user

from odziv.cases.macros.steps import load_names
from odziv.cases.queue.overview import AgentNow, QueueNow, look_at_team
from odziv.cases.rules import catalogue
from odziv.cases.rules.catalogue import list_shared_macros
from odziv.desk.api.blueprint import call
from odziv.desk.frame.lookups import LARGEST_ID
from odziv.desk.frame.roles import ADMIN
from odziv.desk.team.rules import tell_rule
from odziv.store.engine import iso_time
from odziv.store.handoffs.in_hand import InHand
from odziv.store.rules.rules import Rule, list_rules
from odziv.web.services import services

RULE = f"/rules/<int(max={LARGEST_ID}):rule_id>"


@call("GET", "/team", needs=ADMIN)
def get_team() -> Response:
    """Who has what, since when, and how long customers wait."""
    seen = look_at_team(services().store, services().settings)
    today = {
        "came": seen.today.came,
        "answered": seen.today.answered,
        "first_answer_median_ms": seen.today.half,
        "first_answer_p90_ms": seen.today.most,
    }
    return jsonify(
        waiting=seen.waiting,
        waits_since=_moment(seen.waits_since),
        today=today,
        agents=[_agent_json(agent) for agent in seen.agents],
        queues=[_queue_json(queue) for queue in seen.queues],
    )


@call("GET", "/rules", needs=ADMIN)
def get_rules() -> Response:
    """All rules in their order, told in words."""
    return jsonify(rules=[_rule_json(rule) for rule in list_rules(services().store)])


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


def _agent_json(agent: AgentNow) -> dict[str, Any]:
    return {
        "id": agent.member.agent_id,
        "name": agent.member.name,
        "online": agent.is_online,
        "available": agent.member.available,
        "capacity": agent.member.capacity,
        "resolved_today": agent.resolved,
        "has": [_held_json(one) for one in agent.has + agent.snoozed],
    }


def _queue_json(queue: QueueNow) -> dict[str, Any]:
    return {
        "language": queue.language,
        "topic": queue.topic,
        "waiting": len(queue.waiting),
        "waits_since": iso_time(queue.waiting[0].created_at),
    }


def _held_json(one: InHand) -> dict[str, Any]:
    return {
        "conversation_id": one.conversation_id,
        "snoozed": one.status == "snoozed",
        "since": _moment(one.claimed_at),
        "waits_since": _moment(one.waits_since),
    }


def _rule_json(rule: Rule) -> dict[str, Any]:
    named, macros = load_names(services().store, services().settings), list_shared_macros(services().store)
    when, condition, told, lost = tell_rule(rule, named, macros)
    return {
        "id": rule.id,
        "name": rule.name,
        "on": rule.is_on,
        "when": when,
        "if": condition or None,
        "then": told,
        "problems": lost,
        "runs": rule.runs,
        "last_run_at": _moment(rule.last_run_at),
    }


def _moment(milliseconds: int | None) -> str | None:
    return None if milliseconds is None else iso_time(milliseconds)
