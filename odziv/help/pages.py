"""The pages: front page, categories, articles, search; each as it would look from a folder of files."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from html import unescape
from typing import Any

from flask import Response, abort, make_response, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.exceptions import HTTPException

from kb.language.text import fold, words
from kb.render import render
from kb.sources.articles import Article
from kb.sources.links import make_anchor
from odziv.help.blueprint import blueprint, catalogue, site_key, site_languages, texts, whole_catalogue
from odziv.help.catalogue import category_of, changed_at, lead_of, path_of
from odziv.help.linked_data import article_data, faq_data
from odziv.help.most_asked import most_asked
from odziv.help.theme import theme_path
from odziv.store.lengths import LONGEST_QUERY
from odziv.texts import CATALOGUE
from odziv.texts.moments import own_name, say_date
from odziv.web.bodies import clean_text
from odziv.web.services import services

LONG = 3  # headings from which on an article has a table of contents
MOST_ASKED_SHOWN = 6
MOST_PAGES = 2000  # kept ready; a small help centre has a few hundred
HEADING = re.compile(r"<(h[234])>(.*?)</\1>", re.DOTALL)


@blueprint.get("/help")
@blueprint.get("/help/")
def choose_language() -> Response:
    """To the front page in the browser's language."""
    offered, usual = site_languages(), services().settings.default_language
    language = request.accept_languages.best_match(offered) or (usual if usual in offered else offered[0])
    response = redirect(url_for("help.home", language=language))
    response.headers["Vary"] = "Accept-Language"
    return response


@blueprint.get("/help/<language>/")
def home(language: str) -> Response:
    """Greeting, search, the most asked, and every category."""
    check_language(language)
    asked = most_asked(language, site_key())[:MOST_ASKED_SHOWN]
    return _serve(("home", language, tuple(article.id for article in asked)), lambda: _home(language, asked))


@blueprint.get("/help/<language>/<category>/")
def category(language: str, category: str) -> Response:
    """The articles of one category."""
    check_language(language)
    if catalogue().category(category, language) is None:
        abort(404)
    return _serve(("category", language, category), lambda: _category(language, category))


@blueprint.get("/help/<language>/<category>/<slug>")
def article(language: str, category: str, slug: str) -> Response:
    """A whole article; in another language where this one does not have it."""
    found = find_article(language, f"{category}/{slug}")
    said = request.args.get("said") if request.args.get("said") in ("yes", "no", "sent") else None
    return _serve(("article", language, found.id), lambda: _article(language, found, said), is_kept=not said)


@blueprint.get("/help/<language>/search")
def search(language: str) -> Response:
    """The articles that fit `?q=`; works without a script."""
    check_language(language)
    query = read_query()
    hits = catalogue().search(query, language) if query else []
    page = render_template("help/search.html", **frame(language, "search"), q=query, hits=hits, mark=mark)
    response = make_response(page)
    response.headers["Cache-Control"] = "no-store"  # what somebody looks for is theirs
    return response


@blueprint.get("/help/<path:anything>")
def nothing(anything: str) -> str:
    """No such page, said by the help centre and not by the server."""
    abort(404)


@blueprint.errorhandler(404)
def not_found(_error: HTTPException) -> tuple[str, int]:
    """In the language of the address, else the browser's, with the search."""
    settings = services().settings
    wanted = request.path.removeprefix("/help/").split("/", 1)[0]
    best = request.accept_languages.best_match(settings.languages) or settings.default_language
    language = wanted if wanted in settings.languages else best
    return render_template("help/not_found.html", **frame(language), categories=catalogue().categories(language)), 404


def check_language(language: str) -> None:
    """404 for a language that is not served. One that only other sites offer is: their answers lead here too."""
    if language not in services().settings.languages:
        abort(404)


def find_article(language: str, identity: str) -> Article:
    """The article as shown in that language, of whichever site, whose answers lead here too; 404 when there is none."""
    check_language(language)
    return whole_catalogue().article(identity, language) or abort(404)


def read_query() -> str:
    """What is searched for: on one line, cut to LONGEST_QUERY."""
    return " ".join(clean_text(request.args.get("q", "")[: 4 * LONGEST_QUERY]).split())[:LONGEST_QUERY]


