"""The signature of e-mails: the operator's for a language, with the agent's name and title; never in the chat."""

from __future__ import annotations

from odziv.cases.conversations.placeholders import fill
from odziv.cases.mails.mailboxes import find_mailbox
from odziv.settings import Settings
from odziv.store.agents.agent import Agent
from odziv.store.conversations.conversation import Conversation


def write_signature(settings: Settings, conversation: Conversation, agent: Agent | None) -> str:
    """As it stands below what is written in a conversation; of what no agent says, without one.

    Where the operator has none for its mailbox and language: the agent's name and title, and the name that its mails
    come under.
    """
    box = find_mailbox(settings, conversation)
    first = box.site if box else next(iter(settings.sites))
    site = settings.sites.get(conversation.site) or settings.sites[first]
    template = box.signatures.get(conversation.language) if box else None
    if template is None:
        named = (agent.name, agent.title) if agent else ()
        return "\n".join(_one_line(part) for part in (*named, (box and box.sender_name) or site.name) if part)
    values = {"agent.name": agent.name, "agent.title": agent.title} if agent else {}
    known = {key: _one_line(value) if value else None for key, value in values.items()}
    return fill(template, {**known, "site.name": site.name})


def _one_line(text: str) -> str:
    return " ".join(text.split())
