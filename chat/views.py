"""The pages around the widget: its script, the demo shop, and articles to read."""

from __future__ import annotations

import gzip
import hashlib
from functools import cache
from pathlib import Path

import yaml
from flask import Blueprint, Response, abort, current_app, make_response, redirect, render_template, request, url_for

HERE = Path(__file__).parent
blueprint = Blueprint(
    "chat", __name__, static_folder="static", static_url_path="/static/chat", template_folder="templates"
)


@cache
def demo_texts() -> dict[str, dict]:
    """The demo shop's texts by language."""
    return yaml.safe_load((HERE / "demo_texts.yml").read_text(encoding="utf-8"))


@blueprint.get("/widget.js")
def widget() -> Response:
    """The script that websites include; any site may load it, only listed ones may talk to us."""
    script, packed, tag = widget_script()
    wants_gzip = "gzip" in request.headers.get("Accept-Encoding", "")
    response = make_response(packed if wants_gzip else script)
    response.mimetype = "text/javascript"
    response.headers["Cache-Control"] = "public, max-age=300"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Vary"] = "Accept-Encoding"
    if wants_gzip:
        response.headers["Content-Encoding"] = "gzip"
    response.set_etag(f"{tag}{'-gzip' if wants_gzip else ''}")
    return response.make_conditional(request)


@cache
def widget_script() -> tuple[bytes, bytes, str]:
    """The script as it is and compressed, and a tag that changes with it; read once a process."""
    script = (HERE / "static" / "widget.js").read_bytes()
    return script, gzip.compress(script, 9, mtime=0), hashlib.sha256(script).hexdigest()[:20]


@blueprint.get("/")
def index() -> Response:
    """To the demo shop, in the browser's language."""
    settings = current_app.extensions["odziv"].settings
    language = request.accept_languages.best_match(settings.languages) or settings.default_language
    return redirect(url_for("chat.demo", language=language))


@blueprint.get("/demo/<language>/")
def demo(language: str) -> str:
    """The demo shop, with the widget on it."""
    settings = current_app.extensions["odziv"].settings
    if language not in settings.languages or "demo" not in settings.sites:
        abort(404)
    return render_template(
        "demo.html",
        lang=language,
        languages=settings.languages,
        t=demo_texts()[language],
        site="demo",
        widget_url=url_for("chat.widget"),
    )
