"""The queue of waiting handoffs, the agent's own inbox, and taking a handoff."""

from __future__ import annotations

from flask import abort, flash, make_response, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from odziv.cases.conversations.claim import claim_handoff, claim_next, find_overload
from odziv.cases.refused import Refused
from odziv.desk.frame.errors import STATUSES
from odziv.desk.frame.lookups import HANDOFF, find_handoff_or_404
from odziv.desk.frame.page import rail
from odziv.desk.frame.roles import AGENT, ANYONE, action, page
from odziv.store.handoffs.handoff import list_inbox, list_queue, list_snoozed
from odziv.store.labels.marks import list_labels_of
from odziv.texts.desk import _, ngettext
from odziv.web.forms import Form, Position, read_address
from odziv.web.services import services

LISTS = ("queue", "inbox", "snoozed")
# So many of a list are shown, and so many more each time somebody asks; at the most, a page stays quick.
STEP, MOST_SHOWN = 50, 500


class ListAddress(Form):
    """The conversation open beside the list, and how many of the list are shown."""

    open: str | None = None
    shown: Position = 0


@page("/", needs=ANYONE)
def show_start() -> AnyResponse:
    """The desk begins at the queue."""
    return redirect(url_for("desk.show_queue"))


@page("/queue", needs=AGENT)
def show_queue() -> str:
    """Everyone who waits for a person."""
    return render_template("desk/frame/desk.html", **frame("queue"))


@page("/inbox", needs=AGENT)
def show_inbox() -> str:
    """What the signed-in agent is working on."""
    return render_template("desk/frame/desk.html", **frame("inbox"))


@page("/snoozed", needs=AGENT)
def show_snoozed() -> str:
    """What everybody has put off, the next to come back first."""
    return render_template("desk/frame/desk.html", **frame("snoozed"))


@page("/list/<which>", needs=AGENT)
def refresh_list(which: str) -> str:
    """The list alone, for a page that is open already."""
    if which not in LISTS:
        abort(404)
    return render_template("desk/queue/_list.html", **frame(which, read_address(ListAddress).open))


@action(f"{HANDOFF}/claim", needs=AGENT)
def take(handoff_id: int) -> AnyResponse:
    """Takes one handoff. Exactly one agent wins; the others get 409 and are told who has it."""
    handoff = find_handoff_or_404(handoff_id)
    try:
        outcome = claim_handoff(services().store, current_user.agent, handoff.id)
    except Refused as lost:
        lost_page = render_template("desk/frame/desk.html", **frame("queue"), problem=lost.problem)
        return make_response(lost_page, STATUSES[lost.kind])
    if outcome.won:
        _warn_over_capacity()
    return redirect(url_for("desk.show_conversation", conversation_id=outcome.conversation_id), 303)


@action("/next", needs=AGENT)
def take_next() -> AnyResponse:
    """Takes the fair first of those this agent has the skills for; when another agent is quicker, the one after.

    Then of those nobody else who is there can take. Sends back to the queue, with a word why, when none is left.
    """
    found = claim_next(services().store, services().settings, current_user.agent)
    if found.conversation_id is not None:
        _warn_over_capacity()
        return redirect(url_for("desk.show_conversation", conversation_id=found.conversation_id), 303)
    if found.some_wait:
        flash(_("Those who wait are for colleagues who are here. You can still take one by hand."))
    return redirect(url_for("desk.show_queue"), 303)


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
    labels = list_labels_of(store, [handoff.conversation_id for handoff in handoffs])
    return {**around, **more, "handoffs": handoffs, "labels": labels, "open_id": open_id}


def _count_shown() -> int:
    """How many of a list this page has come to show."""
    return min(max(read_address(ListAddress).shown, STEP), MOST_SHOWN)


def _warn_over_capacity() -> None:
    if me := find_overload(services().store, services().settings, current_user.agent):
        flash(
            ngettext(
                "You have %(num)s open conversation now; your capacity is %(capacity)s.",
                "You have %(num)s open conversations now; your capacity is %(capacity)s.",
                me.open,
                capacity=me.capacity,
            )
        )
