"""Spam: an agent marks a conversation as that, or says that it is none."""

from __future__ import annotations

from odziv.cases.conversations.entries import internal_entry
from odziv.cases.refused import Kind, Refused
from odziv.store import Store
from odziv.store.agents.agent import Agent
from odziv.store.conversations import spam
from odziv.texts.desk import N_, _


def mark_spam(store: Store, agent: Agent, conversation_id: str) -> None:
    """Takes it out of every list. Raises Refused while a colleague has it, and when it is marked already."""
    entry = internal_entry(N_("%(agent)s marked this as spam."), agent=agent.name)
    if not spam.mark_spam(store, conversation_id, agent.id, entry):
        problem = _("Nothing changed: a colleague has this conversation, or it is marked as spam already.")
        raise Refused(Kind.CONFLICT, problem)


def unmark_spam(store: Store, agent: Agent, conversation_id: str) -> None:
    """Brings it back to where it was: the queue, or the bot. Raises Refused unless it is marked."""
    entry = internal_entry(N_("%(agent)s says this is no spam."), agent=agent.name)
    if not spam.unmark_spam(store, conversation_id, agent.id, entry):
        raise Refused(Kind.CONFLICT, _("Nothing changed: this isn’t marked as spam any more."))
