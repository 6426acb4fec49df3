"""The desk as an app of its own: what a browser asks for to install it, and the page it shows without a network."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from flask import Response, jsonify, render_template, url_for

from odziv.desk.frame.roles import ANYONE, page
from odziv.texts.desk import _, spoken

WORKER = Path(__file__).parents[1] / "static" / "frame" / "worker.js"
# As the pages have it: the colour of the ground, and of the mark.
GROUND, MARK = "#f4f5f2", "#1f5c4a"
ICONS = (
    ("icon-192.png", "192x192", "any"),
    ("icon-512.png", "512x512", "any"),
    ("icon-full.png", "512x512", "maskable"),
)


@page("/desk.webmanifest", needs=ANYONE)
def show_manifest() -> Response:
    """Name, icons and colours, and where it opens."""
    home = url_for("desk.show_queue")
    root = home.removesuffix("queue")
    manifest = {
        "name": f"Odziv {_('Desk')}",
        "short_name": "Odziv",
        "description": _("Conversations with customers"),
        "lang": spoken(),
        "id": root,
        "start_url": home,
        "scope": root,
        "display": "standalone",
        "background_color": GROUND,
        "theme_color": MARK,
        "icons": [
            {
                "src": url_for("desk.static", filename=f"frame/{name}"),
                "sizes": sizes,
                "type": "image/png",
                "purpose": purpose,
            }
            for name, sizes, purpose in ICONS
        ],
        "shortcuts": [
            {"name": _("Inbox"), "url": url_for("desk.show_inbox")},
            {"name": _("All conversations"), "url": url_for("desk.show_conversations")},
        ],
    }
    response = jsonify(manifest)
    response.mimetype = "application/manifest+json"
    return response


@page("/worker.js", needs=ANYONE)
def show_worker() -> Response:
    """The desk's service worker. It stands here and not among the files: it works for what is below its address."""
    script = _worker()
    for mark, name in (("@icon", "icon-192.png"), ("@badge", "badge.png")):
        script = script.replace(mark, url_for("desk.static", filename=f"frame/{name}"))
    return Response(script, mimetype="text/javascript")


@page("/offline", needs=ANYONE)
def show_offline() -> str:
    """What an installed desk shows when the server can't be reached; the service worker keeps it."""
    return render_template("desk/frame/offline.html")


@cache
def _worker() -> str:
    return WORKER.read_text(encoding="utf-8")
