"""The pages around the widget: its script, the demo shop, and articles to read."""

from __future__ import annotations

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for

from odziv.chat.calls import list_calls
from odziv.chat.sightings import note_loading
from odziv.chat.sites import looks
from odziv.chat.widget_files import serve_loader, serve_module
from odziv.texts import CATALOGUE
from odziv.texts.moments import own_name
from odziv.web.services import services

blueprint = Blueprint(
    "chat", __name__, static_folder="static", static_url_path="/static/chat", template_folder="templates"
)


blueprint.add_url_rule("/widget/<version>/<path:name>", "widget_module", serve_module)


@blueprint.get("/widget.js")
def widget() -> Response:
    """The script that websites include."""
    note_loading()
    return serve_loader(looks(services().settings))


@blueprint.get("/")
def index() -> Response:
    """To the demo shop, in the browser's language."""
    settings = services().settings
    language = request.accept_languages.best_match(settings.languages) or settings.default_language
    return redirect(url_for("chat.demo", language=language))


@blueprint.get("/demo/<language>/")
def demo(language: str) -> str:
    """The demo shop, with the widget on it."""
    settings = services().settings
    if language not in settings.languages or "demo" not in settings.sites:
        abort(404)
    return render_template(
        "demo.html",
        lang=language,
        languages=[(code, own_name(code)) for code in settings.languages],
        t=CATALOGUE.of("demo", language),
        site="demo",
        widget_url=url_for("chat.widget"),
    )


@blueprint.get("/demo/calls")
def calls() -> str:
    """Each call of the widget's script API, live, for web developers."""
    settings = services().settings
    if "demo" not in settings.sites:
        abort(404)
    return render_template(
        "calls.html", site="demo", widget_url=url_for("chat.widget"), groups=list_calls(settings.languages)
    )
