"""Reopening: an agent takes a resolved conversation up again; or its customer does, and finds the agent they had."""

from __future__ import annotations

from odziv.cases.conversations.entries import system_notice
from odziv.cases.conversations.lookup import get_conversation, say_who_has
from odziv.cases.refused import Kind, Refused
from odziv.store import Store
from odziv.store.agents.agent import Agent
from odziv.store.conversations.messages import NewMessage
from odziv.store.handoffs.reopening import MergedAway, reopen
from odziv.texts.desk import _


def reopen_conversation(store: Store, agent: Agent, conversation_id: str) -> None:
    """Gives the agent a resolved conversation; its customer reads who has joined.

    Raises Refused when it isn't resolved any more, and when it was merged into another one.
    """
    conversation = get_conversation(store, conversation_id)
    try:
        done = reopen(store, conversation_id, agent.id, say_joined(conversation.language, agent.name_for_customers))
    except MergedAway as error:
        problem = _("Not reopened: it was merged into conversation %(id)s, where it goes on.", id=str(error)[:6])
        raise Refused(Kind.CONFLICT, problem) from error
    if not done:
        raise Refused(
            Kind.CONFLICT, _("Not reopened: %(who)s", who=say_who_has(get_conversation(store, conversation_id)))
        )


def say_joined(language: str, name: str) -> NewMessage:
    """The notice to a customer that an agent has joined."""
    return system_notice("joined", language, name=name)
