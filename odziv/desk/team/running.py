"""Macros in a conversation: the list beside Send, what one would do, running it, and taking it back."""

from __future__ import annotations

import secrets
from typing import Annotated, Any

from flask import redirect, render_template, url_for
from flask_login import current_user
from pydantic import Field
from werkzeug.wrappers import Response as AnyResponse

from odziv.cases.conversations.placeholders import fill
from odziv.cases.macros.catalogue import get_macro
from odziv.cases.macros.doing import find_hindrance
from odziv.cases.macros.pressing import press_macro, undo
from odziv.cases.macros.steps import Steps, load_names, read_steps, tell_steps
from odziv.cases.refused import Kind
from odziv.desk.blueprint import is_fragment
from odziv.desk.conversation.filling import choose_text, find_values
from odziv.desk.conversation.unread import seen_by_agent
from odziv.desk.frame.lookups import LARGEST_ID, find_or_404
from odziv.desk.frame.page import show_page
from odziv.desk.frame.roles import AGENT, action, page
from odziv.store.agents.agent import find_agent
from odziv.store.agents.saved_replies import find_saved_reply
from odziv.store.conversations.conversation import Conversation
from odziv.store.handoffs.scheduled_replies import list_scheduled_replies
from odziv.store.lengths import LONGEST_AGENT_CLIENT_ID
from odziv.store.macros.macros import Macro, list_macros
from odziv.store.macros.scheduled_actions import ScheduledAction, list_scheduled_of
from odziv.texts.desk import N_, _
from odziv.web.forms import Form, Position, Trimmed, Wrong, read_form
from odziv.web.services import services

MACROS = "/conversations/<conversation_id>/macros"
MACRO = f"{MACROS}/<int(max={LARGEST_ID}):macro_id>"


class PressForm(Form):
    """Which press it is, so that a repeat is none, and the last message that was on the screen."""

    client_id: Annotated[
        Trimmed,
        Field(min_length=1, max_length=LONGEST_AGENT_CLIENT_ID),
        Wrong(Kind.INVALID, N_("This page is out of date. Please reload it.")),
    ]
    seen: Position | None = None


def offer_macros(conversation: Conversation) -> dict[str, Any]:
    """What the conversation's page needs: which macros there are, and those that wait."""
    store = services().store
    waiting = list_scheduled_of(store, conversation.id)
    named = load_names(store, services().settings) if waiting else None
    return {
        "macros": list_macros(store, current_user.id),
        "scheduled_macros": [(each, _tell_waiting(each, named), _name_of(each.agent_id)) for each in waiting],
    }


def _name_of(agent_id: int) -> str:
    agent = find_agent(services().store, agent_id)
    return agent.name if agent else _("Somebody")


def _tell_waiting(waiting: ScheduledAction, named: Any) -> str:
    steps = read_steps(waiting.steps)
    said = tell_steps(steps.model_copy(update={"reply": None}), named)
    return " ".join([_("“%(text)s”", text=steps.text)] * bool(steps.text) + said)


def fill_steps(steps: Steps, conversation: Conversation) -> Steps:
    """The same, with its saved reply filled in for the conversation; empty when that is deleted."""
    reply = find_saved_reply(services().store, steps.reply) if steps.reply is not None else None
    if reply is None:
        return steps
    language, text = choose_text(reply.texts, conversation.language)
    values = find_values(conversation)
    return steps.model_copy(update={"text": fill(text, values.get(language, values["en"]))})


@page(MACROS, needs=AGENT)
def show_macros_for(conversation_id: str) -> str:
    """The list, where no script opens it in the conversation."""
    conversation = find_or_404(conversation_id)
    return show_page(
        "desk/team/macros_for.html",
        "inbox",
        conversation=conversation,
        macros=list_macros(services().store, current_user.id),
    )


@page(MACRO, needs=AGENT)
def show_macro_preview(conversation_id: str, macro_id: int) -> str:
    """What it would do here, and whether it can; nothing happens."""
    conversation = find_or_404(conversation_id)
    macro = get_macro(services().store, current_user.agent, macro_id)
    shown = {"conversation": conversation, **preview_macro(conversation, macro), "client_id": secrets.token_hex(8)}
    if is_fragment():
        return render_template("desk/team/_macro_preview.html", **shown)
    return show_page("desk/team/macro_preview.html", "inbox", **shown)


def preview_macro(conversation: Conversation, macro: Macro) -> dict[str, Any]:
    """What a macro would do in a conversation, in the sentences `told` and with the reply `text`; nothing is changed.

    `hindrance` is why it can't be done now; None when it can.
    """
    store, settings = services().store, services().settings
    steps = fill_steps(read_steps(macro.steps), conversation)
    return {
        "macro": macro,
        "told": tell_steps(steps, load_names(store, settings)),
        "text": steps.text,
        "hindrance": find_hindrance(store, settings, current_user.agent, conversation.id, steps),
        "undo_seconds": settings.desk.undo_seconds,
    }


@action(MACRO, needs=AGENT)
def run_macro(conversation_id: str, macro_id: int) -> AnyResponse | tuple[str, int]:
    """Has it done, after the seconds in which it can be undone; 409, with nothing done, where it can't be."""
    conversation = find_or_404(conversation_id)
    sent = read_form(PressForm)
    macro = get_macro(services().store, current_user.agent, macro_id)
    waits = press_macro(
        services().store,
        services().settings,
        current_user.agent,
        conversation_id,
        macro.name,
        fill_steps(read_steps(macro.steps), conversation),
        key=sent.client_id,
        seen=seen_by_agent(conversation_id, sent.seen),
        delay_ms=services().settings.desk.undo_seconds * 1000,
    )
    if waits:
        services().scheduled_actions.wake()
    if is_fragment():
        return "", 204
    return redirect(url_for("desk.show_conversation", conversation_id=conversation_id), 303)


@action("/conversations/<conversation_id>/scheduled/<batch>/undo", needs=AGENT)
def undo_macro(conversation_id: str, batch: str) -> AnyResponse | str:
    """Takes all of a macro back, of which nothing has happened yet; 409 once it has."""
    conversation = find_or_404(conversation_id)
    undo(services().store, current_user.agent, batch)
    if not is_fragment():
        return redirect(url_for("desk.show_conversation", conversation_id=conversation_id), 303)
    return render_template(
        "desk/conversation/_scheduled.html",
        conversation=conversation,
        scheduled=list_scheduled_replies(services().store, conversation_id),
        **offer_macros(conversation),
    )
