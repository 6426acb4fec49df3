"""The articles for the widget and other programs: search as one types, the most asked, one article, feedback."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request

from kb.render import render
from kb.sources.articles import Article
from odziv.help.blueprint import catalogue, site_key, site_languages
from odziv.help.catalogue import category_of, changed_at, lead_of, path_of
from odziv.help.feedback import NewFeedback, count_feedback, keep_feedback
from odziv.help.most_asked import most_asked
from odziv.help.pages import read_query
from odziv.store.engine import iso_time
from odziv.web.bodies import read_body
from odziv.web.errors import ApiError, register_error_handlers
from odziv.web.networks import callers_network
from odziv.web.origins import allow_origin, check_origin
from odziv.web.services import services

PER_MINUTE = 300  # somebody types fast; an office shares an address
blueprint = Blueprint("help_api", __name__, url_prefix="/api/v1/articles")
register_error_handlers(blueprint)
blueprint.after_request(allow_origin)


@blueprint.get("")
def get_articles() -> Response:
    """Up to eight articles that fit what was typed so far."""
    site = check_caller()
    language = read_language(site)
    hits = catalogue(site).search(read_query(), language)
    return jsonify(
        language=language, articles=[{**entry_json(hit.article, language), "snippet": hit.snippet} for hit in hits]
    )


@blueprint.get("/top")
def get_top_articles() -> Response:
    """The site's most asked."""
    site = check_caller()
    language = read_language(site)
    asked = most_asked(language, site)
    return jsonify(language=language, articles=[entry_json(article, language) for article in asked])


@blueprint.get("/<language>/<path:article>")
def get_article(language: str, article: str) -> Response:
    """A whole article; links in it lead to this server."""
    site = check_caller()
    found = find(language, article, site)
    settings, shelf = services().settings, catalogue(site)
    related = [entry_json(other, language) for other in shelf.related(found, language)]
    body = render(found.body, found.language).replace('href="/help/', f'href="{settings.url}/help/')
    whole = entry_json(found, language) | {
        "html": body,
        "versions": [code for code in shelf.versions(found.id) if code in site_languages(site)],
        "changed_at": iso_time(round(changed_at(found) * 1000)),
        "related": related,
    }
    return jsonify(article=whole)


@blueprint.post("/<language>/<path:article>/feedback")
def post_feedback(language: str, article: str) -> tuple[str, int]:
    """Whether it helped, why not, and words."""
    count_feedback()
    if not request.is_json:  # of a form, a browser would not ask us first whether that page may send it
        raise ApiError(415, "bad_request", "Send the body as application/json.")
    body = read_body(NewFeedback)
    found = find(language, article, check_site(body.site))
    keep_feedback(found.id, found.language, body)
    return "", 204


def find(language: str, identity: str, site: str) -> Article:
    """The site's article as shown in that language. Raises ApiError 404."""
    found = catalogue(site).article(identity, language) if language in site_languages(site) else None
    if found is None:
        raise ApiError(404, "not_found", "There is no such article.")
    return found


def check_caller() -> str:
    """The site that asks, once neither it nor its origin is unknown and it has not asked too often. Raises ApiError."""
    services().rate_limits.check("articles", callers_network(), PER_MINUTE)
    return check_site(request.args.get("site") or None)


def check_site(site: str | None) -> str:
    """The site, or the help pages' where none is named. Raises ApiError 403 or 404."""
    if site is not None:
        check_origin(site)
        return site
    check_origin(site_key())
    return site_key()


def read_language(site: str) -> str:
    """The language to answer in: the one asked for (`sl-SI` counts as `sl`) where the site has it, else its usual."""
    offered, usual = site_languages(site), services().settings.default_language
    primary = request.args.get("language", "").replace("_", "-").split("-")[0].lower()
    return next((code for code in (primary, usual) if code in offered), offered[0])


def entry_json(article: Article, language: str) -> dict[str, Any]:
    """An article in a list. `language` is its own: another than asked for where it is missing in that one."""
    return {
        "article": article.id,
        "language": article.language,
        "title": article.title,
        "lead": lead_of(article),
        "category": catalogue().category_name(category_of(article.id), language),
        "url": services().settings.url + path_of(language, article.id),
    }
