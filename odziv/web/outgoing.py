"""One attempt at one delivery: resolve, check, connect to what was checked, post, read the beginning of the answer."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Collection

import httpcore

from odziv.store.webhooks.deliveries import Attempt
from odziv.web.checked_network import CheckedNetwork, tls
from odziv.web.webhook_addresses import NotAllowed, Target, read_url, resolve

# All of it, from the name to the answer.
SECONDS = 10.0
MOST_READ = 1024


def post(
    url: str,
    headers: dict[str, str],
    body: str | bytes,
    listed: Collection[str],
    *,
    seconds: float = SECONDS,
    look_up: Callable[[str, int], list[str]] = resolve,
) -> Attempt:
    """Sends once; anything but a status of 2xx within `seconds` is a problem, a redirect too. Raises nothing."""
    try:
        target = read_url(url, listed)
        network = CheckedNetwork(target, time.monotonic() + seconds, look_up)
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


def _send(target: Target, network: CheckedNetwork, headers: dict[str, str], body: str | bytes) -> Attempt:
    # httpcore rather than httpx: it follows no redirects, reads no proxy from the environment, keeps no cookies, and
    # lets us say how to connect.
    content = body.encode() if isinstance(body, str) else body
    url = httpcore.URL(scheme=target.scheme, host=target.host, port=target.port, target=target.path)
    with (
        httpcore.ConnectionPool(ssl_context=tls(), network_backend=network) as pool,
        pool.stream("POST", url, headers=list(headers.items()), content=content) as response,
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
