"""The websites on this server: how each wants its widget, and which articles are its own."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, jsonify

from odziv.settings import Settings, Site
from odziv.web.errors import ApiError, register_error_handlers
from odziv.web.origins import is_of
from odziv.web.services import services

blueprint = Blueprint("chat_sites", __name__, url_prefix="/api/v1")
register_error_handlers(blueprint)
LOOK = ("color", "theme", "position", "launcher", "languages")


@blueprint.get("/sites/<key>")
def get_site(key: str) -> Response:
    """What the widget needs to know before anybody has said anything: no secrets, the same for all.

    A page that isn't the site's reads it too, and is told so: all else its browser would keep from it without a word.
    """
    settings = services().settings
    site = settings.sites.get(key)
    if site is None:
        raise ApiError(404, "unknown_site", f"site: there is no site {key!r}, in config.yml or at the desk.")
    response = jsonify(site=site_json(key, site, settings) | {"allowed": is_of(site)})
    response.headers["Cache-Control"] = "public, max-age=300"
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Vary"] = "Origin"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def site_json(key: str, site: Site, settings: Settings) -> dict[str, Any]:
    """The site as its pages may know it."""
    return {
        "key": key,
        "name": site.name,
        "color": site.color,
        "theme": site.theme,
        "position": site.position,
        "launcher": site.launcher,
        "greeting": site.greeting,
        "person": site.person,
        "languages": list(settings.languages_of(site)),
        "mail": settings.mail.is_on,
        **customers_json(site),
    }


def customers_json(site: Site) -> dict[str, Any]:
    """What customers are to agree to, and what they are offered before they ask."""
    consent = site.consent and {"text": site.consent.text, "link": site.consent.link, "versions": site.consent.versions}
    rules = [rule.model_dump(mode="json", exclude_none=True) for rule in site.proactive]
    return {"consent": consent, "proactive": rules}


def looks(settings: Settings) -> str:
    """JSON for the loader: what of each site differs from what the loader does anyway. Only for its bubble."""
    found = {}
    for key, site in settings.sites.items():
        usual = site_json(key, Site(name=site.name), settings)
        own = {name: value for name, value in site_json(key, site, settings).items() if value != usual[name]}
        found[key] = {name: own[name] for name in LOOK if name in own} | _hints(site)
    texts = json.dumps({key: look for key, look in found.items() if look}, separators=(",", ":"))
    return texts.replace("<", "\\u003c")


def _hints(site: Site) -> dict[str, int]:
    """What else the loader has to know: that there is a consent to ask for, and after how long the first words come."""
    hints = {"consent": 1} if site.consent else {}
    return hints | ({"proactive": min(rule.after_seconds for rule in site.proactive)} if site.proactive else {})
