"""What programs propose from an agent's answer, for editors to decide: a phrasing, or a new article."""

from __future__ import annotations

from flask import Response, jsonify

from odziv.desk.api.blueprint import call
from odziv.desk.api.bodies import NewDraft, NewPhrasing
from odziv.desk.api.reading import find
from odziv.desk.frame.roles import AGENT
from odziv.desk.knowledge.learning import check_fields, find_reply, suggest_article, suggest_phrasing
from odziv.web.bodies import read_body

PLACE = "/conversations/<conversation_id>/messages/<int(max=999999999):seq>"


@call("POST", f"{PLACE}/phrasing", needs=AGENT)
def post_phrasing(conversation_id: str, seq: int) -> Response:
    """Proposes words as a phrasing of an article, beside the reply `seq` that answered them."""
    body = read_body(NewPhrasing)
    find(conversation_id)
    conversation, _ = find_reply(conversation_id, seq)
    return jsonify(status=suggest_phrasing(conversation, seq, body.article, body.text))


@call("POST", f"{PLACE}/draft", needs=AGENT)
def post_draft(conversation_id: str, seq: int) -> Response:
    """Proposes question and answer as a new article. A second time changes nothing."""
    body = read_body(NewDraft)
    find(conversation_id)
    find_reply(conversation_id, seq)
    return jsonify(proposed=suggest_article(conversation_id, seq, check_fields(**body.model_dump())))
