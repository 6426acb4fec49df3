"""Colleagues who are named with an @ in an internal note: found, and marked."""

from __future__ import annotations

import re
from collections import Counter
from html import escape

from odziv.store import Store
from odziv.store.agents.agent import Agent, list_agents

# A tag of sanitised HTML, whose attributes stand in double quotes; between two of them is text.
TAG = re.compile(r'(<(?:[^<>"]|"[^"]*")*>)')


def mark_mentions(store: Store, agent: Agent, text: str, html: str) -> tuple[str, tuple[int, ...]]:
    """A note's HTML with the names marked, and the ids of those who are named in its text, but its writer."""
    people = _people(store)
    if "@" not in text or not people:
        return html, ()
    named = {match[1].lower() for match in _pattern(people).finditer(text)}
    marked = _pattern({escape(name, quote=False): ids for name, ids in people.items()})
    parts = [
        part if part.startswith("<") else marked.sub(r'<mark class="mention">@\1</mark>', part)
        for part in TAG.split(html)
    ]
    mentioned = {agent_id for name in named for agent_id in people.get(name, ())}
    return "".join(parts), tuple(sorted(mentioned - {agent.id}))


def _people(store: Store) -> dict[str, list[int]]:
    """The ids behind each name one can write: whole names, and first names that only one has."""
    agents = [agent for agent in list_agents(store) if not agent.disabled and agent.name.strip()]
    firsts = Counter(agent.name.split()[0].lower() for agent in agents)
    people: dict[str, list[int]] = {}
    for agent in agents:
        first, whole = agent.name.split()[0].lower(), agent.name.lower()
        for name in {whole, first} if firsts[first] == 1 else {whole}:
            people.setdefault(name, []).append(agent.id)
    return people


def _pattern(people: dict[str, list[int]]) -> re.Pattern[str]:
    """An @ that begins a word, and the longest name after it."""
    names = "|".join(re.escape(name) for name in sorted(people, key=len, reverse=True))
    return re.compile(rf"(?<![\w@])@({names})(?!\w)", re.IGNORECASE)
