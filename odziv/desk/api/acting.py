"""What programs do: take, answer, pass on, hand back, resolve, delete; by the same verbs as the desk's pages."""

from __future__ import annotations

from flask import Response, jsonify, request
from flask_login import current_user

from odziv.cases.conversations.claim import claim_conversation, claim_next
from odziv.cases.conversations.reassign import assign, take_over
from odziv.cases.conversations.release import release_conversation
from odziv.cases.conversations.reply import draft_message, write_message
from odziv.cases.conversations.transfer import QueueTarget, draft_note, pass_to_colleague, pass_to_queue
from odziv.cases.forgetting import delete_for_good
from odziv.cases.mails.begin import BEGUN_PER_HOUR, NewMail, begin_mail
from odziv.cases.mails.recipients import choose_recipients
from odziv.cases.topics import list_topics
from odziv.desk.api.blueprint import blueprint, call
from odziv.desk.api.bodies import Assignment, NewConversation, NoteBody, ReplyBody, SeenQuery, Transfer
from odziv.desk.api.reading import as_it_is, find
from odziv.desk.frame.roles import ADMIN, AGENT
from odziv.desk.queue.viewers import viewers
from odziv.store.agents.availability import renew_presence
from odziv.store.agents.mail_drafts import forget_mail_draft
from odziv.store.mail.recipients import Recipients
from odziv.store.webhooks.payloads import message_payload
from odziv.web.bodies import read_body, read_query
from odziv.web.errors import ApiError
from odziv.web.services import services


@blueprint.before_request
def show_life() -> None:
    """Who acts is there, and keeps what they have; who only reads need not be."""
    if request.method in ("POST", "PUT", "PATCH"):
        renew_presence(services().store, current_user.id)


@call("POST", "/alive", needs=AGENT)
def post_alive() -> tuple[str, int]:
    """A sign of life, for a program that holds conversations and has nothing to say for a while."""
    return "", 204


@call("POST", "/queue/next", needs=AGENT)
def post_next() -> Response:
    """Takes what is next for this agent; nothing when nothing is for them."""
    conversation_id = claim_next(services().store, services().settings, current_user.agent).conversation_id
    if conversation_id is None:
        return jsonify(conversation=None, handoff=None)
    return as_it_is(conversation_id)


@call("POST", "/conversations/<conversation_id>/claim", needs=AGENT)
def post_claim(conversation_id: str) -> Response:
    """Takes one that waits. Of several exactly one wins; repeating it is harmless."""
    claim_conversation(services().store, current_user.agent, conversation_id)
    return as_it_is(conversation_id)


@call("POST", "/conversations/<conversation_id>/messages", needs=AGENT)
def post_message(conversation_id: str) -> tuple[Response, int]:
    """A reply to the customer, from the agent who has the conversation."""
    body, conversation = read_body(ReplyBody), find(conversation_id)
    where = (services().store, services().settings, conversation)
    recipients = choose_recipients(*where, to=body.to, cc=body.cc, bcc=body.bcc, to_all=body.reply_to_all)
    return _say(conversation_id, body, internal=False, recipients=recipients, seen=body.seen)


@call("POST", "/conversations", needs=AGENT)
def post_conversation() -> tuple[Response, int]:
    """Begins a conversation by e-mail, which the agent has; a repeat gives the same one."""
    body, store, agent = read_body(NewConversation), services().store, current_user.agent
    services().rate_limits.check_hourly("begun", str(agent.id), BEGUN_PER_HOUR)
    where = {name: getattr(body, name) for name in ("site", "language", "subject", "mailbox")}
    mail = NewMail(tuple(body.to), tuple(body.cc), tuple(body.bcc), name=body.name or "", **where)
    conversation_id, recipients = begin_mail(store, services().settings, agent, mail, body.client_id)
    if body.text is not None:
        to = recipients if len(recipients.all) > 1 else None
        draft = draft_message(store, agent, body.text, body.client_id, internal=False, recipients=to)
        write_message(store, agent, conversation_id, draft)
    forget_mail_draft(store, agent.id, body.client_id)
    return as_it_is(conversation_id), 201


