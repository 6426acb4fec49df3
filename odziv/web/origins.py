"""Which websites may talk to the interface: an exact list per site, from config.yml."""

from __future__ import annotations

from flask import Response, request

from odziv.settings import Site
from odziv.web.errors import ApiError
from odziv.web.services import services


def check_origin(site_key: str) -> None:
    """Raises ApiError when the site is unknown, or when a browser calls from a page that is not the site's.

    Programs send no Origin; for them the token is the only lock, as it is for any attacker outside a browser.
    """
    site = services().settings.sites.get(site_key)
    if site is None:
        raise ApiError(404, "unknown_site", f"site: {site_key!r} is not in config.yml.")
    if not is_of(site):
        origin = request.headers["Origin"]
        raise ApiError(403, "origin_not_allowed", f"{origin} is not an origin of site {site_key!r} in config.yml.")


def is_of(site: Site) -> bool:
    """Whether the page that calls, if one does, is the site's."""
    origin = request.headers.get("Origin")
    return not origin or origin in site.origins or _is_own(origin)


def allow_origin(response: Response) -> Response:
    """The CORS headers for an origin of any site; which site it may use is checked with the request itself."""
    response.headers["Vary"] = "Origin"
    origin = request.headers.get("Origin")
    sites = services().settings.sites.values()
    if origin and (_is_own(origin) or any(origin in site.origins for site in sites)):
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = "Retry-After"
        if request.method == "OPTIONS":
            response.headers["Access-Control-Allow-Methods"] = "GET, POST, PATCH, DELETE"
            response.headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type, Last-Event-ID"
            response.headers["Access-Control-Max-Age"] = "600"
    return response


def _is_own(origin: str) -> bool:
    settings = services().settings
    return origin in (settings.url, request.host_url.rstrip("/"))
