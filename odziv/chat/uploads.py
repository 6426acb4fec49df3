"""The widget's calls for files: send one up before the message it belongs to, and fetch those of a conversation.

A customer's file is fetched with the token in the Authorization header, like everything else, and shown by the widget
from memory. A signed address that an <img> could carry would be simpler there, but it is a key: it stays in histories,
proxies' logs and screenshots, and a website's policy would have to allow our pictures. So there is none.
"""

from __future__ import annotations

from flask import Response, jsonify

from odziv.chat.api import blueprint, visitors_conversation
from odziv.chat.consent import check_consented
from odziv.chat.json import attachment_json
from odziv.store.conversations.attachments import find_public_attachment
from odziv.web.attachments import give_out, take_in
from odziv.web.errors import ApiError
from odziv.web.networks import callers_network
from odziv.web.services import services

# Each is checked, drawn anew and kept on the disk, so there are fewer of them than of messages.
PER_MINUTE_PER_VISITOR = 15
PER_MINUTE_PER_ADDRESS = 40


@blueprint.post("/conversations/<conversation_id>/attachments")
def post_attachment(conversation_id: str) -> tuple[Response, int]:
    """Keeps a file. It belongs to the conversation once a message is sent with its id; otherwise it goes in a day."""
    services().rate_limits.check("attachment_address", callers_network(), PER_MINUTE_PER_ADDRESS)
    conversation = visitors_conversation(conversation_id)
    services().rate_limits.check("attachment", conversation.id, PER_MINUTE_PER_VISITOR)
    check_consented(services().settings, conversation)
    attachment = take_in(services().store, conversation.id, services().settings.limits.attachment_bytes)
    return jsonify(attachment=attachment_json(conversation.id, attachment.shown())), 201


@blueprint.get("/conversations/<conversation_id>/attachments/<attachment_id>")
def get_attachment(conversation_id: str, attachment_id: str) -> Response:
    """One file of the conversation, with its exact type."""
    conversation = visitors_conversation(conversation_id)
    attachment = find_public_attachment(services().store, conversation.id, attachment_id)
    if attachment is None:
        raise ApiError(404, "not_found", "There is no such attachment.")
    return give_out(services().store, attachment)