@call("POST", "/conversations/<conversation_id>/notes", needs=AGENT)
def post_note(conversation_id: str) -> tuple[Response, int]:
    """A note for colleagues, which customers never see."""
    return _say(conversation_id, read_body(NoteBody), internal=True)


def _say(
    conversation_id: str,
    body: NoteBody,
    *,
    internal: bool,
    recipients: Recipients | None = None,
    seen: int | None = None,
) -> tuple[Response, int]:
    store, agent = services().store, current_user.agent
    said, files = (store, agent, body.text, body.client_id), tuple(body.attachments)
    draft = draft_message(*said, internal=internal, attachments=files, recipients=recipients)
    message = write_message(store, agent, conversation_id, draft, seen=seen)
    viewers().end_typing(conversation_id, agent.id)
    return jsonify(message=message_payload(message)), 201


@call("POST", "/conversations/<conversation_id>/transfer", needs=AGENT)
def post_transfer(conversation_id: str) -> Response:
    """Passes on what this agent has, to a colleague who is there or to the queue."""
    body = read_body(Transfer)
    if problem := _find_problem(body):
        find(conversation_id)  # of an unknown one nothing else is said
        raise ApiError(409, "conflict", problem)
    store, settings, agent = services().store, services().settings, current_user.agent
    note = draft_note(store, agent, body.note or "")
    if body.to == "queue":
        place = QueueTarget(body.language, body.topic, body.promise_minutes)
        pass_to_queue(store, settings, agent, conversation_id, place, note)
    else:
        pass_to_colleague(store, settings, agent, conversation_id, str(body.to), note)
    return as_it_is(conversation_id)


def _find_problem(body: Transfer) -> str | None:
    if body.topic is not None and body.topic not in list_topics(services().settings):
        return "There is no such topic."
    if body.to != "queue" and (body.language or body.topic or body.promise_minutes):
        return "language, topic and promise_minutes go with the queue only."
    return None


@call("POST", "/conversations/<conversation_id>/take-over", needs=AGENT)
def post_take_over(conversation_id: str) -> Response:
    """Takes it from the colleague who has it; repeating it is harmless."""
    take_over(services().store, services().settings, current_user.agent, conversation_id)
    return as_it_is(conversation_id)


@call("POST", "/conversations/<conversation_id>/assign", needs=AGENT)
def post_assign(conversation_id: str) -> Response:
    """Gives what waits, or what somebody has, to a colleague who is there; repeating it is harmless."""
    body = read_body(Assignment)
    assign(services().store, services().settings, current_user.agent, conversation_id, str(body.to))
    return as_it_is(conversation_id)


@call("POST", "/conversations/<conversation_id>/hand-back", needs=AGENT)
def post_hand_back(conversation_id: str) -> Response:
    """Gives the conversation back to the bot."""
    return _release(conversation_id, "bot")


@call("POST", "/conversations/<conversation_id>/resolve", needs=AGENT)
def post_resolve(conversation_id: str) -> Response:
    """Closes the conversation; the customer can open it again by writing."""
    return _release(conversation_id, "resolved")


def _release(conversation_id: str, status: str) -> Response:
    seen = read_query(SeenQuery).seen
    known = None if seen is None else int(seen)
    release_conversation(services().store, current_user.agent, conversation_id, status, seen=known)
    return as_it_is(conversation_id)


@call("DELETE", "/conversations/<conversation_id>", needs=ADMIN)
def delete_conversation(conversation_id: str) -> tuple[str, int]:
    """Removes a conversation and everything that hangs on it, for good."""
    deleted = find(conversation_id).id
    delete_for_good(services().store, services().settings, deleted, by=current_user.id)
    return "", 204
