"""What a verb is about, found in the store or refused; and who has a conversation, in words."""

from __future__ import annotations

from odziv.cases.refused import Kind, Refused
from odziv.store import Store
from odziv.store.conversations.conversation import Conversation, find_conversation
from odziv.texts.desk import N_, _

HOLDERS = {
    "bot": N_("the bot has this conversation."),
    "queued": N_("this conversation is waiting in the queue; take it first."),
    "resolved": N_("this conversation is resolved."),
    "spam": N_("this conversation is marked as spam."),
}


def get_conversation(store: Store, conversation_id: str) -> Conversation:
    """The conversation. Raises Refused for an unknown one."""
    conversation = find_conversation(store, conversation_id)
    if conversation is None:
        raise Refused(Kind.NOT_FOUND, _("There is no such conversation."))
    return conversation


def say_who_has(conversation: Conversation) -> str:
    """Who has the conversation, as the end of a sentence."""
    if conversation.status == "open":
        return _("%(name)s has this conversation.", name=conversation.agent_name)
    return _(HOLDERS.get(conversation.status, N_("you don’t have this conversation.")))
