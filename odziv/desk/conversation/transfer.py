"""Passing a conversation on: to a colleague, or back to the queue for a language and a topic. And promising a time."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from odziv.cases.conversations.entries import internal_entry, system_notice
from odziv.cases.conversations.reply import render_writing
from odziv.cases.refused import Kind, Refused
from odziv.cases.routing import Team, load_team
from odziv.desk.frame.labels import label_language, label_topic
from odziv.desk.frame.lookups import HANDOFF, find_handoff_or_404, find_or_404
from odziv.desk.frame.roles import AGENT, action
from odziv.desk.knowledge.topics import list_topics
from odziv.store.agents.availability import Duty
from odziv.store.conversations.conversation import Conversation
from odziv.store.conversations.messages import Draft
from odziv.store.handoffs.handoff import Handoff
from odziv.store.handoffs.leases import NoSuchAgent, promise, transfer_to_agent, transfer_to_queue
from odziv.web.services import services

LONGEST_NOTE = 4000
PROMISES = {30: "in 30 minutes", 60: "in 1 hour", 120: "in 2 hours", 240: "in 4 hours", 1440: "in 24 hours"}


def offer_transfer(conversation: Conversation, handoffs: list[Handoff], mode: str) -> dict[str, Any]:
    """What the conversation's page needs for passing on and promising."""
    current = next((h for h in reversed(handoffs) if h.status != "closed"), None)
    team = load_team(services().store, services().settings) if mode == "holder" else None
    return {
        "current": current,
        "colleagues": _colleagues(team) if team else [],
        "languages": services().settings.languages,
        "topics": list_topics() if mode == "holder" else [],
        "promises": PROMISES,
        "longest_note": LONGEST_NOTE,
    }


def _colleagues(team: Team) -> list[tuple[Duty, bool]]:
    """Who could be given it: everyone else who is there, and whether they take new ones."""
    return [
        (duty, duty.available) for duty in team.duties if duty.agent_id != current_user.id and duty.is_online(team.now)
    ]


@action("/conversations/<conversation_id>/transfer", needs=AGENT)
def pass_on(conversation_id: str) -> AnyResponse:
    """Passes a conversation on, `to` an agent's id or "queue"; 409 unless this agent has it."""
    conversation = find_or_404(conversation_id)
    note, to = _read_note(), request.form.get("to", "")
    if to == "queue":
        said = to_queue(
            conversation, note, request.form.get("language", ""), request.form.get("topic"), _read_minutes()
        )
    else:
        said = to_colleague(conversation, to, note)
    flash(said)
    return redirect(url_for("desk.show_inbox"), 303)


@action(f"{HANDOFF}/promise", needs=AGENT)
def promise_time(handoff_id: int) -> AnyResponse:
    """Notes by when somebody told a waiting customer they would hear from us."""
    handoff = find_handoff_or_404(handoff_id)
    minutes = _read_minutes()
    if minutes is None:
        raise Refused(Kind.INVALID, "Please choose a time.")
    promise_in(handoff_id, minutes)
    return redirect(url_for("desk.show_conversation", conversation_id=handoff.conversation_id), 303)


def promise_in(handoff_id: int, minutes: int) -> None:
    """Notes that the signed-in agent promised an answer in one of PROMISES. Raises Refused."""
    moment = services().store.clock() + minutes * 60_000
    entry = internal_entry(f"{current_user.name} promised an answer {PROMISES[minutes]}.")
    if promise(services().store, handoff_id, moment, entry, current_user.id) is None:
        raise Refused(Kind.CONFLICT, "Nothing changed: this conversation isn’t waiting any more.")


def to_colleague(conversation: Conversation, to: str, note: Draft | None) -> str:
    """Gives what the signed-in agent has to a colleague who is there; returns what was done. Raises Refused."""
    team = load_team(services().store, services().settings)
    there = {str(duty.agent_id): duty for duty, _ in _colleagues(team)}
    if to not in there:
        raise Refused(Kind.CONFLICT, "Not passed on: that colleague isn’t at the desk. Choose another, or the queue.")
    colleague = there[to]
    entries = (
        internal_entry(f"{current_user.name} passed this on to {colleague.name}."),
        system_notice("joined", conversation.language, name=colleague.name),
    )
    try:
        done = transfer_to_agent(services().store, conversation.id, current_user.id, colleague.agent_id, note, *entries)
    except NoSuchAgent as error:
        raise Refused(Kind.CONFLICT, f"Not passed on: the account of {colleague.name} is disabled.") from error
    _check_done(done)
    return f"{colleague.name} has it now."


def to_queue(
    conversation: Conversation, note: Draft | None, language: str, topic: str | None, minutes: int | None
) -> str:
    """Puts it back into the queue, with an answer promised in `minutes`; returns what was done. Raises Refused."""
    topic = topic or None
    if language not in services().settings.languages:
        raise Refused(Kind.INVALID, "Please choose one of the languages served here.")
    if topic is not None and topic not in list_topics():
        raise Refused(Kind.INVALID, "There is no such topic. Please choose one from the list.")
    moment = services().store.clock() + minutes * 60_000 if minutes else None
    team = label_language(language) + (f", {label_topic(topic)}" if topic else "")
    promised = f" Promised an answer {PROMISES[minutes]}." if minutes else ""
    entries = (
        internal_entry(f"{current_user.name} passed this on to the queue: {team}.{promised}"),
        system_notice("passed_on", conversation.language, name=current_user.name),
    )
    done = transfer_to_queue(
        services().store,
        conversation.id,
        current_user.id,
        note,
        *entries,
        language=language,
        topic=topic,
        promised_at=moment,
    )
    _check_done(done)
    return f"Back in the queue, in its old place: {team}."


def _check_done(done: bool) -> None:
    if not done:
        raise Refused(
            Kind.CONFLICT, "Nothing changed: you don’t have this conversation any more. Please reload the page."
        )


def _read_minutes() -> int | None:
    """The promised time in minutes from now; None when none was chosen."""
    value = request.form.get("promise", "")
    if value and value not in map(str, PROMISES):
        raise Refused(Kind.INVALID, "Please choose one of the times offered.")
    return int(value) if value else None


def _read_note() -> Draft | None:
    return note_draft(request.form.get("note", ""))


def note_draft(text: str) -> Draft | None:
    """The internal note that goes with passing on; None when it is empty. Raises Refused when it is too long."""
    text = text.replace("\r\n", "\n").strip()
    if len(text) > LONGEST_NOTE:
        raise Refused(
            Kind.UNFIT, f"Not passed on: the note has {len(text):,} characters; it can have {LONGEST_NOTE:,}."
        )
    if not text:
        return None
    html, mentioned = render_writing(services().store, current_user.agent, text, internal=True)
    return Draft(sender="agent", text=text, html=html, agent_id=current_user.id, internal=True, mentions=mentioned)
