"""Releasing: an agent hands a conversation back to the bot, or resolves it."""

from __future__ import annotations

from odziv.cases.conversations.entries import system_notice
from odziv.cases.conversations.lookup import get_conversation, say_who_has
from odziv.cases.fields.values import check_filled_in
from odziv.cases.refused import Kind, Refused, UnreadMessage
from odziv.store import Store
from odziv.store.agents.agent import Agent
from odziv.store.conversations.unread import Unread
from odziv.store.handoffs.handoff import release
from odziv.texts.desk import N_, _

# What a conversation can be released to, and the notice its customer gets.
NOTICES = {"bot": "left_to_bot", "resolved": "resolved"}
UNREAD = N_("Nothing changed: the customer has written meanwhile. Read it, and press again if you still mean it.")


def release_conversation(
    store: Store, agent: Agent, conversation_id: str, status: str, *, seen: int | None = None
) -> None:
    """Ends the agent's claim: `status` is "bot" or "resolved". Their scheduled replies are sent first.

    Raises Refused for another status, and unless this agent has the conversation; MissingFields when something has to
    be filled in before it is resolved; UnreadMessage when the customer has
    written since message number `seen`, the last one the agent saw.
    """
    if status not in NOTICES:
        raise Refused(Kind.INVALID, _("A conversation can be handed back to the bot or resolved."))
    conversation = get_conversation(store, conversation_id)
    if status == "resolved":
        check_filled_in(store, conversation)
    draft = system_notice(NOTICES[status], conversation.language, name=agent.name_for_customers)
    try:
        released = release(store, conversation_id, agent.id, status, draft, seen=seen)
    except Unread as error:
        raise UnreadMessage(Kind.CONFLICT, _(UNREAD)) from error
    if released is None:
        raise Refused(
            Kind.CONFLICT, _("Nothing changed: %(who)s", who=say_who_has(get_conversation(store, conversation_id)))
        )
