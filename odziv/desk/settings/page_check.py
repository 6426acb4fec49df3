"""Looks at a page of a website, as a visitor's browser would fetch it, for the widget's script tag."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import httpcore

from odziv.web.checked_network import CheckedNetwork, tls
from odziv.web.webhook_addresses import read_url, resolve

SECONDS = 10.0  # for all of it, redirects too
MOST_BYTES = 2_000_000
MOST_REDIRECTS = 5
BEGINS = re.compile(r"<!--|<script(?=[\s/])", re.IGNORECASE)
MOST_OF_TAG = 4000
REDIRECTS = (301, 302, 303, 307, 308)
HEADERS = [("User-Agent", "Odziv (looks for its script tag)"), ("Accept", "text/html")]


class PageAway(Exception):
    """The page could not be read; `outcome` says why, as one of the page's sentences."""

    def __init__(self, outcome: str, detail: str = "") -> None:
        super().__init__(f"{outcome}: {detail}")
        self.outcome, self.detail = outcome, detail


@dataclass(frozen=True)
class Tag:
    """A script tag of a widget: from which address it is loaded, and for which site."""

    source: str
    site: str


def read_page(
    url: str, listed: Collection[str], *, seconds: float = SECONDS, look_up: Callable[[str, int], list[str]] = resolve
) -> tuple[str, str]:
    """The page's address after redirects, and its HTML. Raises PageAway, and NotAllowed for where we may not go."""
    ends = time.monotonic() + seconds
    for _hop in range(MOST_REDIRECTS + 1):
        status, location, body = _fetch(url, listed, ends, look_up)
        if status not in REDIRECTS or not location:
            break
        url = urljoin(url, location)
    else:
        raise PageAway("redirects")
    if not 200 <= status < 300:
        raise PageAway("status", str(status))
    return url, body.decode("utf-8", "replace")


def _fetch(
    url: str, listed: Collection[str], ends: float, look_up: Callable[[str, int], list[str]]
) -> tuple[int, str, bytes]:
    """Each hop is checked anew: a page of the internet may lead into our own network."""
    target = read_url(url, listed, may_be_http=True)
    address = httpcore.URL(scheme=target.scheme, host=target.host, port=target.port, target=target.path)
    network = CheckedNetwork(target, ends, look_up)
    try:
        with (
            httpcore.ConnectionPool(ssl_context=tls(), network_backend=network) as pool,
            pool.stream("GET", address, headers=HEADERS) as response,
        ):
            location = next((value for name, value in response.headers if name.lower() == b"location"), b"")
            return response.status, location.decode("latin-1"), _read(response)
    except httpcore.TimeoutException as error:
        raise PageAway("slow") from error
    except (httpcore.ConnectError, httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
        raise PageAway("away") from error


def _read(response: httpcore.Response) -> bytes:
    read = b""
    for piece in response.iter_stream():
        read += piece
        if len(read) > MOST_BYTES:
            raise PageAway("large")
    return read


def find_tags(html: str, page: str) -> list[Tag]:
    """The widgets' script tags in a page, in their order; what stands in comments is none. Takes linear time."""
    found, place = list[Tag](), 0
    while begins := BEGINS.search(html, place):
        is_comment = begins[0] == "<!--"
        place = html.find("-->" if is_comment else ">", begins.end()) + 1
        if not place:
            break
        if not is_comment and place - begins.start() <= MOST_OF_TAG:
            found += _read_tag(html[begins.start() : place], page)
    return found


def _read_tag(text: str, page: str) -> list[Tag]:
    reader = _TagReader()
    reader.feed(text)
    source = reader.attributes.get("src")
    try:
        address = urljoin(page, source) if source else ""
        is_widget = urlsplit(address).path.endswith("/widget.js")
    except ValueError:
        return []
    return [Tag(address, reader.attributes.get("data-site") or "")] if is_widget else []


class _TagReader(HTMLParser):
    """Reads the attributes of one tag."""

    attributes: dict[str, str | None] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """There is one only."""
        self.attributes = dict(attrs)


def judge(tags: Collection[Tag], site: str, servers: Collection[str]) -> tuple[str, str]:
    """What became of the look for one site's tag from one of our addresses: the outcome, and what it is about."""
    ours = [tag for tag in tags if any(tag.source.startswith(f"{server}/") for server in servers)]
    if any(tag.site == site for tag in ours):
        return "found", site
    if ours:
        return "other_site", ours[0].site
    if tags:
        return "other_server", next(iter(tags)).source
    return "missing", ""


def look_for_tag(
    url: str, site: str, servers: Collection[str], listed: Collection[str], **options: object
) -> dict[str, str]:
    """What was found: `outcome`, `detail`, and `page`, the address after redirects. Raises NotAllowed."""
    try:
        page, html = read_page(url, listed, **options)  # type: ignore[arg-type]  # a test's own
    except PageAway as away:
        return {"outcome": away.outcome, "detail": away.detail, "page": url}
    outcome, detail = judge(find_tags(html, page), site, servers)
    return {"outcome": outcome, "detail": detail[:300], "page": page[:300]}
