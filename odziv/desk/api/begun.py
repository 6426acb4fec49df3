"""What an agent has begun to write, for programs: a new e-mail, and an answer or note in a conversation."""

from __future__ import annotations

from dataclasses import asdict

from flask import Response, jsonify
from flask_login import current_user

from odziv.cases.refused import Kind, Refused
from odziv.desk.api.blueprint import call
from odziv.desk.api.bodies import BegunMail, BegunReply
from odziv.desk.api.reading import find
from odziv.desk.frame.roles import AGENT
from odziv.store.agents.mail_drafts import (
    MailDraft,
    MailDraftChanged,
    find_mail_draft,
    forget_mail_draft,
    save_mail_draft,
)
from odziv.store.agents.reply_drafts import DraftChanged, ReplyDraft, find_draft, forget_draft, save_draft
from odziv.web.bodies import read_body
from odziv.web.services import services

CHANGED = "It was changed elsewhere since; read it anew."
MAIL, REPLY = "/begun-mail", "/conversations/<conversation_id>/begun-reply"


@call("GET", MAIL, needs=AGENT)
def get_begun_mail() -> Response:
    """The token's agent's; version 0 where there is none."""
    return jsonify(asdict(find_mail_draft(services().store, current_user.id)))


@call("PUT", MAIL, needs=AGENT)
def put_begun_mail() -> Response:
    """Keeps it in place of the version that it says; 409 when that is the present one no longer."""
    body = read_body(BegunMail)
    try:
        save_mail_draft(services().store, current_user.id, MailDraft(**body.model_dump()))
    except MailDraftChanged as changed:
        raise Refused(Kind.CONFLICT, CHANGED) from changed
    return get_begun_mail()


@call("DELETE", MAIL, needs=AGENT)
def delete_begun_mail() -> tuple[str, int]:
    """Throws it away; where there is none, nothing happens."""
    begun = find_mail_draft(services().store, current_user.id)
    forget_mail_draft(services().store, current_user.id, begun.client_id)
    return "", 204


@call("GET", REPLY, needs=AGENT)
def get_begun_reply(conversation_id: str) -> Response:
    """The token's agent's in a conversation; version 0 where there is none."""
    return jsonify(asdict(find_draft(services().store, find(conversation_id).id, current_user.id)))


@call("PUT", REPLY, needs=AGENT)
def put_begun_reply(conversation_id: str) -> Response:
    """Keeps it in place of the version that it says; 409 when that is the present one no longer."""
    body = read_body(BegunReply)
    recipients = body.recipients.model_dump(exclude_none=True) if body.recipients else None
    draft = ReplyDraft(body.kind, body.text, recipients, body.version)
    try:
        save_draft(services().store, find(conversation_id).id, current_user.id, draft)
    except DraftChanged as changed:
        raise Refused(Kind.CONFLICT, CHANGED) from changed
    except KeyError as error:  # deleted a moment ago
        raise Refused(Kind.NOT_FOUND, "There is no such conversation.") from error
    return get_begun_reply(conversation_id)


@call("DELETE", REPLY, needs=AGENT)
def delete_begun_reply(conversation_id: str) -> tuple[str, int]:
    """Throws it away; where there is none, nothing happens."""
    forget_draft(services().store, find(conversation_id).id, current_user.id)
    return "", 204
