"""E-mails that were put aside, for programs: which there are, and making a conversation of one."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from flask_login import current_user

from odziv.cases.conversations.aside import make_conversation
from odziv.desk.api.blueprint import call
from odziv.desk.api.bodies import Page, read_number_cursor, write_cursor
from odziv.desk.api.reading import as_it_is
from odziv.desk.frame.lookups import LARGEST_ID
from odziv.desk.frame.roles import AGENT
from odziv.store.engine import iso_time
from odziv.store.mail.aside import Aside, find_aside, list_aside
from odziv.web.bodies import read_query
from odziv.web.errors import ApiError
from odziv.web.services import services

MAIL = f"/aside/<int(max={LARGEST_ID}):mail_id>"


@call("GET", "/aside", needs=AGENT)
def get_aside_mails() -> Response:
    """What was put aside, the newest first, a page at a time; of each text the beginning."""
    query = read_query(Page)
    limit = int(query.limit)
    found = list_aside(services().store, read_number_cursor(query.cursor), limit + 1)
    following = write_cursor(found[limit - 1].id) if len(found) > limit else None
    return jsonify(mails=[_mail_json(mail) for mail in found[:limit]], next_cursor=following)


@call("GET", MAIL, needs=AGENT)
def get_aside_mail(mail_id: int) -> Response:
    """One of them, whole, as plain text."""
    mail = find_aside(services().store, mail_id)
    if mail is None:
        raise ApiError(404, "not_found", "There is no such e-mail any more.")
    return jsonify(mail=_mail_json(mail))


@call("POST", f"{MAIL}/conversation", needs=AGENT)
def post_aside_conversation(mail_id: int) -> Response:
    """Puts it into the queue; a repeat gives the same conversation."""
    here = services()
    conversation_id, _is_new = make_conversation(here.store, here.settings, here.knowledge, current_user.agent, mail_id)
    return as_it_is(conversation_id)


def _mail_json(mail: Aside) -> dict[str, Any]:
    return {
        "id": mail.id,
        "sender": mail.sender,
        "subject": mail.subject,
        "text": mail.original,
        "files": [file.name for file in mail.files],
        "reason": mail.reason,
        "created_at": iso_time(mail.created_at),
    }
