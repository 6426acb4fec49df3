"""What search engines ask for: the list of all pages, and where they may go."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Response, make_response, render_template, request

from odziv.help.blueprint import blueprint, catalogue, site_languages
from odziv.help.catalogue import changed_at, path_of
from odziv.web.services import services


@blueprint.get("/sitemap.xml")
def sitemap() -> Response:
    """Every page in every language, each with its other languages."""
    shelf, settings, languages = catalogue(), services().settings, site_languages()
    shared = ["", *(f"{category.key}/" for category in shelf.categories(settings.default_language))]
    pages = [(path, {code: path_of(code, path) for code in languages}, None) for path in shared]
    for identity in shelf.ids:
        versions = [code for code in shelf.versions(identity) if code in languages]
        if not versions:
            continue
        changed = max(changed_at(shelf.article(identity, code)) for code in versions)
        day = datetime.fromtimestamp(changed, UTC).date().isoformat()
        pages.append((identity, {code: path_of(code, identity) for code in versions}, day))
    page = render_template(
        "help/sitemap.xml", pages=pages, url=settings.url, default_language=settings.default_language
    )
    return _lasting(page, "application/xml")


@blueprint.get("/robots.txt")
def robots() -> Response:
    """The help centre may be read by all; the desk, the calls and search results are nobody's to list."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in ("/desk/", "/api/", "/rasa/", "/demo/"))]
    lines += [f"Disallow: /help/{language}/search" for language in services().settings.languages]
    return _lasting("\n".join([*lines, "", f"Sitemap: {services().settings.url}/sitemap.xml", ""]), "text/plain")


def _lasting(text: str, mimetype: str) -> Response:
    response = make_response(text)
    response.mimetype = mimetype
    response.headers["Cache-Control"] = "public, max-age=3600"
    response.add_etag()
    return response.make_conditional(request)
