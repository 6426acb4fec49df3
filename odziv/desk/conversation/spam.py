"""Marking a conversation as spam, the list of those, and taking it back."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from odziv.cases.conversations.spam import mark_spam, unmark_spam
from odziv.desk.frame.lookups import find_or_404
from odziv.desk.frame.page import rail
from odziv.desk.frame.roles import AGENT, action, page
from odziv.store.conversations.spam import list_spam
from odziv.texts.desk import _
from odziv.web.services import services


@page("/spam", needs=AGENT)
def show_spam() -> str:
    """What was marked as spam, the last first."""
    return render_template("desk/frame/desk.html", **rail("spam"), handoffs=[], marked=list_spam(services().store))


@action("/conversations/<conversation_id>/spam", needs=AGENT)
def mark_as_spam(conversation_id: str) -> AnyResponse:
    """Takes it out of every list; 409 while a colleague has it."""
    find_or_404(conversation_id)
    mark_spam(services().store, current_user.agent, conversation_id)
    flash(_("Marked as spam. It is in the list Spam, should that be a mistake."))
    return redirect(url_for("desk.show_queue"), 303)


@action("/conversations/<conversation_id>/not-spam", needs=AGENT)
def unmark_as_spam(conversation_id: str) -> AnyResponse:
    """Brings it back to where it was: the queue, or the bot."""
    find_or_404(conversation_id)
    unmark_spam(services().store, current_user.agent, conversation_id)
    return redirect(url_for("desk.show_conversation", conversation_id=conversation_id), 303)
