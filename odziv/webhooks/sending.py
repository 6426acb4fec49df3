"""One attempt at one delivery: resolve, check, connect to what was checked, post, read the beginning of the answer."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Collection, Iterable
from functools import cache
from typing import Any

import httpcore

from odziv.store.webhooks.deliveries import Attempt
from odziv.web.webhook_addresses import NotAllowed, Target, check_addresses, read_url, resolve

# All of it, from the name to the answer.
SECONDS = 10.0
MOST_READ = 1024


def post(
    url: str,
    headers: dict[str, str],
    body: str,
    listed: Collection[str],
    *,
    seconds: float = SECONDS,
    look_up: Callable[[str, int], list[str]] = resolve,
) -> Attempt:
    """Sends once; anything but a status of 2xx within `seconds` is a problem, a redirect too. Raises nothing."""
    try:
        target = read_url(url, listed)
        network = _CheckedNetwork(target, time.monotonic() + seconds, look_up)
        return _send(target, network, headers, body)
    except NotAllowed as refusal:
        return Attempt(None, "", str(refusal))
    except httpcore.TimeoutException:
        return Attempt(None, "", f"No answer within {seconds:g} seconds.")
    except httpcore.ConnectError as error:
        is_tls = any(isinstance(cause, ssl.SSLError) for cause in error.args)
        return Attempt(None, "", "It has no valid certificate." if is_tls else "Nobody listens there.")
    except (httpcore.NetworkError, httpcore.ProtocolError, OSError):
        return Attempt(None, "", "The connection broke off.")


def _send(target: Target, network: _CheckedNetwork, headers: dict[str, str], body: str) -> Attempt:
    # httpcore rather than httpx: it follows no redirects, reads no proxy from the environment, keeps no cookies, and
    # lets us say how to connect.
    url = httpcore.URL(scheme=target.scheme, host=target.host, port=target.port, target=target.path)
    with (
        httpcore.ConnectionPool(ssl_context=_tls(), network_backend=network) as pool,
        pool.stream("POST", url, headers=list(headers.items()), content=body.encode()) as response,
    ):
        answer = _read_beginning(response)
    if 200 <= response.status < 300:
        return Attempt(response.status, answer, "")
    if 300 <= response.status < 400:
        return Attempt(response.status, answer, "It redirects, which is not followed. Enter the final address.")
    return Attempt(response.status, answer, f"It answered {response.status}.")


def _read_beginning(response: httpcore.Response) -> str:
    """As much of the answer as helps to find a mistake. That the rest hangs doesn't matter: the status has come."""
    read = b""
    try:
        for piece in response.iter_stream():
            read += piece
            if len(read) >= MOST_READ:
                break
    except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError):
        pass
    text = " ".join(read[:MOST_READ].decode("utf-8", "replace").split())
    return "".join(letter for letter in text if letter.isprintable())


@cache
def _tls() -> ssl.SSLContext:
    return httpcore.default_ssl_context()


class _CheckedNetwork(httpcore.NetworkBackend):
    """Connects to the addresses that were checked, so that a name can't lead elsewhere a moment later."""

    def __init__(self, target: Target, ends: float, look_up: Callable[[str, int], list[str]]) -> None:
        self._target, self._ends, self._look_up = target, ends, look_up
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            addresses = self._look_up(host, port)
        except OSError:
            raise NotAllowed("There is no host of that name.") from None
        check_addresses(self._target, addresses)
        for number, address in enumerate(addresses):
            try:
                stream = self._inner.connect_tcp(address, port, timeout=_left(self._ends))
                return _TimedStream(stream, self._ends)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if number == len(addresses) - 1:
                    raise
        raise httpcore.ConnectError("no address")


class _TimedStream(httpcore.NetworkStream):
    """A connection that ends at a moment, however slowly the other side goes on sending."""

    def __init__(self, inner: httpcore.NetworkStream, ends: float) -> None:
        self._inner, self._ends = inner, ends

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _left(self._ends))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, _left(self._ends))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _TimedStream(self._inner.start_tls(ssl_context, server_hostname, _left(self._ends)), self._ends)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _left(ends: float) -> float:
    left = ends - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("out of time")
    return left
