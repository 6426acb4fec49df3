"""What a verb is about, found in the store or refused; and who has a conversation, in words."""

from __future__ import annotations

from odziv.cases.refused import Kind, Refused
from odziv.store import Store
from odziv.store.conversations.conversation import Conversation, find_conversation

HOLDERS = {
    "bot": "the bot has this conversation.",
    "queued": "this conversation is waiting in the queue; take it first.",
    "resolved": "this conversation is resolved.",
    "spam": "this conversation is marked as spam.",
}


def get_conversation(store: Store, conversation_id: str) -> Conversation:
    """The conversation. Raises Refused for an unknown one."""
    conversation = find_conversation(store, conversation_id)
    if conversation is None:
        raise Refused(Kind.NOT_FOUND, "There is no such conversation.")
    return conversation


def say_who_has(conversation: Conversation) -> str:
    """Who has the conversation, as the end of a sentence."""
    if conversation.status == "open":
        return f"{conversation.agent_name} has this conversation."
    return HOLDERS.get(conversation.status, "you don’t have this conversation.")
