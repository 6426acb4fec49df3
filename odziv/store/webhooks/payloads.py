"""How conversations, messages and handoffs are told to other programs, by a webhook or the desk's interface."""

from __future__ import annotations

from typing import Any

from odziv.store.engine import iso_time
from odziv.store.webhooks.marks import Marks


def conversation_payload(conversation: Any, marks: Marks) -> dict[str, Any]:
    """Of a Conversation, or a row with the same columns: everything an agent sees of it beside what was said."""
    return {
        "id": conversation.id,
        "site": conversation.site,
        "channel": conversation.channel,
        "mailbox": conversation.mailbox,
        "subject": conversation.subject,
        "status": conversation.status,
        "language": conversation.language,
        "agent": _agent(conversation),
        "customer": {
            "id": conversation.customer,
            "name": conversation.name,
            "email": conversation.email,
            "verified": conversation.verified,
        },
        "page": conversation.page,
        "attributes": conversation.attributes or {},
        "labels": marks.labels,
        "fields": marks.fields,
        "last_seq": conversation.last_seq,
        "created_at": iso_time(conversation.created_at),
        "updated_at": iso_time(conversation.updated_at),
    }


def message_payload(message: Any) -> dict[str, Any]:
    """Of a Message: what was said, by whom, and whether customers must not see it."""
    return {
        "seq": message.seq,
        "sender": message.sender,
        "internal": message.internal,
        "text": message.text,
        "html": message.html,
        "agent": _agent(message),
        "author": message.author,
        "answer": message.answer,
        "attachments": [
            shown | {"url": f"/api/desk/v1/conversations/{message.conversation_id}/attachments/{shown['id']}"}
            for shown in message.attachments or ()
        ],
        "created_at": iso_time(message.created_at),
    }


def handoff_payload(handoff: Any) -> dict[str, Any]:
    """Of a handoff: why it waits, for whom, and since when."""
    return {
        "id": handoff.id,
        "reason": handoff.reason,
        "language": handoff.language,
        "topic": handoff.topic,
        "promised_at": iso_time(handoff.target_at) if handoff.target_at else None,
        "created_at": iso_time(handoff.created_at),
    }


def label_payload(label: Any) -> dict[str, Any]:
    """Of a Label: how it is called, and one of the colours there are."""
    return {"id": label.id, "name": label.name, "colour": label.colour}


def rating_payload(rating: Any, agent_name: str | None) -> dict[str, Any]:
    """Of a Rating: of whom, 1 to 5, and in which words; `agent` is the person who was rated."""
    return {
        "about": rating.about,
        "score": rating.score,
        "words": rating.words,
        "agent": {"id": rating.agent_id, "name": agent_name} if rating.agent_id else None,
        "created_at": iso_time(rating.created_at),
        "changed_at": iso_time(rating.changed_at),
    }


def _agent(thing: Any) -> dict[str, Any] | None:
    return {"id": thing.agent_id, "name": thing.agent_name} if thing.agent_id else None
