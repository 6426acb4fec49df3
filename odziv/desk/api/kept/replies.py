"""Saved replies for programs: as they are kept, and as they would be inserted in a conversation."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from flask_login import current_user

from odziv.cases.saved_replies import catalogue
from odziv.cases.saved_replies.catalogue import get_reply
from odziv.desk.api.blueprint import call
from odziv.desk.api.kept.bodies import ReplyChanged, ReplyKept, ReplyMade, ReplyVersion
from odziv.desk.api.kept.making import make
from odziv.desk.api.reading import find
from odziv.desk.conversation.saved_replies import offer_replies
from odziv.desk.frame.lookups import LARGEST_ID
from odziv.desk.frame.roles import AGENT, EDITOR
from odziv.store.agents.saved_replies import SavedReply, list_saved_replies
from odziv.store.engine import iso_time
from odziv.web.bodies import read_body, read_query
from odziv.web.errors import ApiError
from odziv.web.services import services

REPLY = f"/saved-replies/<int(max={LARGEST_ID}):reply_id>"


@call("GET", "/saved-replies", needs=AGENT)
def get_saved_replies() -> Response:
    """All of them by shortcut, with their placeholders."""
    return jsonify(saved_replies=[_reply_json(reply) for reply in list_saved_replies(services().store)])


@call("GET", "/conversations/<conversation_id>/saved-replies", needs=AGENT)
def get_replies_for(conversation_id: str) -> Response:
    """All of them, filled in for a conversation, in its language if they have it."""
    names = ("shortcut", "name", "language", "text")
    offered = offer_replies(find(conversation_id))
    return jsonify(saved_replies=[{name: one[name] for name in names} for one in offered])


@call("POST", "/saved-replies", needs=EDITOR)
def post_new_reply() -> tuple[Response, int]:
    """Adds one."""
    settings, agent = services().settings, current_user.agent
    made = make(ReplyMade, lambda store, body: catalogue.save_reply(store, settings, agent, _check(body)))
    return _as_it_is(made), 201


@call("PUT", REPLY, needs=EDITOR)
def put_changed_reply(reply_id: int) -> Response:
    """Changes one, of which the program has read the newest version."""
    body, store, settings = read_body(ReplyChanged), services().store, services().settings
    former = get_reply(store, reply_id)
    catalogue.save_reply(store, settings, current_user.agent, _check(body), former=former, version=body.version)
    return _as_it_is(reply_id)


@call("DELETE", REPLY, needs=EDITOR)
def delete_reply(reply_id: int) -> tuple[str, int]:
    """Deletes one, of which the program has read the newest version."""
    version = int(read_query(ReplyVersion).version)
    catalogue.delete_reply(services().store, current_user.agent, reply_id, version)
    return "", 204


def _check(body: ReplyKept) -> catalogue.NewReply:
    """As the verbs take it; they leave out what isn't served, which a program has to know."""
    if unserved := set(body.texts) - set(services().settings.languages):
        raise ApiError(409, "conflict", f"texts: {', '.join(sorted(unserved))} is not among the languages served.")
    return body.wanted()


def _as_it_is(reply_id: int) -> Response:
    return jsonify(saved_reply=_reply_json(get_reply(services().store, reply_id)))


def _reply_json(reply: SavedReply) -> dict[str, Any]:
    return {
        "id": reply.id,
        "shortcut": reply.shortcut,
        "name": reply.name,
        "texts": reply.texts,
        "version": reply.version,
        "updated_at": iso_time(reply.updated_at),
    }
