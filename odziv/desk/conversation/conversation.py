"""One conversation: everything said, and what its agent does with it: reply, note, hand back, resolve."""

from __future__ import annotations

import secrets
from typing import Annotated, Any

from flask import flash, make_response, redirect, render_template, url_for
from flask_login import current_user
from pydantic import Field
from werkzeug.wrappers import Response as AnyResponse

from odziv.cases.conversations.release import release_conversation
from odziv.cases.conversations.reopen import reopen_conversation
from odziv.cases.conversations.reply import LONGEST_REPLY, check_writing, draft_message, write_message
from odziv.cases.fields.values import MissingFields
from odziv.cases.refused import Kind, UnreadMessage
from odziv.desk.blueprint import is_fragment
from odziv.desk.conversation.case_actions import offer_case
from odziv.desk.conversation.customer import describe_customer, mark_contact
from odziv.desk.conversation.labels import offer_labels
from odziv.desk.conversation.log_page import MOST, LogPart, choose_more, choose_new, choose_parts, find_gaps
from odziv.desk.conversation.mail import show_mail
from odziv.desk.conversation.merge import show_merges
from odziv.desk.conversation.reassign import offer_reassigning
from odziv.desk.conversation.transfer import offer_transfer
from odziv.desk.conversation.unread import seen_by_agent, show_unread
from odziv.desk.frame.lookups import find_or_404
from odziv.desk.frame.roles import AGENT, action, page
from odziv.desk.queue.queue import frame
from odziv.desk.queue.viewers import viewers
from odziv.desk.team.running import offer_macros
from odziv.desk.writing.drafts import offer_draft
from odziv.desk.writing.forward import show_forwards
from odziv.desk.writing.recipients import RecipientsForm, offer, read_chosen
from odziv.store import Store
from odziv.store.agents.agent import find_agent
from odziv.store.agents.mentions import mark_read
from odziv.store.agents.reply_drafts import forget_draft
from odziv.store.conversations.attachments import MOST_IN_MESSAGE
from odziv.store.conversations.conversation import Conversation
from odziv.store.conversations.log_pages import find_handoff_seq, list_parts
from odziv.store.conversations.messages import Message, NewMessage
from odziv.store.conversations.seen import find_seen_at
from odziv.store.handoffs.handoff import list_handoffs_of
from odziv.store.handoffs.scheduled_replies import ScheduledReply, list_scheduled_replies
from odziv.store.knowledge.flags import list_flags
from odziv.store.labels.marks import mark_labels
from odziv.store.lengths import LONGEST_AGENT_CLIENT_ID
from odziv.texts.desk import N_, _
from odziv.web.forms import Form, Position, Text, Ticked, Trimmed, Wrong, read_address, read_form
from odziv.web.services import services

RELEASED = {"bot": N_("The bot has the conversation again."), "resolved": N_("Resolved.")}


class WritingForm(RecipientsForm):
    """The composer: a reply, its recipients, and the last message on the screen; or a note for colleagues."""

    text: Text = ""
    attachment: tuple[str, ...] = ()
    kind: str = ""
    client_id: Annotated[
        Trimmed, Field(max_length=LONGEST_AGENT_CLIENT_ID), Wrong(Kind.INVALID, N_("The message's id is too long."))
    ] = ""
    seen: Position | None = None


class ReleaseForm(Form):
    """To whom it goes, and the last message that was on the screen."""

    status: str = ""
    seen: Position | None = None


class TypingForm(Form):
    """Whether somebody types, and into what."""

    typing: Ticked = False
    kind: str = ""


class Shown(Form):
    """What a page says it shows already, and which part of the log it wants."""

    mode: str | None = None
    case: str | None = None
    contact: str | None = None
    recipients: str | None = None
    at: Position = 0
    before: Position = 0
    after: Position = 0
    until: Position = 0
    mention: Position = 0


@page("/conversations/<conversation_id>", needs=AGENT)
def show_conversation(conversation_id: str, unsent: str = "") -> str:
    """The conversation, beside the list it belongs to; `unsent` is what the composer begins with. Of a long one the
    end is shown, and with `?at=N` what surrounds that message; with `?mention=N` a note to that agent is begun."""
    pane = _pane(conversation_id)
    unsent = unsent or _begin_note(pane["mode"])
    mark_read(services().store, current_user.id, conversation_id)
    which = "snoozed" if pane["snoozed"] else "inbox" if pane["mode"] == "holder" else "queue"
    return render_template("desk/frame/desk.html", **frame(which, conversation_id), **pane, unsent=unsent)


