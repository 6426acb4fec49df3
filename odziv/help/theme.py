"""The site's colour on the help pages: a style sheet of a few lines, with contrasts put right."""

from __future__ import annotations

import hashlib
import re

from flask import Response, abort, make_response, request, url_for

from odziv.help.blueprint import blueprint
from odziv.web.services import services

USUAL = "#1f5c4a"
LIGHT_PAGE, DARK_PAGE = "#fdfcf9", "#141a18"
LIGHT_PANEL, DARK_PANEL = "#f6f2e9", "#1f2825"  # links stand on these too, where they are harder to read
READABLE, EASY = 4.5, 6.5  # contrasts: what WCAG 2.2 AA asks of text, and what thin letters on black need
COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
Rgb = tuple[int, int, int]


def colour_of(key: str) -> str:
    """The colour set for a site ("#1f5c4a"), where one is and can be read; else ours."""
    site = services().settings.sites[key]
    colour = getattr(site, "color", None) or getattr(getattr(site, "look", None), "color", None)
    return colour.lower() if isinstance(colour, str) and COLOUR.fullmatch(colour) else USUAL


def theme_path(key: str) -> str:
    """Where the style sheet of a site is; another address for another colour, so that it may be kept for long."""
    tag = hashlib.sha256(theme_css(colour_of(key)).encode()).hexdigest()[:8]
    return url_for("help.theme", site=key, v=tag)


@blueprint.get("/help-theme/<site>.css")
def theme(site: str) -> Response:
    """The colours of one site."""
    if site not in services().settings.sites:
        abort(404)
    response = make_response(theme_css(colour_of(site)))
    response.mimetype = "text/css"
    response.headers["Cache-Control"] = "public, max-age=86400"
    response.add_etag()
    return response.make_conditional(request)


def theme_css(colour: str) -> str:
    """The style sheet: the band's colour and what is written on it, links on a light and on a dark page."""
    on_band = "#ffffff" if contrast(colour, "#ffffff") >= READABLE else "#101614"
    light, dark = readable_on(LIGHT_PANEL, colour), readable_on(DARK_PANEL, colour, EASY)
    return (
        f":root {{ --brand: {colour}; --on-brand: {on_band}; --link: {light}; --on-link: {LIGHT_PAGE}; }}\n"
        f"@media (prefers-color-scheme: dark) {{ :root {{ --link: {dark}; --on-link: {DARK_PAGE}; }} }}\n"
    )


def readable_on(page: str, colour: str, least: float = READABLE) -> str:
    """`colour`, moved towards black or white until text of it can be read on `page`."""
    towards = (0, 0, 0) if luminance(page) > 0.5 else (255, 255, 255)
    start = _rgb(colour)
    for step in range(21):
        mixed = tuple(round(a + (b - a) * step / 20) for a, b in zip(start, towards, strict=True))
        found = "#{:02x}{:02x}{:02x}".format(*mixed)
        if contrast(found, page) >= least:
            return found
    return found


def contrast(one: str, other: str) -> float:
    """WCAG 2's contrast ratio of two colours, 1 to 21."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    """WCAG 2's relative luminance, 0 to 1."""
    parts = [value / 255 for value in _rgb(colour)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _rgb(colour: str) -> Rgb:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
