"""Which websites may talk to the interface: an exact list per site."""

from __future__ import annotations

from ipaddress import ip_address
from socket import gethostname
from urllib.parse import urlsplit

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
        raise ApiError(404, "unknown_site", f"site: there is no site {site_key!r}, in config.yml or at the desk.")
    if not is_of(site):
        origin = request.headers["Origin"]
        told = f"{origin} is not an origin of site {site_key!r}, in config.yml or at the desk."
        raise ApiError(403, "origin_not_allowed", told)


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
    return origin == services().settings.url or (origin == request.host_url.rstrip("/") and is_this_machine())


def own_hosts() -> set[str]:
    """The hosts, with ports, that pages of ours are called by: the public one, and this machine by its address."""
    return {urlsplit(services().settings.url).netloc} | ({request.host} if is_this_machine() else set())


def is_this_machine() -> bool:
    """Whether Host names this machine in a way that no other website can have for itself: as localhost, or by an
    address. Any other name may be anybody's, who has it lead to us."""
    try:
        name = urlsplit(f"//{request.host}").hostname or ""
        return name in ("localhost", gethostname().lower()) or bool(ip_address(name))
    except ValueError:  # no name that could be one
        return False


def is_own_host(url: str) -> bool:
    """Whether a page at this address is one of ours, by its host."""
    try:
        return urlsplit(url).netloc in own_hosts()
    except ValueError:
        return False
