"""One request to the identity provider: bounded in time, size and number, without redirects, proxies or cookies."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterable, Mapping
from typing import Any

import httpcore

from odziv.settings.oidc import is_safe_url
from odziv.web.checked_network import TimedStream, seconds_left, tls

SECONDS = 5.0  # all of one request, from the name to the end of the answer
MOST_READ = 512 * 1024
# So many requests are under way at once: a provider that hangs holds no more of the threads that serve customers.
MOST_AT_ONCE, WAIT_SECONDS = 4, 2.0
_places = threading.BoundedSemaphore(MOST_AT_ONCE)


class ProviderAway(Exception):
    """The provider doesn't answer, or not in time, or with an error of its own."""


class NotTrusted(Exception):
    """The provider's answer is not what it has to be; the message says what is wrong, for the log."""


def ask(
    url: str, *, form: str | None = None, headers: Mapping[str, str] | None = None, seconds: float = SECONDS
) -> dict[str, Any]:
    """The JSON object at an address; with `form`, what is posted there is answered. Raises ProviderAway, NotTrusted."""
    if not is_safe_url(url):
        raise NotTrusted("an address without https")
    if not _places.acquire(timeout=WAIT_SECONDS):
        raise ProviderAway("too many are waiting for it")
    try:
        status, body = _send(url, form, dict(headers or {}), time.monotonic() + seconds)
    except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
        raise ProviderAway(type(error).__name__) from error
    finally:
        _places.release()
    return _read(status, body)


def _send(url: str, form: str | None, headers: dict[str, str], ends: float) -> tuple[int, bytes]:
    headers |= {"Accept": "application/json", "Accept-Encoding": "identity"}
    if form is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    pool = httpcore.ConnectionPool(ssl_context=tls(), network_backend=_TimedNetwork(ends))
    body = None if form is None else form.encode("ascii")
    with pool, pool.stream("GET" if form is None else "POST", url, headers=list(headers.items()), content=body) as got:
        read = b""
        for piece in got.iter_stream():
            read += piece
            if len(read) > MOST_READ:
                raise NotTrusted(f"an answer of more than {MOST_READ} bytes")
        return got.status, read


def _read(status: int, body: bytes) -> dict[str, Any]:
    if status >= 500:
        raise ProviderAway(f"status {status}")
    if status != 200:
        raise NotTrusted(f"status {status}")
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise NotTrusted("no JSON") from error
    if not isinstance(found, dict):
        raise NotTrusted("no JSON object")
    return found


class _TimedNetwork(httpcore.NetworkBackend):
    """Connects to where the operator has said, inside their network too, for so long as there is time."""

    def __init__(self, ends: float) -> None:
        self._ends, self._inner = ends, httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        return TimedStream(self._inner.connect_tcp(host, port, timeout=seconds_left(self._ends)), self._ends)
