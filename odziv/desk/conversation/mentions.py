"""Colleagues who are named with an @ in an internal note: the list of such notes, and who can be named."""

from __future__ import annotations

from flask import flash, jsonify, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from kb.language.text import fold
from odziv.desk.frame.page import show_page
from odziv.desk.frame.roles import AGENT, action, page
from odziv.store.agents.agent import list_agents
from odziv.store.agents.mentions import list_mentions, mark_read
from odziv.texts.desk import _
from odziv.web.services import services


@page("/mentions", needs=AGENT)
def show_mentions() -> str:
    """The notes the signed-in agent is named in, newest first. Opening the conversation makes one read."""
    return show_page(
        "desk/conversation/mentions.html", "mentions", mentions=list_mentions(services().store, current_user.id)
    )


@action("/mentions/read", needs=AGENT)
def read_mentions() -> ResponseReturnValue:
    """Marks them all as read."""
    mark_read(services().store, current_user.id)
    flash(_("All marked as read."))
    return redirect(url_for("desk.show_mentions"), 303)


@page("/colleagues", needs=AGENT)
def list_colleagues() -> ResponseReturnValue:
    """Who can be named, for the list that opens after an @."""
    names = sorted({a.name for a in list_agents(services().store) if not a.disabled and a.id != current_user.id})
    return jsonify([{"name": name, "search": fold(name)} for name in names])
