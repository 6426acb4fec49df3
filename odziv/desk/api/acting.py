"""What programs do: take, answer, pass on, hand back, resolve, delete; by the same functions as the desk's pages."""

from __future__ import annotations

from flask import Response, jsonify, request
from flask_login import current_user

from odziv.cases.forgetting import forget_remains
from odziv.desk.api.blueprint import blueprint, call
from odziv.desk.api.bodies import NewMessage, Transfer
from odziv.desk.api.reading import conversation_json, find
from odziv.desk.conversation.conversation import agent_draft, release_to, store_message
from odziv.desk.conversation.transfer import note_draft, to_colleague, to_queue
from odziv.desk.frame.roles import ADMIN, AGENT
from odziv.desk.knowledge.topics import list_topics
from odziv.desk.queue.queue import claim_for_me, claim_next, is_mine, say_lost
from odziv.store.agents.availability import renew_presence
from odziv.store.conversations import conversation as conversations
from odziv.store.handoffs.handoff import list_handoffs_of
from odziv.store.webhooks.payloads import message_facts
from odziv.web.bodies import read_body
from odziv.web.errors import ApiError
from odziv.web.services import services


@blueprint.before_request
def show_life() -> None:
    """Who acts is there, and keeps what they have; who only reads need not be."""
    if request.method in ("POST", "PATCH"):
        renew_presence(services().store, current_user.id)


@call("POST", "/alive", needs=AGENT)
def post_alive() -> tuple[str, int]:
    """A sign of life, for a program that holds conversations and has nothing to say for a while."""
    return "", 204


@call("POST", "/queue/next", needs=AGENT)
def post_next() -> Response:
    """Takes what is next for this agent; nothing when nothing is for them."""
    conversation_id, _ = claim_next()
    if conversation_id is None:
        return jsonify(conversation=None, handoff=None)
    return jsonify(**conversation_json(find(conversation_id)))


@call("POST", "/conversations/<conversation_id>/claim", needs=AGENT)
def post_claim(conversation_id: str) -> Response:
    """Takes one that waits. Of several exactly one wins; repeating it is harmless."""
    conversation = find(conversation_id)
    current = next((h for h in reversed(list_handoffs_of(services().store, conversation.id)) if not h.closed_at), None)
    if current is None:
        raise ApiError(409, "conflict", "This conversation doesn't wait for a person.")
    outcome = claim_for_me(current.id, conversation.id)
    if not outcome.won and not is_mine(current.id):
        raise ApiError(409, "conflict", say_lost(outcome))
    return jsonify(**conversation_json(find(conversation_id)))


@call("POST", "/conversations/<conversation_id>/messages", needs=AGENT)
def post_message(conversation_id: str) -> tuple[Response, int]:
    """A reply to the customer, from the agent who has the conversation."""
    return _say(conversation_id, internal=False)


@call("POST", "/conversations/<conversation_id>/notes", needs=AGENT)
def post_note(conversation_id: str) -> tuple[Response, int]:
    """A note for colleagues, which customers never see."""
    return _say(conversation_id, internal=True)


def _say(conversation_id: str, *, internal: bool) -> tuple[Response, int]:
    body = read_body(NewMessage)
    find(conversation_id)
    files = tuple(body.attachments)
    draft = agent_draft(body.text, body.client_id, internal=internal, attachments=files)
    message = store_message(conversation_id, draft, at_once=True)
    return jsonify(message=message_facts(message)), 201


@call("POST", "/conversations/<conversation_id>/transfer", needs=AGENT)
def post_transfer(conversation_id: str) -> Response:
    """Passes on what this agent has, to a colleague who is there or to the queue."""
    body = read_body(Transfer)
    conversation = find(conversation_id)
    note = note_draft(body.note or "")
    if body.topic is not None and body.topic not in list_topics():
        raise ApiError(409, "conflict", "There is no such topic.")
    if body.to == "queue":
        to_queue(conversation, note, body.language or conversation.language, body.topic, body.promise_minutes)
    elif body.language or body.topic or body.promise_minutes:
        raise ApiError(409, "conflict", "language, topic and promise_minutes go with the queue only.")
    else:
        to_colleague(conversation, str(body.to), note)
    return jsonify(**conversation_json(find(conversation_id)))


@call("POST", "/conversations/<conversation_id>/hand-back", needs=AGENT)
def post_hand_back(conversation_id: str) -> Response:
    """Gives the conversation back to the bot."""
    return _release(conversation_id, "bot")


@call("POST", "/conversations/<conversation_id>/resolve", needs=AGENT)
def post_resolve(conversation_id: str) -> Response:
    """Closes the conversation; the customer can open it again by writing."""
    return _release(conversation_id, "resolved")


def _release(conversation_id: str, status: str) -> Response:
    find(conversation_id)
    release_to(conversation_id, status)
    return jsonify(**conversation_json(find(conversation_id)))


@call("DELETE", "/conversations/<conversation_id>", needs=ADMIN)
def delete_conversation(conversation_id: str) -> tuple[str, int]:
    """Removes a conversation and everything that hangs on it, for good."""
    deleted = find(conversation_id).id
    conversations.delete_conversation(services().store, deleted, by=current_user.id)
    forget_remains(services().store, services().settings.var, [deleted])
    return "", 204
