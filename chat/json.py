"""How conversations and messages look to a customer's browser."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from store.conversations import Conversation
from store.messages import Message


def iso_time(milliseconds: int) -> str:
    """ISO 8601 in UTC with milliseconds."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def conversation_json(conversation: Conversation) -> dict[str, Any]:
    """Status, language and, while a person has it, that person's name."""
    agent = {"name": conversation.agent_name} if conversation.agent_name else None
    return {
        "id": conversation.id,
        # Whoever sends spam is not told that it is known as such.
        "status": "resolved" if conversation.status == "spam" else conversation.status,
        "language": conversation.language,
        "agent": agent,
    }


def message_json(message: Message) -> dict[str, Any]:
    """One message. What a button means, and what the bot considered, stay on the server."""
    shown: dict[str, Any] = {
        "seq": message.seq,
        "sender": message.sender,
        "text": message.text,
        "html": message.html,
        "buttons": [{"title": b["title"], "kind": b["kind"]} for b in message.buttons or []],
        "answer": message.answer,
        "agent": {"name": message.agent_name} if message.agent_name else None,
        "created_at": iso_time(message.created_at),
    }
    if message.client_id and message.sender == "customer":
        shown["client_id"] = message.client_id
    return shown
