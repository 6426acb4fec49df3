"""Files for programs: kept first, sent with a message by their ids, and fetched with the token."""

from __future__ import annotations

from flask import Response, jsonify
from flask_login import current_user

from odziv.cases.conversations.files import get_file
from odziv.desk.api.blueprint import call
from odziv.desk.api.reading import find
from odziv.desk.frame.roles import AGENT
from odziv.web.attachments import give_out, take_in
from odziv.web.services import services

FILES_PER_MINUTE = 60


@call("POST", "/conversations/<conversation_id>/attachments", needs=AGENT)
def post_attachment(conversation_id: str) -> tuple[Response, int]:
    """Keeps one file (multipart, field `file`) for a reply or a note of this agent; unsent, it is gone in a day."""
    services().rate_limits.check("desk_api_files", str(current_user.id), FILES_PER_MINUTE)
    find(conversation_id)
    attachment = take_in(
        services().store, conversation_id, services().settings.limits.attachment_bytes, current_user.id
    )
    return jsonify(attachment=attachment.shown()), 201


@call("GET", "/conversations/<conversation_id>/attachments/<attachment_id>", needs=AGENT)
def get_attachment(conversation_id: str, attachment_id: str) -> Response:
    """The file itself."""
    attachment = get_file(services().store, current_user.agent, conversation_id, attachment_id)
    return give_out(services().store, attachment)