@page("/conversations/<conversation_id>/log", needs=AGENT)
def refresh_log(conversation_id: str) -> str:
    """What is new after `?after=N`, for a page that shows the rest already."""
    return render_template("desk/conversation/_update.html", **_pane(conversation_id, after=read_address(Shown).after))


@page("/conversations/<conversation_id>/part", needs=AGENT)
def show_part(conversation_id: str) -> str:
    """Some more of a long conversation, for a page that shows the rest: what comes before `?before=N`, or what
    comes after `?after=N` and `until=M`."""
    conversation, wanted = find_or_404(conversation_id), read_address(Shown)
    part, gaps = choose_more(conversation.last_seq, wanted.before, wanted.after, wanted.until)
    values = {"conversation": conversation, **_log(conversation, [part], gaps), **show_mail(conversation)}
    return render_template(
        "desk/conversation/_part.html", **values, left=gaps[0] if gaps and gaps[0].first > part.last else None
    )


@action("/conversations/<conversation_id>/messages", needs=AGENT)
def add_message(conversation_id: str) -> AnyResponse | str:
    """Stores a reply (409 unless this agent has the conversation) or an internal note. A repeat is harmless.

    One that would cross what the customer has just written is not stored: that is shown, and asked for again.
    """
    conversation, sent = find_or_404(conversation_id), read_form(WritingForm)
    delay_ms, store = services().settings.desk.undo_seconds * 1000, services().store
    draft = _read_draft(conversation, sent)
    try:
        kept = write_message(store, current_user.agent, conversation_id, draft, delay_ms=delay_ms, seen=sent.seen)
    except UnreadMessage as crossing:
        return show_crossing(conversation_id, crossing, sent.text)
    forget_draft(store, conversation_id, current_user.id)
    if isinstance(kept, ScheduledReply):
        services().scheduled_replies.wake()
    viewers().end_typing(conversation_id, current_user.id, is_scheduled=isinstance(kept, ScheduledReply))
    if is_fragment():
        return refresh_log(conversation_id)
    return redirect(url_for("desk.show_conversation", conversation_id=conversation_id), 303)


@action("/conversations/<conversation_id>/release", needs=AGENT)
def give_up(conversation_id: str) -> AnyResponse:
    """Hands the conversation back to the bot or resolves it; 409 unless this agent has it.

    When the customer has written what the agent hasn't seen, or a field has to be filled in first, the conversation is
    shown instead, and says so.
    """
    find_or_404(conversation_id)
    sent = read_form(ReleaseForm)
    try:
        seen = seen_by_agent(conversation_id, sent.seen)
        release_conversation(services().store, current_user.agent, conversation_id, sent.status, seen=seen)
    except (UnreadMessage, MissingFields) as missing:
        return show_unread(conversation_id, missing)
    flash(_(RELEASED[sent.status]))
    return redirect(url_for("desk.show_inbox"), 303)


@action("/conversations/<conversation_id>/reopen", needs=AGENT)
def reopen(conversation_id: str) -> AnyResponse:
    """Takes a resolved conversation up again; 409 when it isn't resolved any more."""
    find_or_404(conversation_id)
    reopen_conversation(services().store, current_user.agent, conversation_id)
    return redirect(url_for("desk.show_conversation", conversation_id=conversation_id), 303)


@action("/conversations/<conversation_id>/typing", needs=AGENT)
def announce_typing(conversation_id: str) -> tuple[str, int]:
    """Shows colleagues who look at it that this agent is typing; and the customer, when it is their agent's reply."""
    conversation = find_or_404(conversation_id)
    sent = read_form(TypingForm)
    viewers().announce_typing(conversation_id, current_user.id, sent.typing)
    if _mode(conversation) == "holder":
        services().hub.typing(conversation_id, "agent", sent.typing and sent.kind != "note")
    return "", 204


