"""What programs look up: conversations by their words, in the desk's own order; and taking a resolved one up again."""

from __future__ import annotations

import re
from typing import Any

from flask import Response, jsonify
from flask_login import current_user

from odziv.cases.conversations.reopen import reopen_conversation
from odziv.desk.api.blueprint import call
from odziv.desk.api.bodies import Found, decode_cursor, write_cursor
from odziv.desk.api.reading import as_it_is, find, narrow
from odziv.desk.frame.roles import AGENT
from odziv.store.conversations.conversation import find_conversation
from odziv.store.search.filters import Wanted
from odziv.store.search.finding import EXACT, NEAR, Hit, Place, search
from odziv.store.webhooks.marks import Marks, list_marks
from odziv.store.webhooks.payloads import conversation_payload
from odziv.web.bodies import read_query
from odziv.web.errors import ApiError
from odziv.web.services import services


@call("GET", "/search", needs=AGENT)
def get_search() -> Response:
    """Conversations with these words, each once with its newest hit, a page at a time."""
    query = read_query(Found)
    states = (query.state,) if query.state else ()
    wanted = Wanted(states=states, site=query.site, language=query.language, customer=query.customer, **narrow(query))
    place, kind, limit = read_place(query.cursor), query.kind, int(query.limit)
    hits, following = search(services().store, query.q, wanted, limit, kind=kind, after=place)
    cursor = write_cursor(*following) if following else None
    marks = list_marks(services().store, [hit.conversation.id for hit in hits])
    shown = (_hit_json(hit, marks[hit.conversation.id]) for hit in hits)
    return jsonify(hits=[hit for hit in shown if hit], next_cursor=cursor)


@call("POST", "/conversations/<conversation_id>/reopen", needs=AGENT)
def post_reopen(conversation_id: str) -> Response:
    """Takes a resolved conversation up again."""
    find(conversation_id)
    reopen_conversation(services().store, current_user.agent, conversation_id)
    return as_it_is(conversation_id)


def _hit_json(hit: Hit, marks: Marks) -> dict[str, Any] | None:
    """None for a conversation that was deleted a moment ago."""
    conversation = find_conversation(services().store, hit.conversation.id)
    if conversation is None:
        return None
    return {
        "conversation": conversation_payload(conversation, marks),
        "found_in": hit.kind,
        "seq": hit.seq,
        "similar": hit.is_near,
        "snippet": [{"text": piece.text, "marked": piece.is_marked} for piece in hit.pieces],
    }


def read_place(cursor: str | None) -> Place | None:
    """Where a page of what was found begins. Raises ApiError 404 for a cursor we did not make."""
    if cursor is None:
        return None
    found = re.fullmatch(rf"({EXACT}|{NEAR})~([0-9]{{1,18}}|{2**62})", decode_cursor(cursor))
    if found is None:
        raise ApiError(404, "not_found", "cursor: not one that a page gave.")
    return found[1], int(found[2])
