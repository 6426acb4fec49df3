"""Leaving a customer who has just written: the desk shows what came, and asks again."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from odziv.cases.refused import Refused
from odziv.desk.queue.viewers import viewers


def seen_by_agent(conversation_id: str, told: int | None) -> int | None:
    """The last message the agent saw: as their page says, else what it was given."""
    return viewers().find_shown(conversation_id, current_user.id) if told is None else told


def show_unread(conversation_id: str, unread: Refused) -> AnyResponse:
    """The conversation with what the customer wrote, or what is missing, and the same buttons."""
    flash(unread.problem, "alert")
    return redirect(url_for("desk.show_conversation", conversation_id=conversation_id), 303)
