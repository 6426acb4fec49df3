"""What programs read: the queue, conversations, everything said, and who is there."""

from __future__ import annotations

from typing import Any

from flask import Response, g, jsonify
from flask_login import current_user

from odziv.cases.routing import load_team
from odziv.desk.api.blueprint import call
from odziv.desk.api.bodies import After, ConversationFilter, LimitQuery, Narrowed, read_cursor, write_cursor
from odziv.desk.frame.roles import AGENT
from odziv.store.conversations.conversation import Conversation, find_conversation
from odziv.store.conversations.listing import list_conversations
from odziv.store.conversations.log_pages import read_page
from odziv.store.engine import iso_time
from odziv.store.handoffs.handoff import Handoff, list_handoffs_of, list_queue
from odziv.store.search.filters import STATES, Wanted
from odziv.store.webhooks.marks import list_marks
from odziv.store.webhooks.payloads import conversation_payload, handoff_payload, message_payload
from odziv.web.bodies import read_query
from odziv.web.errors import no_conversation
from odziv.web.services import services


@call("GET", "/me", needs=AGENT)
def get_me() -> Response:
    """Who the token is."""
    agent = {"id": current_user.id, "name": current_user.name, "role": current_user.agent.role}
    return jsonify(agent=agent, token={"id": g.bearer.token_id, "name": g.bearer.name})


@call("GET", "/queue", needs=AGENT)
def get_queue() -> Response:
    """Who waits for a person, in the order they are served."""
    queue, limit = list_queue(services().store), int(read_query(LimitQuery).limit)
    return jsonify(waiting=len(queue), handoffs=[waiting_json(handoff) for handoff in queue[:limit]])


@call("GET", "/conversations", needs=AGENT)
def get_conversations() -> Response:
    """Conversations, newest first, a page at a time."""
    query = read_query(ConversationFilter)
    chosen = {name: getattr(query, name) for name in ("status", "language", "site", "email", "customer")}
    if query.agent is not None:
        chosen["agent_id"] = current_user.id if query.agent == "me" else int(query.agent)
    limit = int(query.limit)
    states = (query.state,) if query.state else STATES
    place, also = read_cursor(query.cursor), Wanted(states=states, **narrow(query))
    found = list_conversations(
        services().store, place, limit + 1, also if also != Wanted(states=STATES) else None, **chosen
    )
    page = found[:limit]
    following = write_cursor(page[-1].created_at, page[-1].id) if len(found) > limit else None
    marks = list_marks(services().store, [one.id for one in page])
    return jsonify(conversations=[conversation_payload(one, marks[one.id]) for one in page], next_cursor=following)


@call("GET", "/conversations/<conversation_id>", needs=AGENT)
def get_conversation(conversation_id: str) -> Response:
    """One conversation, with its wait for a person while it waits."""
    return as_it_is(conversation_id)


@call("GET", "/conversations/<conversation_id>/messages", needs=AGENT)
def get_messages(conversation_id: str) -> Response:
    """What was said after N, page by page, internal notes and entries included, and marked."""
    query = read_query(After)
    page = read_page(services().store, conversation_id, int(query.after), int(query.limit), internal=True)
    if page.conversation is None:
        raise no_conversation()
    shown = [message_payload(one) for one in page.messages]
    marks = list_marks(services().store, [conversation_id])[conversation_id]
    return jsonify(messages=shown, conversation=conversation_payload(page.conversation, marks), more=page.more)


@call("GET", "/agents", needs=AGENT)
def get_agents() -> Response:
    """Who could be given a conversation, and how much each has."""
    team = load_team(services().store, services().settings)
    return jsonify(
        agents=[
            {
                "id": member.agent_id,
                "name": member.name,
                "online": member.is_online(team.now),
                "available": member.available,
                "open": member.open,
                "capacity": member.capacity,
                "languages": list(member.languages),
                "topics": list(member.topics),
            }
            for member in team.members
            if not member.disabled
        ]
    )


def narrow(query: Narrowed) -> dict[str, Any]:
    """The filters that both lists have, as fields of `Wanted`."""
    had = current_user.id if query.handled_by == "me" else query.handled_by and int(query.handled_by)
    same = {name: getattr(query, name) for name in ("channel", "reason", "topic", "article")}
    moments = {"since": query.began_after, "until": query.began_before}
    return {
        **same,
        "agent_id": had,
        "rating": query.rating and int(query.rating),
        "label_id": query.label and int(query.label),
        "field_id": query.field and int(query.field),
        "field_value": query.field_value,
        **{name: moment and int(moment.timestamp() * 1000) for name, moment in moments.items()},
    }


def waiting_json(handoff: Handoff) -> dict[str, Any]:
    """A handoff in the queue, with what is needed to decide whether to take it."""
    return {
        **handoff_payload(handoff),
        "conversation_id": handoff.conversation_id,
        "site": handoff.site,
        "raised_by": handoff.raised_by,
        "last_text": handoff.last_text,
        "counts_from": iso_time(handoff.place),
        "customer_is_here": handoff.is_here,
    }


def conversation_json(conversation: Conversation) -> dict[str, Any]:
    """A conversation and the handoff by which it waits, if it does."""
    handoffs = list_handoffs_of(services().store, conversation.id)
    waiting = next((handoff for handoff in handoffs if handoff.status == "waiting"), None)
    marks = list_marks(services().store, [conversation.id])[conversation.id]
    return {
        "conversation": conversation_payload(conversation, marks),
        "handoff": waiting_json(waiting) if waiting else None,
        "labels": marks.labels,
        "seen": _seen_json(conversation),
    }


def _seen_json(conversation: Conversation) -> dict[str, Any] | None:
    if conversation.seen_at is None or not services().settings.desk.read_receipts:
        return None
    return {"seq": conversation.seen_seq, "at": iso_time(conversation.seen_at)}


def as_it_is(conversation_id: str) -> Response:
    """The conversation as it is now, after what was done to it. Raises ApiError 404."""
    return jsonify(**conversation_json(find(conversation_id)))


def find(conversation_id: str) -> Conversation:
    """The conversation. Raises ApiError 404."""
    conversation = find_conversation(services().store, conversation_id)
    if conversation is None:
        raise no_conversation()
    return conversation
