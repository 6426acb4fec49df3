"""What customers may do with what is theirs: read their earlier conversations, and have everything deleted."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request

from odziv.cases.forgetting import forget_for_customer
from odziv.chat.api import log_json, visitors_conversation
from odziv.chat.json import iso_time
from odziv.chat.verification import LONGEST_HOURS
from odziv.store.audit import coming_from
from odziv.store.conversations.conversation import Conversation, find_conversation
from odziv.store.customers.verified import Earlier, list_of_customer
from odziv.web.bodies import read_after
from odziv.web.errors import ApiError, no_conversation, register_error_handlers
from odziv.web.networks import callers_network
from odziv.web.origins import allow_origin, check_origin
from odziv.web.services import services

blueprint = Blueprint("chat_known", __name__, url_prefix="/api/v1")
register_error_handlers(blueprint)
blueprint.after_request(allow_origin)


@blueprint.get("/conversations")
def get_conversations() -> Response:
    """The conversations of a customer the site has just verified, newest first."""
    conversation = known_customers_conversation()
    services().rate_limits.check("earlier", conversation.id, 60)
    found = list_of_customer(services().store, conversation.site, conversation.customer or "")
    return jsonify(conversations=[earlier_json(earlier) for earlier in found])


@blueprint.delete("/conversations/<conversation_id>")
def delete_conversations(conversation_id: str) -> Response:
    """Deletes the conversation and all that hangs on it; of a customer the site has just verified, all of theirs.

    E-mails that they sent from an address known to be theirs, and that were put aside, go too.
    """
    conversation = visitors_conversation(conversation_id)
    services().rate_limits.check("forget", callers_network(), 30)
    with coming_from(None):  # the audit trail says that it was done, not from where
        deleted = forget_for_customer(services().store, services().settings, conversation, all_of_theirs=is_fresh())
    return jsonify(deleted=len(deleted))


def known_customers_conversation() -> Conversation:
    """The conversation of the token, when the site verified its bearer in the last hours. Raises ApiError.

    A token found in a browser a month later opens that one conversation, but no history.
    """
    given = services().visitor_tokens.read(request.headers.get("Authorization"))
    check_origin(given.site)
    conversation = find_conversation(services().store, given.conversation)
    if conversation is None or conversation.site != given.site:
        raise no_conversation()
    if conversation.customer is None or not is_fresh():
        raise ApiError(
            403, "identity_needed", "Send the customer's identity with PATCH first, and use the token it gives."
        )
    return conversation


def is_fresh() -> bool:
    """Whether the site verified the bearer of this request's token, in the last hours."""
    given = services().visitor_tokens.read(request.headers.get("Authorization"))
    return given.is_verified and given.age <= LONGEST_HOURS * 3600


def earlier_json(earlier: Earlier) -> dict[str, Any]:
    """One of a customer's conversations, as in a list. Spam is not told that it is known as such."""
    return {
        "id": earlier.id,
        "status": "resolved" if earlier.status == "spam" else earlier.status,
        "language": earlier.language,
        "said": earlier.said,
        "created_at": iso_time(earlier.created_at),
        "updated_at": iso_time(earlier.updated_at),
    }


@blueprint.get("/conversations/<conversation_id>/earlier")
def get_earlier(conversation_id: str) -> Response:
    """What was said in one of them, page by page."""
    own = known_customers_conversation()
    services().rate_limits.check("earlier", own.id, 60)
    wanted = find_conversation(services().store, conversation_id)
    if wanted is None or (wanted.site, wanted.customer, wanted.verified) != (own.site, own.customer, True):
        raise no_conversation()
    return log_json(conversation_id, read_after())
