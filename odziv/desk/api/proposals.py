"""What waits for editors, for programs: answers flagged as wrong, and proposed articles."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from flask_login import current_user

from odziv.cases.learning import drafts
from odziv.desk.api.blueprint import call
from odziv.desk.api.bodies import LARGEST_ID, AcceptedDraft, Page, read_number_cursor, write_cursor
from odziv.desk.frame.roles import EDITOR
from odziv.store.engine import iso_time
from odziv.store.knowledge.drafts import ArticleDraft, list_drafts
from odziv.store.knowledge.flags import Flag, finish_flag, list_flags
from odziv.web.bodies import read_body, read_query
from odziv.web.services import services

DRAFT = f"/drafts/<int(max={LARGEST_ID}):draft_id>"


@call("GET", "/flags", needs=EDITOR)
def get_flags() -> Response:
    """The flagged answers that nobody has seen to, the newest first, a page at a time."""
    query = read_query(Page)
    limit = int(query.limit)
    found = list_flags(services().store, limit=limit + 1, before=read_number_cursor(query.cursor))
    following = write_cursor(found[limit - 1].id) if len(found) > limit else None
    return jsonify(flags=[_flag_json(flag) for flag in found[:limit]], next_cursor=following)


@call("POST", f"/flags/<int(max={LARGEST_ID}):flag_id>/done", needs=EDITOR)
def post_flag_done(flag_id: int) -> tuple[str, int]:
    """Somebody has seen to it; repeating it is harmless."""
    finish_flag(services().store, flag_id, current_user.id)
    return "", 204


@call("GET", "/drafts", needs=EDITOR)
def get_drafts() -> Response:
    """The proposed articles that nobody has decided about, the newest first, a page at a time."""
    query = read_query(Page)
    limit = int(query.limit)
    found = list_drafts(services().store, limit + 1, before=read_number_cursor(query.cursor))
    following = write_cursor(found[limit - 1].id) if len(found) > limit else None
    return jsonify(drafts=[_draft_json(draft) for draft in found[:limit]], next_cursor=following)


@call("POST", f"{DRAFT}/accept", needs=EDITOR)
def post_draft_accept(draft_id: int) -> Response:
    """Writes the article, as edited, as a file of the knowledge base."""
    body, here = read_body(AcceptedDraft), services()
    fields = body.model_dump(exclude={"slug", "status"})
    named = {"slug": body.slug, "status": body.status}
    file = drafts.accept_draft(here.store, here.settings, here.kb, current_user.agent, draft_id, fields, **named)
    return jsonify(file=file)


@call("POST", f"{DRAFT}/dismiss", needs=EDITOR)
def post_draft_dismiss(draft_id: int) -> tuple[str, int]:
    """Takes it off the list."""
    drafts.dismiss_draft(services().store, current_user.agent, draft_id)
    return "", 204


def _flag_json(flag: Flag) -> dict[str, Any]:
    answer = flag.answer or {}
    return {
        "id": flag.id,
        "conversation_id": flag.conversation_id,
        "seq": flag.seq,
        "reason": flag.reason,
        "flagged_by": flag.flagged_by,
        "language": flag.language,
        "asked": flag.asked,
        "said": flag.said,
        "article": answer.get("article"),
        "created_at": iso_time(flag.created_at),
    }


def _draft_json(draft: ArticleDraft) -> dict[str, Any]:
    same = ("id", "conversation_id", "seq", "language", "category", "title", "question", "answer")
    told = {name: getattr(draft, name) for name in same}
    return {**told, "proposed_by": draft.proposer, "created_at": iso_time(draft.created_at)}
