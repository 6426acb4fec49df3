"""Colleagues who are named with an @ in an internal note: found, marked, and told."""

from __future__ import annotations

import re
from collections import Counter
from html import escape

from flask import flash, jsonify, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from kb.language.text import fold
from odziv.desk.frame.page import show_page
from odziv.desk.frame.roles import AGENT, action, page
from odziv.store.agents.agent import list_agents
from odziv.store.agents.mentions import list_mentions, mark_read
from odziv.web.services import services

# A tag of sanitised HTML, whose attributes stand in double quotes; between two of them is text.
_TAG = re.compile(r'(<(?:[^<>"]|"[^"]*")*>)')


@page("/mentions", needs=AGENT)
def show_mentions() -> str:
    """The notes the signed-in agent is named in, newest first. Opening the conversation makes one read."""
    return show_page("desk/mentions.html", "mentions", mentions=list_mentions(services().store, current_user.id))


@action("/mentions/read", needs=AGENT)
def read_mentions() -> ResponseReturnValue:
    """Marks them all as read."""
    mark_read(services().store, current_user.id)
    flash("All marked as read.")
    return redirect(url_for("desk.show_mentions"), 303)


@page("/colleagues", needs=AGENT)
def list_colleagues() -> ResponseReturnValue:
    """Who can be named, for the list that opens after an @."""
    names = sorted({a.name for a in list_agents(services().store) if not a.disabled and a.id != current_user.id})
    return jsonify([{"name": name, "search": fold(name)} for name in names])


def mark_mentions(text: str, html: str) -> tuple[str, tuple[int, ...]]:
    """A note's HTML with the names marked, and the ids of those who are named in its text."""
    people = _people()
    if "@" not in text or not people:
        return html, ()
    named = {match[1].lower() for match in _pattern(people).finditer(text)}
    marked = _pattern({escape(name, quote=False): ids for name, ids in people.items()})
    parts = [
        part if part.startswith("<") else marked.sub(r'<mark class="mention">@\1</mark>', part)
        for part in _TAG.split(html)
    ]
    mentioned = {agent_id for name in named for agent_id in people.get(name, ())}
    return "".join(parts), tuple(sorted(mentioned - {current_user.id}))


def _people() -> dict[str, list[int]]:
    """The ids behind each name one can write: whole names, and first names that only one has."""
    agents = [agent for agent in list_agents(services().store) if not agent.disabled and agent.name.strip()]
    firsts = Counter(agent.name.split()[0].lower() for agent in agents)
    people: dict[str, list[int]] = {}
    for agent in agents:
        first, whole = agent.name.split()[0].lower(), agent.name.lower()
        for name in {whole, first} if firsts[first] == 1 else {whole}:
            people.setdefault(name, []).append(agent.id)
    return people


def _pattern(people: dict[str, list[int]]) -> re.Pattern:
    """An @ that begins a word, and the longest name after it."""
    names = "|".join(re.escape(name) for name in sorted(people, key=len, reverse=True))
    return re.compile(rf"(?<![\w@])@({names})(?!\w)", re.IGNORECASE)
