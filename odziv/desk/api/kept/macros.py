"""Macros for programs: which there are, kept; what one would do in a conversation, and running it."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from flask_login import current_user

from odziv.cases.macros import catalogue
from odziv.cases.macros.catalogue import get_macro
from odziv.cases.macros.pressing import press_macro
from odziv.cases.macros.steps import Named, find_lost, load_names, read_steps, tell_steps
from odziv.cases.refused import Refused
from odziv.desk.api.blueprint import call
from odziv.desk.api.bodies import Press
from odziv.desk.api.kept.bodies import MacroKept, MacroMade, Placed
from odziv.desk.api.kept.making import make
from odziv.desk.api.kept.steps import steps_json
from odziv.desk.api.reading import as_it_is, find
from odziv.desk.frame.lookups import LARGEST_ID
from odziv.desk.frame.roles import AGENT
from odziv.desk.team.running import fill_steps, preview_macro
from odziv.store.macros.macros import Macro, list_macros
from odziv.web.bodies import read_body
from odziv.web.services import services

MACRO = f"/macros/<int(max={LARGEST_ID}):macro_id>"
PRESSED = f"/conversations/<conversation_id>{MACRO}"


@call("GET", "/macros", needs=AGENT)
def get_macros() -> Response:
    """Everybody's, and the agent's own."""
    named, every = load_names(services().store, services().settings), list_macros(services().store, current_user.id)
    return jsonify(macros=[_macro_json(macro, named) for macro in every])


@call("POST", "/macros", needs=AGENT)
def post_new_macro() -> tuple[Response, int]:
    """Adds one: the agent's own, or everybody's, which takes an administrator."""
    settings, agent = services().settings, current_user.agent
    made = make(
        MacroMade,
        lambda store, body: catalogue.save_macro(
            store, settings, agent, body.name, body.steps.steps(), shared=body.shared
        ),
    )
    return _as_it_is(made), 201


@call("PUT", MACRO, needs=AGENT)
def put_changed_macro(macro_id: int) -> Response:
    """Changes one."""
    body, store, settings = read_body(MacroKept), services().store, services().settings
    steps, agent = body.steps.steps(), current_user.agent
    catalogue.save_macro(store, settings, agent, body.name, steps, shared=body.shared, macro_id=macro_id)
    return _as_it_is(macro_id)


@call("POST", f"{MACRO}/move", needs=AGENT)
def post_macro_move(macro_id: int) -> tuple[str, int]:
    """Puts one before another one of the same owner, or last."""
    catalogue.place_macro(services().store, current_user.agent, macro_id, read_body(Placed).before)
    return "", 204


@call("DELETE", MACRO, needs=AGENT)
def delete_macro(macro_id: int) -> tuple[str, int]:
    """Deletes one."""
    catalogue.delete_macro(services().store, current_user.agent, macro_id)
    return "", 204


@call("GET", PRESSED, needs=AGENT)
def get_macro_preview(conversation_id: str, macro_id: int) -> Response:
    """What it would do; nothing is changed."""
    conversation = find(conversation_id)
    macro = get_macro(services().store, current_user.agent, macro_id)
    shown = preview_macro(conversation, macro)
    named = load_names(services().store, services().settings)
    told = {"does": shown["told"], "reply": shown["text"] or None, "problem": shown["hindrance"]}
    return jsonify(macro=_macro_json(macro, named), **told)


@call("POST", PRESSED, needs=AGENT)
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


def _as_it_is(macro_id: int) -> Response:
    named = load_names(services().store, services().settings)
    return jsonify(macro=_macro_json(get_macro(services().store, current_user.agent, macro_id), named))


def _macro_json(macro: Macro, named: Named) -> dict[str, Any]:
    told = {"id": macro.id, "name": macro.name, "shared": macro.is_shared}
    try:
        steps = read_steps(macro.steps)
    except Refused as refused:  # kept by another version
        return {**told, "steps": None, "does": [], "problems": [refused.problem]}
    return {**told, "steps": steps_json(steps), "does": tell_steps(steps, named), "problems": find_lost(steps, named)}
