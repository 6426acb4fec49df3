"""What programs do with e-mails to somebody outside about a conversation: pass it on, see what came of it, undo."""

from __future__ import annotations

from typing import Annotated, Any

from flask import Response, jsonify
from flask_login import current_user
from pydantic import AfterValidator, Field

from odziv.cases.conversations.reply import LONGEST_REPLY
from odziv.cases.mails.forward import FORWARDED_PER_HOUR, LONGEST_PASSED_ON, Passing, forward_by_mail, take_back
from odziv.desk.api.blueprint import call
from odziv.desk.api.bodies import EMAIL, Body, ClientId, clean_words
from odziv.desk.api.reading import find
from odziv.desk.frame.roles import AGENT
from odziv.desk.writing.forward import write_said
from odziv.store.conversations.attachments import MOST_IN_MAIL
from odziv.store.engine import iso_time
from odziv.store.lengths import LONGEST_EMAIL, LONGEST_SUBJECT
from odziv.store.mail.side import SideMail, list_side_mails
from odziv.web.bodies import read_body
from odziv.web.services import services


class ForwardBody(Body):
    """To whom, with what. Without `passed_on` all that the customer can read; `thread` goes on with one there is."""

    client_id: ClientId
    to: Annotated[str, Field(max_length=LONGEST_EMAIL, pattern=EMAIL)] | None = None
    subject: Annotated[str, Field(min_length=1, max_length=LONGEST_SUBJECT), AfterValidator(clean_words)] | None = None
    text: Annotated[str, Field(min_length=1, max_length=LONGEST_REPLY), AfterValidator(clean_words)]
    passed_on: Annotated[str, Field(max_length=LONGEST_PASSED_ON)] | None = None
    attachments: list[Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]] = Field(default=[], max_length=MOST_IN_MAIL)
    thread: Annotated[str, Field(pattern=r"^[0-9a-f]{24}$")] | None = None


@call("POST", "/conversations/<conversation_id>/forwards", needs=AGENT)
def post_forward(conversation_id: str) -> tuple[Response, int]:
    """Passes the conversation on by e-mail; a repeat of the `client_id` gives the first one."""
    body, conversation = read_body(ForwardBody), find(conversation_id)
    services().rate_limits.check_hourly("forwarded", str(current_user.id), FORWARDED_PER_HOUR)
    passed_on = body.passed_on
    if passed_on is None:
        passed_on = "" if body.thread else write_said(conversation)
    passing = Passing(
        body.to or "", body.subject or "", body.text, passed_on, tuple(body.attachments), body.thread or ""
    )
    message = forward_by_mail(
        services().store, services().settings, current_user.agent, conversation, passing, body.client_id
    )
    side = list_side_mails(services().store, conversation.id)[message.seq]
    return jsonify(forward=forward_json(side)), 201


@call("GET", "/conversations/<conversation_id>/forwards", needs=AGENT)
def get_forwards(conversation_id: str) -> Response:
    """Those of a conversation and their answers, in order; the words are the messages of the same number."""
    found = list_side_mails(services().store, find(conversation_id).id)
    return jsonify(forwards=[forward_json(found[seq]) for seq in sorted(found)])


@call("DELETE", "/conversations/<conversation_id>/forwards/<int(max=999999999):seq>", needs=AGENT)
def delete_forward(conversation_id: str, seq: int) -> tuple[str, int]:
    """Takes back one's own while it waits; 409 once it is sent."""
    take_back(services().store, current_user.agent, find(conversation_id).id, seq)
    return "", 204


def forward_json(side: SideMail) -> dict[str, Any]:
    """One mail; of an answer that came back, `status` is received and `address` who wrote it."""
    return {
        "seq": side.seq,
        "thread": side.thread,
        "status": side.status,
        "address": side.address,
        "subject": side.subject,
        "passed_on": side.passed_on,
        "attachments": side.files or [],
        "agent_id": side.agent_id,
        "error": side.error,
        "created_at": iso_time(side.created_at),
        "finished_at": side.finished_at and iso_time(side.finished_at),
    }
