"""The queue of waiting handoffs, the agent's own inbox, and taking a handoff."""

from __future__ import annotations

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from odziv.cases.queue_keeper import system_notice
from odziv.cases.routing import load_team, order_for
from odziv.desk.frame.lookups import HANDOFF, find_handoff_or_404
from odziv.desk.frame.page import rail
from odziv.desk.frame.roles import AGENT, ANYONE, action, page
from odziv.store.conversations.conversation import find_conversation
from odziv.store.conversations.messages import Draft
from odziv.store.handoffs.handoff import Claim, claim, find_handoff, list_inbox, list_queue, list_snoozed
from odziv.store.handoffs.queue_view import list_waiting
from odziv.web.services import services

LISTS = ("queue", "inbox", "snoozed")
# So many of a list are shown, and so many more each time somebody asks; at the most, a page stays quick.
STEP, MOST_SHOWN = 50, 500


@page("/", needs=ANYONE)
def show_start() -> AnyResponse:
    """The desk begins at the queue."""
    return redirect(url_for("desk.show_queue"))


@page("/queue", needs=AGENT)
def show_queue() -> str:
    """Everyone who waits for a person."""
    return render_template("desk/desk.html", **frame("queue"))


@page("/inbox", needs=AGENT)
def show_inbox() -> str:
    """What the signed-in agent is working on."""
    return render_template("desk/desk.html", **frame("inbox"))


@page("/snoozed", needs=AGENT)
def show_snoozed() -> str:
    """What everybody has put off, the next to come back first."""
    return render_template("desk/desk.html", **frame("snoozed"))


@page("/list/<which>", needs=AGENT)
def refresh_list(which: str) -> str:
    """The list alone, for a page that is open already."""
    if which not in LISTS:
        abort(404)
    return render_template("desk/_list.html", **frame(which, request.args.get("open")))


@action(f"{HANDOFF}/claim", needs=AGENT)
def take(handoff_id: int) -> AnyResponse:
    """Takes one handoff. Exactly one agent wins; the others get 409 and are told who has it."""
    handoff = find_handoff_or_404(handoff_id)
    outcome = claim_for_me(handoff.id, handoff.conversation_id)
    if outcome.won:
        _warn_over_capacity()
    if outcome.won or is_mine(handoff_id):
        return redirect(url_for("desk.show_conversation", conversation_id=outcome.conversation_id), 303)
    problem = say_lost(outcome)
    return make_response(render_template("desk/desk.html", **frame("queue"), problem=problem), 409)


@action("/next", needs=AGENT)
def take_next() -> AnyResponse:
    """Takes the fair first of those this agent has the skills for; when another agent is quicker, the one after.

    Then of those nobody else who is there can take. Sends back to the queue, with a word why, when none is left.
    """
    conversation_id, some_wait = claim_next()
    if conversation_id is not None:
        _warn_over_capacity()
        return redirect(url_for("desk.show_conversation", conversation_id=conversation_id), 303)
    if some_wait:
        flash("Those who wait are for colleagues who are here. You can still take one by hand.")
    return redirect(url_for("desk.show_queue"), 303)


def claim_next() -> tuple[str | None, bool]:
    """Claims what is next for the signed-in agent: which conversation that is, if any, and whether any waited."""
    team, queue = load_team(services().store, services().settings), list_waiting(services().store)
    me = next(duty for duty in team.duties if duty.agent_id == current_user.id)
    for waiting in order_for(me, queue, team):
        if claim_for_me(waiting.id, waiting.conversation_id).won:
            return waiting.conversation_id, True
    return None, bool(queue)


def frame(which: str, open_id: str | None = None) -> dict:
    """What a page shows around a conversation: the rail and the first of one of the lists."""
    # The rail's marks before the list: of what comes in between, the page then hears.
    store, shown, around = services().store, _count_shown(), rail(which)
    workload = around["workload"]
    if which == "queue":
        handoffs, size = list_queue(store, shown), workload.waiting
    elif which == "snoozed":
        handoffs, size = list_snoozed(store, shown), workload.snoozed
    else:
        handoffs, size = list_inbox(store, current_user.id, shown), workload.mine
    more = {"left": max(0, size - len(handoffs)), "shown": shown, "next_shown": min(shown + STEP, MOST_SHOWN)}
    return {**around, **more, "handoffs": handoffs, "open_id": open_id}


def _count_shown() -> int:
    """How many of a list this page has come to show."""
    return min(max(request.args.get("shown", STEP, type=int), STEP), MOST_SHOWN)


def system_draft(key: str, language: str) -> Draft:
    """A notice to the customer, in their language, about the signed-in agent."""
    return system_notice(key, language, name=current_user.name)


def claim_for_me(handoff_id: int, conversation_id: str) -> Claim:
    """Claims a handoff for the signed-in agent, with the notice to the customer."""
    conversation = find_conversation(services().store, conversation_id)
    return claim(services().store, handoff_id, current_user.id, system_draft("joined", conversation.language))


def say_lost(outcome: Claim) -> str:
    """Why a claim was not won. Nobody has what was closed while it waited: its customer went back to the bot, say."""
    return f"{outcome.agent_name} has it already." if outcome.agent_name else "It doesn’t wait for a person any more."


def _warn_over_capacity() -> None:
    team = load_team(services().store, services().settings)
    me = next(duty for duty in team.duties if duty.agent_id == current_user.id)
    if me.open > me.capacity:
        flash(f"You have {me.open} open conversations now; your capacity is {me.capacity}.")


def is_mine(handoff_id: int) -> bool:
    """A second click on "Take" is no loss."""
    handoff = find_handoff(services().store, handoff_id)
    return handoff is not None and handoff.status == "claimed" and handoff.agent_id == current_user.id
