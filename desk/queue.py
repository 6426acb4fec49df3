"""The queue of waiting handoffs, the agent's own inbox, and taking a handoff."""

from __future__ import annotations

from flask import abort, make_response, redirect, render_template, request, url_for
from flask_login import current_user, login_required
from werkzeug.wrappers import Response as AnyResponse

from chat.notices import notice
from desk.blueprint import blueprint, services
from kb.render import render_plain
from store.conversations import find_conversation
from store.engine import now_ms
from store.handoffs import Claim, Handoff, claim, find_handoff, list_inbox, list_queue, measure_workload
from store.messages import Draft
from store.phrasings import count_proposed

LISTS = ("queue", "inbox")


@blueprint.get("/")
def show_start() -> AnyResponse:
    """The desk begins at the queue."""
    return redirect(url_for("desk.show_queue"))


@blueprint.get("/queue")
@login_required
def show_queue() -> str:
    """Everyone who waits for a person."""
    return render_template("desk/desk.html", **frame("queue"))


@blueprint.get("/inbox")
@login_required
def show_inbox() -> str:
    """What the signed-in agent is working on."""
    return render_template("desk/desk.html", **frame("inbox"))


@blueprint.get("/list/<which>")
@login_required
def refresh_list(which: str) -> str:
    """The list alone, for a page that is open already."""
    if which not in LISTS:
        abort(404)
    return render_template("desk/_list.html", **frame(which, request.args.get("open")))


@blueprint.post("/handoffs/<int:handoff_id>/claim")
@login_required
def take(handoff_id: int) -> AnyResponse:
    """Takes one handoff. Exactly one agent wins; the others get 409 and are told who has it."""
    handoff = find_handoff(services().store, handoff_id)
    if handoff is None:
        abort(404)
    outcome = _claim(handoff)
    if outcome.won or _is_mine(handoff_id):
        return redirect(url_for("desk.show_conversation", conversation_id=outcome.conversation_id), 303)
    problem = f"{outcome.agent_name or 'Somebody else'} has it already."
    return make_response(render_template("desk/desk.html", **frame("queue"), problem=problem), 409)


@blueprint.post("/next")
@login_required
def take_next() -> AnyResponse:
    """Takes whoever has waited longest; when another agent is quicker, the one after."""
    for handoff in list_queue(services().store):
        if _claim(handoff).won:
            return redirect(url_for("desk.show_conversation", conversation_id=handoff.conversation_id), 303)
    return redirect(url_for("desk.show_queue"), 303)


def frame(which: str, open_id: str | None = None) -> dict:
    """What every page of the desk shows around a conversation: counts and one of the two lists."""
    store = services().store
    handoffs = list_queue(store) if which == "queue" else list_inbox(store, current_user.id)
    return {**rail(which), "handoffs": handoffs, "open_id": open_id}


def rail(which: str) -> dict:
    """What the navigation shows on every page: where one is, and what waits."""
    store = services().store
    return {
        "which": which,
        "workload": measure_workload(store, current_user.id),
        "proposed": count_proposed(store),
        "now": now_ms(),
    }


def system_draft(key: str, language: str) -> Draft:
    """A notice to the customer, in their language, about the signed-in agent."""
    text = notice(key, language, name=current_user.name)
    return Draft(sender="system", text=text, html=render_plain(text))


def _claim(handoff: Handoff) -> Claim:
    conversation = find_conversation(services().store, handoff.conversation_id)
    joined = system_draft("joined", conversation.language)
    return claim(services().store, handoff.id, current_user.id, joined)


def _is_mine(handoff_id: int) -> bool:
    """A second click on "Take" is no loss."""
    handoff = find_handoff(services().store, handoff_id)
    return handoff is not None and handoff.status == "claimed" and handoff.agent_id == current_user.id
