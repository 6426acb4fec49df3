"""The conversation to take home: as a file, or by e-mail to an address that is known to be the customer's."""

from __future__ import annotations

import re
from collections.abc import Callable

from flask import Response, jsonify, request
from pydantic import BaseModel, Field

from odziv.cases.customers.address_codes import code_of, is_code
from odziv.cases.mail_addresses import clean_address, leads_to_any
from odziv.cases.transcripts import read_zone, write_transcript
from odziv.chat.api import blueprint, visitors_conversation
from odziv.store import Store
from odziv.store.conversations.conversation import Conversation
from odziv.store.conversations.messages import list_messages
from odziv.store.lengths import LONGEST_EMAIL
from odziv.store.mail.confirmations import ask_for_code, confirm_address, find_code
from odziv.store.mail.notifications import TooMany, Unwanted, ask_for_transcript, list_proven_addresses
from odziv.web.bodies import read_body
from odziv.web.errors import ApiError
from odziv.web.networks import callers_network
from odziv.web.services import services

ASKED_PER_HOUR = 10  # from one network address; a code and what is sent with it count as two
MOST_TO_ADDRESS, TRIES_OF_CODE = 3, 5  # in an hour
NOT_VERIFIED = (
    "email: a transcript is sent only to the address the site verifies (identity), to one the customer has written to"
    " this conversation from, or to one that a code was sent to (POST …/transcript/code); it can be downloaded instead."
)


class Recipient(BaseModel):
    """Where a transcript is to go, and the code that came there if it isn't known to be the customer's."""

    email: str = Field(min_length=3, max_length=LONGEST_EMAIL)
    code: str | None = Field(default=None, max_length=20)


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


@blueprint.post("/conversations/<conversation_id>/transcript/code")
def post_transcript_code(conversation_id: str) -> tuple[Response, int]:
    """Has a code sent to an address: typed into the chat, it proves that whoever reads there is the customer.

    That mail holds no word of theirs, and there are few of them: anybody can have one sent to anybody.
    """
    conversation, email = _asked_for(conversation_id, read_body(Recipient).email)
    _count(email, services().settings.mail.transcripts_per_hour // 2, "codes")
    if not _write_down(ask_for_code, conversation, email):
        raise ApiError(409, "conflict", "Nothing has been said yet.")
    return jsonify(email=email), 202


@blueprint.post("/conversations/<conversation_id>/transcript")
def post_transcript(conversation_id: str) -> tuple[Response, int]:
    """Has it sent by e-mail, to an address that is known to be the customer's or that is proved now by its code.

    To any other, a stranger could have whatever they like sent from our address, by writing it into the chat.
    """
    body = read_body(Recipient)
    conversation, email = _asked_for(conversation_id, body.email)
    if email not in addresses_of(conversation):
        _check_code(conversation, email, body.code)
    _count(email, services().settings.mail.transcripts_per_hour, "transcripts")
    if not _write_down(ask_for_transcript, conversation, email):
        raise ApiError(409, "conflict", "Nothing has been said yet.")
    return jsonify(email=email), 202


def _asked_for(conversation_id: str, typed: str) -> tuple[Conversation, str]:
    """The conversation and the address as it is written to. Raises ApiError where no mail can or may go."""
    conversation = visitors_conversation(conversation_id)
    services().rate_limits.check_hourly("transcript_mail", callers_network(), ASKED_PER_HOUR)
    mail, email = services().settings.mail, clean_address(typed)
    if not mail.is_on:
        raise ApiError(409, "conflict", "This server sends no e-mail; the transcript can be downloaded.")
    if email is None:
        raise ApiError(400, "bad_request", "email: this is not an address mail can go to.")
    if leads_to_any(email, mail.addresses):
        raise ApiError(400, "bad_request", "email: this is our own address.")
    return conversation, email


def _check_code(conversation: Conversation, email: str, typed: str | None) -> None:
    """Raises ApiError 403 unless this is the code that went to that address; a code bears few tries."""
    if not typed:
        raise ApiError(403, "email_not_verified", NOT_VERIFIED)
    sent = find_code(services().store, conversation.id, email)
    if sent is not None:
        services().rate_limits.check_hourly("code_tries", str(sent.id), TRIES_OF_CODE)
        code = code_of(services().settings.secret("address-codes"), sent.message_id)
        if is_code(typed, code) and confirm_address(services().store, sent):
            return
    raise ApiError(403, "code_wrong", "code: this is not the last code that went to this address, or it is too old.")


def _count(email: str, most: int, kind: str) -> None:
    """Counts also what is deleted meanwhile: to one address, and to all of them together. Raises ApiError 429."""
    limits = services().rate_limits
    limits.check_hourly(f"{kind}_to", email, MOST_TO_ADDRESS)
    limits.check_hourly(kind, "all", most)


def _write_down(ask: Callable[[Store, str, str], bool], conversation: Conversation, email: str) -> bool:
    try:
        return ask(services().store, conversation.id, email)
    except TooMany as error:
        message = f"Enough for this hour; try again in {error.seconds} seconds."
        raise ApiError(429, "rate_limited", message, retry_after=error.seconds) from error
    except Unwanted as error:
        message = "This address takes no automatic e-mail; the transcript can be downloaded."
        raise ApiError(409, "conflict", message) from error


def addresses_of(conversation: Conversation) -> list[str]:
    """The addresses a transcript may go to, as they are written to."""
    found = (clean_address(each) for each in list_proven_addresses(services().store, conversation.id))
    return list(dict.fromkeys(each for each in found if each))
