"""How conversations and messages look to a customer's browser."""

from __future__ import annotations

from typing import Any

from odziv.cases.waiting import wait_json
from odziv.settings import Settings
from odziv.store import Store
from odziv.store.conversations.conversation import Conversation
from odziv.store.conversations.messages import Message
from odziv.store.engine import iso_time
from odziv.web.drawing.portraits import portrait_path


def conversation_json(conversation: Conversation, wait: dict[str, Any] | None = None) -> dict[str, Any]:
    """Status, language, how the wait for a person goes and, while one has it, that person's name."""
    agent = agent_json(conversation.agent_for_customers, conversation.agent_portrait)
    return {
        "id": conversation.id,
        # Whoever sends spam is not told that it is known as such.
        "status": "resolved" if conversation.status == "spam" else conversation.status,
        "language": conversation.language,
        "agent": agent,
        "wait": wait,
    }


def shown_conversation(store: Store, conversation: Conversation, settings: Settings) -> dict[str, Any]:
    """A conversation as a customer's browser sees it."""
    return conversation_json(conversation, wait_json(store, conversation, settings))


def message_json(message: Message) -> dict[str, Any]:
    """One message. What a button means, and what the bot considered, stay on the server."""
    shown: dict[str, Any] = {
        "seq": message.seq,
        "sender": message.sender,
        "text": message.text,
        "html": message.html,
        "buttons": [{"title": b["title"], "kind": b["kind"]} for b in message.buttons or []],
        "answer": message.answer,
        "agent": agent_json(message.agent_for_customers, message.agent_portrait),
        "author": message.author,
        "created_at": iso_time(message.created_at),
        "attachments": [attachment_json(message.conversation_id, shown) for shown in message.attachments or ()],
    }
    if message.client_id and message.sender == "customer" and not message.author:
        shown["client_id"] = message.client_id
    return shown


def agent_json(name: str | None, portrait: str | None) -> dict[str, Any] | None:
    """Who it is, and where their picture is, below this server, if they have one; None for nobody."""
    return {"name": name, "picture": portrait_path(portrait)} if name else None


def attachment_json(conversation_id: str, shown: dict[str, Any]) -> dict[str, Any]:
    """A file and where it is, below this server. To fetch it takes the conversation's token."""
    return shown | {"url": f"/api/v1/conversations/{conversation_id}/attachments/{shown['id']}"}