def _pane(conversation_id: str, after: int = 0) -> dict[str, Any]:
    """Everything the conversation's part of the page needs. 404 for an unknown one."""
    conversation, shown = find_or_404(conversation_id), read_address(Shown)
    if after:
        parts = choose_new(conversation.last_seq, after)
    else:
        handed_off = find_handoff_seq(services().store, conversation_id, conversation.last_seq - MOST)
        parts = choose_parts(conversation.last_seq, handed_off, shown.at)
    log = _log(conversation, parts, find_gaps(parts, after))
    handoffs = list_handoffs_of(services().store, conversation_id)
    mode = _mode(conversation)
    viewers().note_shown(conversation_id, current_user.id, conversation.last_seq)
    return {
        **offer_transfer(conversation, handoffs, mode),
        **offer_reassigning(conversation, mode),
        **offer_labels(conversation, handoffs),
        **offer_case(conversation, handoffs, mode),
        **offer_macros(conversation),
        **_customer(conversation, shown),
        **show_mail(conversation),
        **show_merges(conversation),
        **show_forwards(conversation),
        **(offer(conversation) if mode == "holder" else {}),
        **offer_draft(conversation_id),
        "conversation": conversation,
        **log,
        "after": after,
        "scheduled": list_scheduled_replies(services().store, conversation_id),
        "seen_at": find_seen_at(services().store, conversation) if services().settings.desk.read_receipts else None,
        "handoffs_of": handoffs,
        "waiting": next((h for h in handoffs if h.status == "waiting"), None),
        "mode": mode,
        "on_page": services().hub.is_customer_on_page(conversation_id, services().store.clock()),
        "shown_mode": shown.mode,
        "shown_case": shown.case,
        "shown_recipients": shown.recipients,
        "mark": mark_of(services().store, conversation),
        "unsure": _newest_with_articles(log["messages"]),
        "longest": LONGEST_REPLY,
        "most_files": MOST_IN_MESSAGE,
        "most_bytes": services().settings.limits.attachment_bytes,
        "client_id": secrets.token_hex(8),
    }


def _begin_note(mode: str) -> str:
    """What a note to the agent of the address begins with; nothing for who has the conversation, and would reply."""
    mentioned = read_address(Shown).mention
    agent = find_agent(services().store, mentioned) if mentioned and mode != "holder" else None
    return f"@{agent.name} " if agent else ""


def _log(conversation: Conversation, parts: list[LogPart], gaps: list[LogPart]) -> dict[str, Any]:
    """The messages a page shows, and what it leaves out, by the number that would come next."""
    return {
        "messages": list_parts(services().store, conversation.id, parts),
        "gaps": {gap.last + 1: gap for gap in gaps},
        "flagged": {flag.seq: flag for flag in list_flags(services().store, conversation.id)},
    }


def _customer(conversation: Conversation, shown: Shown) -> dict[str, Any]:
    """The panel beside the log, unless the page says that it shows just that already."""
    shows_it = shown.contact in (mark_contact(services().store, conversation), "editing")
    return {} if shows_it else describe_customer(conversation)


def mark_of(store: Store, conversation: Conversation) -> str:
    """Differs whenever the page has something new to show."""
    # What is scheduled, and taken back, changes nothing in the log; the time of it tells.
    names = ("last_seq", "epoch", "language", "updated_at", "seen_seq")
    changes = [getattr(conversation, name) for name in names]
    return ".".join(map(str, (*changes, mark_contact(store, conversation), mark_labels(store, conversation.id))))


def _mode(conversation: Conversation) -> str:
    """What the signed-in agent is to this conversation: its holder, or one who reads along."""
    mine = conversation.status == "open" and conversation.agent_id == current_user.id
    return "holder" if mine else conversation.status


def show_crossing(conversation_id: str, crossing: UnreadMessage, unsent: str) -> AnyResponse:
    """What came meanwhile, with a button that sends the reply all the same; the text stays in the composer."""
    if is_fragment():
        return make_response(render_template("desk/writing/_crossing.html", crossing=crossing), 409)
    flash(crossing.problem, "alert")
    return make_response(show_conversation(conversation_id, unsent=unsent), 409)


def _read_draft(conversation: Conversation, sent: WritingForm) -> NewMessage:
    is_note, files = sent.kind == "note", sent.attachment
    check_writing(sent.text, files, internal=is_note)
    recipients = None if is_note else read_chosen(conversation, sent)
    said = (services().store, current_user.agent, sent.text, sent.client_id)
    return draft_message(*said, internal=is_note, attachments=files, recipients=recipients)


def _newest_with_articles(messages: list[Message]) -> int | None:
    """The message whose considered articles are unfolded: the bot's last word on the matter."""
    return next((m.seq for m in reversed(messages) if m.considered), None)
