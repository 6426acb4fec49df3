"""What programs ask the knowledge base, and what editors' programs decide about phrasings."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from flask_login import current_user

from odziv.cases.learning.phrasings import accept_phrasing, dismiss_phrasing
from odziv.desk.api.blueprint import call
from odziv.desk.api.bodies import LARGEST_ID, PhrasingBody, Search
from odziv.desk.frame.labels import link_article
from odziv.desk.frame.roles import AGENT, EDITOR
from odziv.store.engine import iso_time
from odziv.store.knowledge import phrasings
from odziv.store.knowledge.phrasings import find_phrasing, list_proposed
from odziv.web.bodies import read_body, read_query
from odziv.web.errors import ApiError
from odziv.web.services import services

PHRASING = f"/phrasings/<int(max={LARGEST_ID}):phrasing_id>"


@call("GET", "/articles", needs=AGENT)
def get_articles() -> Response:
    """The published articles that may answer, best first, each with its best passage."""
    query = read_query(Search)
    language = query.language or services().settings.default_language
    hits = services().kb.search(query.q, language, int(query.limit))
    return jsonify(
        articles=[
            {
                "article": hit.article,
                "language": hit.language,
                "title": hit.title,
                "heading": hit.heading,
                "text": hit.text,
                "url": services().settings.url + link_article({"article": hit.article, "language": hit.language}),
                "confidence": round(hit.confidence, 4),
            }
            for hit in hits
        ]
    )


@call("GET", "/phrasings", needs=EDITOR)
def get_phrasings() -> Response:
    """Customers' own words for an article, that nobody has decided about, newest first."""
    return jsonify(phrasings=[_phrasing_json(phrasing) for phrasing in list_proposed(services().store)])


@call("POST", f"{PHRASING}/accept", needs=EDITOR)
def post_accept(phrasing_id: int) -> Response:
    """Adds the words, as edited, to the article's file."""
    body = read_body(PhrasingBody)
    accept_phrasing(services().store, services().kb, current_user.agent, phrasing_id, body.text)
    return _phrasing_as_it_is(phrasing_id)


@call("POST", f"{PHRASING}/dismiss", needs=EDITOR)
def post_dismiss(phrasing_id: int) -> Response:
    """Never asks about these words again."""
    dismiss_phrasing(services().store, current_user.agent, phrasing_id)
    return _phrasing_as_it_is(phrasing_id)


def _phrasing_as_it_is(phrasing_id: int) -> Response:
    phrasing = find_phrasing(services().store, phrasing_id)
    if phrasing is None:
        raise ApiError(404, "not_found", "There is no such phrasing.")
    return jsonify(phrasing=_phrasing_json(phrasing))


def _phrasing_json(phrasing: phrasings.Phrasing) -> dict[str, Any]:
    return {
        "id": phrasing.id,
        "article": phrasing.article,
        "language": phrasing.language,
        "text": phrasing.text,
        "count": phrasing.count,
        "status": phrasing.status,
        "created_at": iso_time(phrasing.created_at),
    }
