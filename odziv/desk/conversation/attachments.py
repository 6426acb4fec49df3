"""Files at the desk: an agent's are sent up while the reply is being written; everybody's open in a new tab."""

from __future__ import annotations

from flask import Response, abort, jsonify, url_for
from flask_login import current_user

from odziv.cases.conversations.files import get_file
from odziv.desk.blueprint import blueprint
from odziv.desk.frame.lookups import find_or_404
from odziv.desk.frame.roles import AGENT, action, page
from odziv.web.attachments import give_out, take_in
from odziv.web.errors import ApiError
from odziv.web.services import services


@action("/conversations/<conversation_id>/attachments", needs=AGENT)
def upload_attachment(conversation_id: str) -> tuple[Response, int]:
    """Keeps a file for a reply or a note; it is sent by that, or gone in a day."""
    find_or_404(conversation_id)
    most_bytes = services().settings.limits.attachment_bytes
    attachment = take_in(services().store, conversation_id, most_bytes, current_user.id)
    return jsonify(attachment.shown() | {"url": link_attachment(attachment.id, conversation_id)}), 201


@page("/conversations/<conversation_id>/attachments/<attachment_id>", needs=AGENT)
def show_attachment(conversation_id: str, attachment_id: str) -> Response:
    """One file; a colleague's that is not sent yet is nobody else's."""
    try:
        return give_out(
            services().store, get_file(services().store, current_user.agent, conversation_id, attachment_id)
        )
    except ApiError as error:
        if error.status == 404:
            abort(404)
        raise


def link_attachment(attachment_id: str, conversation_id: str) -> str:
    """Where agents find it."""
    return url_for("desk.show_attachment", conversation_id=conversation_id, attachment_id=attachment_id)


@blueprint.app_template_filter("file_size")
def label_size(size: int) -> str:
    """ "312 KB", "1.4 MB"; attachments.js says it in the same words."""
    return f"{size / 1_048_576:.1f} MB" if size >= 1_048_576 else f"{max(1, round(size / 1024))} KB"


@blueprint.app_template_filter("file_kind")
def label_kind(type: str) -> str:
    """ "PDF", "JPEG"."""
    return type.rsplit("/", 1)[-1].upper()
