"""Notes on which websites the widget is loaded: no visitor's, only that it was, to the hour, for the first steps."""

from __future__ import annotations

from urllib.parse import urlsplit

import structlog
from flask import current_app, request

from odziv.store.engine import HOUR_MS, StoreFailed
from odziv.store.settings.first_steps import note_sighting
from odziv.web.services import services

log = structlog.get_logger()


def note_loading() -> None:
    """Notes the origin of the page that loads the widget now, when it is one of a site's; once an hour each."""
    origin = _origin_of(request.referrer or "")
    if not any(origin in site.origins for site in services().settings.sites.values()):
        return
    noted: dict[str, int] = current_app.extensions.setdefault("widget_sightings", {})
    now = services().store.clock()
    if now - noted.get(origin, 0) < HOUR_MS:
        return
    noted[origin] = now
    try:
        note_sighting(services().store, origin)
    except StoreFailed:  # the widget is served all the same
        log.warning("sighting_not_noted")


def _origin_of(referrer: str) -> str:
    try:
        parts = urlsplit(referrer)
        return f"{parts.scheme}://{parts.netloc}".lower()
    except ValueError:
        return ""
