"""The conversation to take home: as a file, or by e-mail to an address that is known to be the customer's."""

from __future__ import annotations

import re

from flask import Response, jsonify, request
from pydantic import BaseModel, Field

from odziv.cases.mail_addresses import clean_address, leads_to
from odziv.cases.transcripts import read_zone, write_transcript
from odziv.chat.api import blueprint, visitors_conversation
from odziv.store.conversations.conversation import Conversation
from odziv.store.conversations.messages import list_messages
from odziv.store.lengths import LONGEST_EMAIL
from odziv.store.mail.notifications import TooMany, Unwanted, ask_for_transcript, list_proven_addresses
from odziv.web.bodies import read_body
from odziv.web.errors import ApiError
from odziv.web.networks import callers_network
from odziv.web.services import services

ASKED_PER_HOUR = 10  # from one network address
NOT_VERIFIED = (
    "email: a transcript is sent only to the address the site verifies (identity), or to one the customer has"
    " written to this conversation from; it can be downloaded instead."
)


class Recipient(BaseModel):
    """Where a transcript is to go."""

    email: str = Field(min_length=3, max_length=LONGEST_EMAIL)


@blueprint.get("/conversations/<conversation_id>/transcript")
def get_transcript(conversation_id: str) -> Response:
    """As a file to download; `?timezone=Europe/Ljubljana` for the times."""
    conversation = visitors_conversation(conversation_id)
    services().rate_limits.check("transcript", conversation.id, 20)
    messages = list_messages(services().store, conversation.id)
    site = services().settings.sites[conversation.site].name
    zone = read_zone(request.args.get("timezone", ""))
    text = write_transcript(conversation, messages, site, zone, url=services().settings.url)
    response = Response(text, mimetype="text/plain")
    name = re.sub(r"[^a-z0-9]+", "-", f"{conversation.site}-{conversation.id[:6]}".lower())
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.txt"'
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/conversations/<conversation_id>/transcript/addresses")
def get_transcript_addresses(conversation_id: str) -> Response:
    """Where it may be sent by e-mail; nowhere is usual."""
    conversation = visitors_conversation(conversation_id)
    services().rate_limits.check("transcript", conversation.id, 20)
    return jsonify(emails=addresses_of(conversation) if services().settings.mail.is_on else [])


@blueprint.post("/conversations/<conversation_id>/transcript")
def post_transcript(conversation_id: str) -> tuple[Response, int]:
    """Has it sent by e-mail, to an address that is known to be the customer's.

    To any other, a stranger could have whatever they like sent from our address, by writing it into the chat.
    """
    conversation = visitors_conversation(conversation_id)
    services().rate_limits.check_hourly("transcript_mail", callers_network(), ASKED_PER_HOUR)
    body, mail = read_body(Recipient), services().settings.mail
    if not mail.is_on:
        raise ApiError(409, "conflict", "This server sends no e-mail; the transcript can be downloaded.")
    email = clean_address(body.email)
    if email is None:
        raise ApiError(400, "bad_request", "email: this is not an address mail can go to.")
    if leads_to(email, mail.address):
        raise ApiError(400, "bad_request", "email: this is our own address.")
    if email not in addresses_of(conversation):
        raise ApiError(403, "email_not_verified", NOT_VERIFIED)
    try:
        is_asked = ask_for_transcript(services().store, conversation.id, email)
    except TooMany as error:
        message = f"Enough transcripts for this hour; try again in {error.seconds} seconds."
        raise ApiError(429, "rate_limited", message, retry_after=error.seconds) from error
    except Unwanted as error:
        message = "This address takes no automatic e-mail; the transcript can be downloaded."
        raise ApiError(409, "conflict", message) from error
    if not is_asked:
        raise ApiError(409, "conflict", "Nothing has been said yet.")
    return jsonify(email=email), 202


def addresses_of(conversation: Conversation) -> list[str]:
    """The addresses a transcript may go to, as they are written to."""
    found = (clean_address(each) for each in list_proven_addresses(services().store, conversation.id))
    return list(dict.fromkeys(each for each in found if each))
