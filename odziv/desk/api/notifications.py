"""What an agent wants to hear of, for programs: who could be taken, what customers wrote, and where they are named."""

from __future__ import annotations

import re
from typing import Any

from flask import Response, jsonify
from flask_login import current_user

from odziv.desk.api.blueprint import call
from odziv.desk.api.bodies import MentionsRead, Page, decode_cursor, write_cursor
from odziv.desk.api.reading import find
from odziv.desk.frame.roles import AGENT
from odziv.desk.queue.alerts import list_takeable
from odziv.store.agents.alerts import list_newest_of_customers
from odziv.store.agents.mentions import Mention, count_unread, list_mentions, mark_read
from odziv.store.engine import iso_time
from odziv.web.bodies import read_body, read_query
from odziv.web.errors import ApiError
from odziv.web.services import services


@call("GET", "/news", needs=AGENT)
def get_news() -> Response:
    """What the desk's notifications tell the agent of, now; no text of a customer."""
    store = services().store
    waiting = [
        {"id": one.id, "conversation_id": one.conversation_id, "reason": one.reason, "language": one.language}
        for one in list_takeable()
    ]
    own = list_newest_of_customers(store, current_user.id)
    written = [{"conversation_id": one, "seq": seq} for one, seq in own.items()]
    return jsonify(waiting=waiting, messages=written, unread_mentions=count_unread(store, current_user.id))


@call("GET", "/mentions", needs=AGENT)
def get_mentions() -> Response:
    """The notes and entries that name the agent, the newest first, a page at a time."""
    query = read_query(Page)
    limit = int(query.limit)
    found = list_mentions(services().store, current_user.id, limit + 1, after=_read_place(query.cursor))
    page, last = found[:limit], found[:limit][-1:]
    following = write_cursor(*_place_of(last[0])) if len(found) > limit else None
    return jsonify(mentions=[_mention_json(one) for one in page], next_cursor=following)


@call("POST", "/mentions/read", needs=AGENT)
def post_mentions_read() -> tuple[str, int]:
    """The agent has seen them, in one conversation or in all; repeating it is harmless."""
    conversation_id = read_body(MentionsRead).conversation_id
    if conversation_id is not None:
        find(conversation_id)
    mark_read(services().store, current_user.id, conversation_id)
    return "", 204


def _place_of(mention: Mention) -> tuple[int, str, int]:
    return mention.created_at, mention.conversation_id, mention.seq


def _read_place(cursor: str | None) -> tuple[int, str, int] | None:
    if cursor is None:
        return None
    found = re.fullmatch(r"([0-9]{1,15})~([0-9a-f]{1,32})~([0-9]{1,9})", decode_cursor(cursor))
    if found is None:
        raise ApiError(404, "not_found", "cursor: not one that a page gave.")
    return int(found[1]), found[2], int(found[3])


def _mention_json(mention: Mention) -> dict[str, Any]:
    return {
        "conversation_id": mention.conversation_id,
        "seq": mention.seq,
        "site": mention.site,
        "html": mention.html,
        "author": mention.author,
        "created_at": iso_time(mention.created_at),
        "read_at": None if mention.read_at is None else iso_time(mention.read_at),
    }
