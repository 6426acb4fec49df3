"""What administrators look after, for programs: who has what and who waits."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from odziv.cases.queue.overview import AgentNow, QueueNow, look_at_team
from odziv.desk.api.blueprint import call
from odziv.desk.frame.roles import ADMIN
from odziv.store.engine import iso_time
from odziv.store.handoffs.in_hand import InHand
from odziv.web.services import services


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


def _moment(milliseconds: int | None) -> str | None:
    return None if milliseconds is None else iso_time(milliseconds)
