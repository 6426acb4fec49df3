"""Releasing: an agent hands a conversation back to the bot, or resolves it."""

from __future__ import annotations

from odziv.cases.conversations.entries import system_notice
from odziv.cases.conversations.lookup import get_conversation, say_who_has
from odziv.cases.refused import Kind, Refused
from odziv.store import Store
from odziv.store.agents.agent import Agent
from odziv.store.handoffs.handoff import release

# What a conversation can be released to, and the notice its customer gets.
NOTICES = {"bot": "left_to_bot", "resolved": "resolved"}


def release_conversation(store: Store, agent: Agent, conversation_id: str, status: str) -> None:
    """Ends the agent's claim: `status` is "bot" or "resolved". Their scheduled replies are sent first.

    Raises Refused for another status, and unless this agent has the conversation.
    """
    if status not in NOTICES:
        raise Refused(Kind.INVALID, "A conversation can be handed back to the bot or resolved.")
    language = get_conversation(store, conversation_id).language
    draft = system_notice(NOTICES[status], language, name=agent.name)
    if release(store, conversation_id, agent.id, status, draft) is None:
        raise Refused(Kind.CONFLICT, f"Nothing changed: {say_who_has(get_conversation(store, conversation_id))}")
