"""Macros for programs: which there are, what one would do, and running it."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from flask_login import current_user

from odziv.cases.macros.catalogue import get_macro
from odziv.cases.macros.pressing import press_macro
from odziv.cases.macros.steps import read_steps
from odziv.desk.api.blueprint import call
from odziv.desk.api.bodies import Press
from odziv.desk.api.reading import as_it_is, find
from odziv.desk.frame.lookups import LARGEST_ID
from odziv.desk.frame.roles import AGENT
from odziv.desk.team.running import fill_steps, preview_macro
from odziv.store.macros.macros import Macro, list_macros
from odziv.web.bodies import read_body
from odziv.web.services import services

MACRO = f"/conversations/<conversation_id>/macros/<int(max={LARGEST_ID}):macro_id>"


@call("GET", "/macros", needs=AGENT)
def get_macros() -> Response:
    """Everybody's, and the agent's own."""
    return jsonify(macros=[_macro_json(macro) for macro in list_macros(services().store, current_user.id)])


@call("GET", MACRO, needs=AGENT)
def get_macro_preview(conversation_id: str, macro_id: int) -> Response:
    """What it would do; nothing is changed."""
    conversation = find(conversation_id)
    macro = get_macro(services().store, current_user.agent, macro_id)
    shown = preview_macro(conversation, macro)
    return jsonify(
        macro=_macro_json(macro), does=shown["told"], reply=shown["text"] or None, problem=shown["hindrance"]
    )


@call("POST", MACRO, needs=AGENT)
def post_macro(conversation_id: str, macro_id: int) -> Response:
    """Runs it at once; a repeat changes nothing."""
    body, conversation = read_body(Press), find(conversation_id)
    store, settings, agent = services().store, services().settings, current_user.agent
    macro = get_macro(store, agent, macro_id)
    steps = fill_steps(read_steps(macro.steps), conversation)
    press_macro(
        store, settings, agent, conversation_id, macro.name, steps, key=body.client_id, seen=body.seen, delay_ms=0
    )
    return as_it_is(conversation_id)


def _macro_json(macro: Macro) -> dict[str, Any]:
    return {"id": macro.id, "name": macro.name, "shared": macro.is_shared}
