"""Merging: a customer's other conversation goes into the one that the agent has."""

from __future__ import annotations

from odziv.cases.conversations.entries import internal_entry, system_notice
from odziv.cases.conversations.lookup import get_conversation
from odziv.cases.mail_addresses import spell_all
from odziv.cases.refused import Kind, Refused
from odziv.store import Store
from odziv.store.agents.agent import Agent
from odziv.store.conversations import merges
from odziv.store.conversations.merges import CannotMerge, Unconfirmed
from odziv.texts.desk import N_, _


class UnconfirmedMerge(Refused):
    """Only whoever says that they mean it may merge these two."""


def merge(store: Store, agent: Agent, conversation_id: str, other_id: str, *, confirmed: bool) -> None:
    """Merges the other conversation into this one, which the agent has.

    Raises Refused, which says why it can't be, and UnconfirmedMerge where it has to be `confirmed` first.
    """
    away = get_conversation(store, other_id)
    get_conversation(store, conversation_id)
    entries = (
        internal_entry(
            N_("%(agent)s merged this into conversation %(id)s, where it goes on."),
            agent=agent.name,
            id=conversation_id[:6],
        ),
        internal_entry(
            N_("%(agent)s merged conversation %(id)s of the same customer into this one."),
            agent=agent.name,
            id=away.id[:6],
        ),
    )
    said = system_notice("merged", away.language)
    try:
        merges.merge(store, away.id, conversation_id, agent.id, entries, said, confirmed=confirmed, spell=spell_all)
    except KeyError as error:  # deleted a moment ago
        raise Refused(Kind.NOT_FOUND, _("There is no such conversation.")) from error
    except Unconfirmed as error:
        raise UnconfirmedMerge(Kind.CONFLICT, _("Not merged: %(why)s", why=error)) from error
    except CannotMerge as error:
        raise Refused(Kind.CONFLICT, _("Not merged: %(why)s", why=error)) from error
