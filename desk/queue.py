"""The queue of waiting handoffs, the agent's own inbox, and taking a handoff."""

from __future__ import annotations

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from flask_login import current_user, login_required
from werkzeug.wrappers import Response as AnyResponse

from desk.blueprint import blueprint, services
from desk.keeper import system_notice
from desk.page import rail
from desk.routing import load_team, order_for
from store.conversations import find_conversation
from store.handoffs import Claim, claim, find_handoff, list_inbox, list_queue, list_snoozed
from store.messages import Draft
from store.waiting import list_waiting

LISTS = ("queue", "inbox", "snoozed")


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


@blueprint.get("/snoozed")
@login_required
def show_snoozed() -> str:
    """What everybody has put off, the next to come back first."""
    return render_template("desk/desk.html", **frame("snoozed"))


@blueprint.get("/list/<which>")
@login_required
def refresh_list(which: str) -> str:
    """The list alone, for a page that is open already."""
    if which not in LISTS:
        abort(404)
    return render_template("desk/_list.html", **frame(which, request.args.get("open")))


@blueprint.post("/handoffs/<int(max=9007199254740991):handoff_id>/claim")
@login_required
def take(handoff_id: int) -> AnyResponse:
    """Takes one handoff. Exactly one agent wins; the others get 409 and are told who has it."""
    handoff = find_handoff(services().store, handoff_id)
    if handoff is None:
        abort(404)
    outcome = _claim(handoff.id, handoff.conversation_id)
    if outcome.won or _is_mine(handoff_id):
        return redirect(url_for("desk.show_conversation", conversation_id=outcome.conversation_id), 303)
    problem = f"{outcome.agent_name or 'Somebody else'} has it already."
    return make_response(render_template("desk/desk.html", **frame("queue"), problem=problem), 409)


@blueprint.post("/next")
@login_required
def take_next() -> AnyResponse:
    """Takes the fair first of those this agent has the skills for; when another agent is quicker, the one after.

    Then of those nobody else who is there can take. Sends back to the queue, with a word why, when none is left.
    """
    team, queue = load_team(services().store, services().settings), list_waiting(services().store)
    me = next(duty for duty in team.duties if duty.agent_id == current_user.id)
    for waiting in order_for(me, queue, team):
        if _claim(waiting.id, waiting.conversation_id).won:
            return redirect(url_for("desk.show_conversation", conversation_id=waiting.conversation_id), 303)
    if queue:
        flash("Those who wait are for colleagues who are here. You can still take one by hand.")
    return redirect(url_for("desk.show_queue"), 303)


def frame(which: str, open_id: str | None = None) -> dict:
    """What a page shows around a conversation: the rail and one of the lists."""
    store = services().store
    marks = rail(which)  # before the list: of what comes in between, the page then hears
    finders = {"queue": list_queue, "snoozed": list_snoozed}
    handoffs = finders[which](store) if which in finders else list_inbox(store, current_user.id)
    return {**marks, "handoffs": handoffs, "open_id": open_id}


def system_draft(key: str, language: str) -> Draft:
    """A notice to the customer, in their language, about the signed-in agent."""
    return system_notice(key, language, name=current_user.name)


def _claim(handoff_id: int, conversation_id: str) -> Claim:
    conversation = find_conversation(services().store, conversation_id)
    outcome = claim(services().store, handoff_id, current_user.id, system_draft("joined", conversation.language))
    if outcome.won:
        _warn_over_capacity()
    return outcome


def _warn_over_capacity() -> None:
    team = load_team(services().store, services().settings)
    me = next(duty for duty in team.duties if duty.agent_id == current_user.id)
    if me.open > me.capacity:
        flash(f"You have {me.open} open conversations now; your capacity is {me.capacity}.")


def _is_mine(handoff_id: int) -> bool:
    """A second click on "Take" is no loss."""
    handoff = find_handoff(services().store, handoff_id)
    return handoff is not None and handoff.status == "claimed" and handoff.agent_id == current_user.id