def frame(language: str, path: str = "", versions: list[str] | None = None) -> dict[str, Any]:
    """What every page shows around its middle. `path` is the address below the language."""
    settings = services().settings
    key = site_key()
    site = settings.sites[key]
    return {
        "lang": language,
        "locale": CATALOGUE.locale_of(language),
        "t": texts(language),
        "languages": [(code, own_name(code), path_of(code, path)) for code in site_languages()],
        "versions": versions if versions is not None else list(site_languages()),
        "default_language": settings.default_language,
        "path": path,
        "url": settings.url,
        "site": key,
        "brand": site.name,
        "is_demo": key == "demo",
        "back": f"/demo/{language}/" if key == "demo" else next(iter(site.origins), None),
        "widget_url": url_for("chat.widget"),
        "theme": theme_path(key),
        "path_of": path_of,
        "lead_of": lead_of,
    }


def _home(language: str, asked: list[Article]) -> str:
    shelf = catalogue()
    data = [faq_data(asked, language, services().settings.url)]
    return render_template(
        "help/home.html", **frame(language), asked=asked, categories=shelf.categories(language), linked_data=data
    )


def _category(language: str, key: str) -> str:
    found = catalogue().category(key, language)
    data = [faq_data(found.articles, language, services().settings.url)]
    return render_template("help/category.html", **frame(language, f"{key}/"), category=found, linked_data=data)


def _article(language: str, found: Article, said: str | None) -> str:
    shelf = catalogue() if catalogue().article(found.id, language) else whole_catalogue()
    body, contents = with_anchors(render(found.body, language))
    around = frame(language, found.id, shelf.versions(found.id))
    changed = datetime.fromtimestamp(changed_at(found), UTC)
    name = shelf.category_name(category_of(found.id), language)
    return render_template(
        "help/article.html",
        **around,
        article=found,
        body=Markup(body),
        contents=contents if len(contents) >= LONG else [],
        category=catalogue().category(category_of(found.id), language),
        related=shelf.related(found, language),
        changed=changed,
        changed_words=say_date(changed, language),
        said=said,
        linked_data=article_data(found, around["brand"], around["url"], changed, name),
    )


def with_anchors(html: str) -> tuple[str, list[tuple[str, str]]]:
    """Rendered HTML whose headings can be linked to, and its sections: (anchor, heading as HTML without tags)."""
    anchors: list[str] = []
    contents: list[tuple[str, str]] = []

    def add(heading: re.Match[str]) -> str:
        level, shown = heading[1], heading[2]
        text = re.sub(r"<[^>]*>", "", shown)
        anchors.append(make_anchor(unescape(text), anchors))
        if level == "h2":
            contents.append((anchors[-1], text))
        return f'<{level} id="{anchors[-1]}">{shown}</{level}>'

    return HEADING.sub(add, html), contents


def mark(text: str, query: str) -> Markup:
    """`text` with the words that begin like those of the query marked."""
    stems = tuple(word[: max(3, len(word) - 2)] for word in words(fold(query)) if len(word) > 1)
    pieces = re.split(r"([^\W_]+)", text)
    return Markup("").join(
        Markup("<mark>{}</mark>").format(piece) if stems and fold(piece).startswith(stems) and number % 2 else piece
        for number, piece in enumerate(pieces)
    )


def _serve(key: tuple, build: Callable[[], str], *, is_kept: bool = True) -> Response:
    """The page, built once an edition, with what lets browsers and proxies keep it; 304 where they have it."""
    if not is_kept:
        response = make_response(build())
        response.headers["Cache-Control"] = "no-store"
        return response
    ready = catalogue().pages
    page = ready.get(key)
    if page is None:
        if len(ready) >= MOST_PAGES:
            ready.clear()
        page = ready[key] = build()
    response = make_response(page)
    response.add_etag()
    response.last_modified = datetime.fromtimestamp(int(services().kb.refreshed_at), UTC)
    response.headers["Cache-Control"] = "public, max-age=60, stale-while-revalidate=600"
    return response.make_conditional(request)
