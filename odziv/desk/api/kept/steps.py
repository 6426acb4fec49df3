"""What macros and rules do, and what rules ask for, as programs read it: what they send has the same form."""

from __future__ import annotations

from typing import Any

from odziv.cases.macros.steps import Steps
from odziv.cases.rules.terms import Actions, Conditions


def steps_json(steps: Steps) -> dict[str, Any]:
    """As a macro's `steps` are sent."""
    same = ("labels_on", "labels_off", "priority", "note", "reply", "end", "snooze", "to", "topic")
    fields = [{"field": field_id, "value": value} for field_id, value in steps.fields.items()]
    return {**{name: getattr(steps, name) for name in same}, "fields": fields}


def actions_json(actions: Actions) -> dict[str, Any]:
    """As a rule's `actions` are sent."""
    return {**steps_json(actions.steps), "macro": actions.macro, "tell": actions.tell}


def conditions_json(conditions: Conditions) -> dict[str, Any]:
    """As a rule's `conditions` are sent."""
    return conditions.model_dump(mode="json")
