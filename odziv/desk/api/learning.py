"""What programs propose from an agent's answer, for editors to decide: a phrasing, or a new article."""

from __future__ import annotations

from flask import Response, jsonify
from flask_login import current_user

from odziv.cases.conversations.propose import check_fields, get_reply, propose_article, propose_phrasing
from odziv.desk.api.blueprint import call
from odziv.desk.api.bodies import NewDraft, NewPhrasing
from odziv.desk.frame.roles import AGENT
from odziv.web.bodies import read_body
from odziv.web.services import services

PLACE = "/conversations/<conversation_id>/messages/<int(max=999999999):seq>"


@call("POST", f"{PLACE}/phrasing", needs=AGENT)
def post_phrasing(conversation_id: str, seq: int) -> Response:
    """Proposes words as a phrasing of an article, beside the reply `seq` that answered them."""
    body = read_body(NewPhrasing)
    store, kb = services().store, services().kb
    conversation, _ = get_reply(store, conversation_id, seq)
    return jsonify(status=propose_phrasing(store, kb, conversation, seq, body.article, body.text))


@call("POST", f"{PLACE}/draft", needs=AGENT)
def post_draft(conversation_id: str, seq: int) -> Response:
    """Proposes question and answer as a new article. A second time changes nothing."""
    body = read_body(NewDraft)
    store, settings = services().store, services().settings
    get_reply(store, conversation_id, seq)
    fields = check_fields(settings, **body.model_dump())
    return jsonify(proposed=propose_article(store, current_user.agent, conversation_id, seq, fields))
