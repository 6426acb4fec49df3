"""One conversation: everything said, and what its agent does with it: reply, note, hand back, resolve."""

from __future__ import annotations

import secrets
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_login import current_user, login_required
from werkzeug.wrappers import Response as AnyResponse

from desk.blueprint import blueprint, is_fragment, services
from desk.cases import offer_case
from desk.customer import describe_customer, mark_contact
from desk.errors import Refused
from desk.queue import frame, system_draft
from desk.transfer import offer_transfer
from desk.viewers import viewers
from kb.render import render
from store.conversations import Conversation, find_conversation
from store.flags import list_flags
from store.handoffs import add_agent_message, list_handoffs_of, release
from store.messages import Draft, Message, read_log

LONGEST_REPLY = 10_000
RELEASES = {
    "bot": ("left_to_bot", "The bot has the conversation again."),
    "resolved": ("resolved", "Resolved."),
}


@blueprint.get("/conversations/<conversation_id>")
@login_required
def show_conversation(conversation_id: str) -> str:
    """The whole conversation, beside the list it belongs to."""
    pane = _pane(conversation_id)
    which = "snoozed" if pane["snoozed"] else "inbox" if pane["mode"] == "holder" else "queue"
    return render_template("desk/desk.html", **frame(which, conversation_id), **pane)


@blueprint.get("/conversations/<conversation_id>/log")
@login_required
def refresh_log(conversation_id: str) -> str:
    """What is new after `?after=N`, for a page that shows the rest already."""
    return render_template("desk/_update.html", **_pane(conversation_id, after=_number("after")))


@blueprint.post("/conversations/<conversation_id>/messages")
@login_required
def add_message(conversation_id: str) -> AnyResponse | str:
    """Stores a reply (409 unless this agent has the conversation) or an internal note. A repeat is harmless."""
    draft = _read_draft()
    conversation = _find(conversation_id)
    message = add_agent_message(services().store, conversation_id, current_user.id, draft)
    if message is None:
        raise Refused(409, f"Not sent: {_who_has(conversation)}")
    if (message.text, message.agent_id, message.internal) != (draft.text, current_user.id, draft.internal):
        raise Refused(409, "Not sent: this page sent another message under the same id. Please reload it.")
    services().hub.typing(conversation_id, "agent", False)
    viewers().announce_typing(conversation_id, current_user.id, False)
    if is_fragment():
        return refresh_log(conversation_id)
    return redirect(url_for("desk.show_conversation", conversation_id=conversation_id), 303)


@blueprint.post("/conversations/<conversation_id>/release")
@login_required
def give_up(conversation_id: str) -> AnyResponse:
    """Hands the conversation back to the bot or resolves it; 409 unless this agent has it."""
    status = request.form.get("status", "")
    if status not in RELEASES:
        raise Refused(400, "A conversation can be handed back to the bot or resolved.")
    conversation = _find(conversation_id)
    key, done = RELEASES[status]
    draft = system_draft(key, conversation.language)
    if release(services().store, conversation_id, current_user.id, status, draft) is None:
        raise Refused(409, f"Nothing changed: {_who_has(_find(conversation_id))}")
    flash(done)
    return redirect(url_for("desk.show_inbox"), 303)


@blueprint.post("/conversations/<conversation_id>/typing")
@login_required
def announce_typing(conversation_id: str) -> tuple[str, int]:
    """Shows colleagues who look at it that this agent is typing; and the customer, when it is their agent's reply."""
    conversation = _find(conversation_id)
    is_typing = request.form.get("typing") == "1"
    viewers().announce_typing(conversation_id, current_user.id, is_typing)
    if _mode(conversation) == "holder":
        services().hub.typing(conversation_id, "agent", is_typing and request.form.get("kind") != "note")
    return "", 204


def _pane(conversation_id: str, after: int = 0) -> dict[str, Any]:
    """Everything the conversation's part of the page needs. 404 for an unknown one."""
    conversation, messages = read_log(services().store, conversation_id, after, internal=True)
    if conversation is None:
        abort(404)
    handoffs = list_handoffs_of(services().store, conversation_id)
    mode = _mode(conversation)
    return {
        **offer_transfer(conversation, handoffs, mode),
        **offer_case(conversation, handoffs, mode),
        **_customer(conversation),
        "conversation": conversation,
        "messages": messages,
        "handoffs_of": handoffs,
        "waiting": next((h for h in handoffs if h.status == "waiting"), None),
        "mode": mode,
        "shown_mode": request.values.get("mode"),
        "shown_case": request.values.get("case"),
        "mark": mark_of(conversation),
        "unsure": _newest_with_articles(messages),
        "flagged": {flag.seq: flag for flag in list_flags(services().store, conversation_id)},
        "longest": LONGEST_REPLY,
        "client_id": secrets.token_hex(8),
    }


def _customer(conversation: Conversation) -> dict[str, Any]:
    """The panel beside the log, unless the page says that it shows just that already."""
    shows_it = request.values.get("contact") in (mark_contact(conversation), "editing")
    return {} if shows_it else describe_customer(conversation)


def mark_of(conversation: Conversation) -> str:
    """Differs whenever the page has something new to show."""
    return f"{conversation.last_seq}.{conversation.epoch}.{mark_contact(conversation)}"


def _find(conversation_id: str) -> Conversation:
    conversation = find_conversation(services().store, conversation_id)
    if conversation is None:
        abort(404)
    return conversation


def _mode(conversation: Conversation) -> str:
    """What the signed-in agent is to this conversation: its holder, or one who reads along."""
    mine = conversation.status == "open" and conversation.agent_id == current_user.id
    return "holder" if mine else conversation.status


def _read_draft() -> Draft:
    text = request.form.get("text", "").replace("\r\n", "\n").strip()
    if not text:
        raise Refused(400, "Please write something first.")
    if len(text) > LONGEST_REPLY:
        raise Refused(422, f"Not sent: {len(text):,} characters; a message can have {LONGEST_REPLY:,}.")
    client_id = request.form.get("client_id", "").strip()
    if len(client_id) > 48:
        raise Refused(400, "The message's id is too long.")
    return Draft(
        sender="agent",
        text=text,
        html=render(text),
        agent_id=current_user.id,
        internal=request.form.get("kind") == "note",
        # Never a name that a customer's own message could have taken.
        client_id=f"a{current_user.id}-{client_id}" if client_id else None,
    )


def _who_has(conversation: Conversation) -> str:
    if conversation.status == "open":
        return f"{conversation.agent_name} has this conversation."
    return {
        "bot": "the bot has this conversation.",
        "queued": "this conversation is waiting in the queue; take it first.",
        "resolved": "this conversation is resolved.",
        "spam": "this conversation is marked as spam.",
    }.get(conversation.status, "you don’t have this conversation.")


def _newest_with_articles(messages: list[Message]) -> int | None:
    """The message whose considered articles are unfolded: the bot's last word on the matter."""
    return next((m.seq for m in reversed(messages) if m.considered), None)


def _number(name: str) -> int:
    value = request.values.get(name, "0")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else 0
