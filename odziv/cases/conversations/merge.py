"""Merging: a customer's other conversation goes into the one that the agent has."""

from __future__ import annotations

from odziv.cases.conversations.entries import internal_entry, system_notice
from odziv.cases.conversations.lookup import get_conversation
from odziv.cases.refused import Kind, Refused
from odziv.store import Store
from odziv.store.agents.agent import Agent
from odziv.store.conversations import merges
from odziv.store.conversations.merges import CannotMerge, Unconfirmed


class UnconfirmedMerge(Refused):
    """Only whoever says that they mean it may merge these two."""


def merge(store: Store, agent: Agent, conversation_id: str, other_id: str, *, confirmed: bool) -> None:
    """Merges the other conversation into this one, which the agent has.

    Raises Refused, which says why it can't be, and UnconfirmedMerge where it has to be `confirmed` first.
    """
    away = get_conversation(store, other_id)
    get_conversation(store, conversation_id)
    entries = (
        internal_entry(f"{agent.name} merged this into conversation {conversation_id[:6]}, where it goes on."),
        internal_entry(f"{agent.name} merged conversation {away.id[:6]} of the same customer into this one."),
    )
    said = system_notice("merged", away.language)
    try:
        merges.merge(store, away.id, conversation_id, agent.id, entries, said, confirmed=confirmed)
    except KeyError as error:  # deleted a moment ago
        raise Refused(Kind.NOT_FOUND, "There is no such conversation.") from error
    except Unconfirmed as error:
        raise UnconfirmedMerge(Kind.CONFLICT, f"Not merged: {error}") from error
    except CannotMerge as error:
        raise Refused(Kind.CONFLICT, f"Not merged: {error}") from error
