"""Connections to addresses that an administrator of the desk named, and only to where those may lead."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import httpcore

from odziv.texts.desk import _
from odziv.web.webhook_addresses import NotAllowed, Target, check_addresses


@cache
def tls() -> ssl.SSLContext:
    """What the machine trusts."""
    return httpcore.default_ssl_context()


class CheckedNetwork(httpcore.NetworkBackend):
    """Connects to the addresses that were checked, so that a name can't lead elsewhere a moment later.

    `ends` is when all has to be over, by the monotonic clock. Raises NotAllowed.
    """

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
        """To the first of the addresses that takes the connection."""
        try:
            addresses = self._look_up(host, port)
        except OSError:
            raise NotAllowed(_("There is no host of that name.")) from None
        check_addresses(self._target, addresses)
        for number, address in enumerate(addresses):
            try:
                stream = self._inner.connect_tcp(address, port, timeout=seconds_left(self._ends))
                return TimedStream(stream, self._ends)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if number == len(addresses) - 1:
                    raise
        raise httpcore.ConnectError("no address")


class TimedStream(httpcore.NetworkStream):
    """A connection that ends at a moment, however slowly the other side goes on sending."""

    def __init__(self, inner: httpcore.NetworkStream, ends: float) -> None:
        self._inner, self._ends = inner, ends

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, seconds_left(self._ends))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, seconds_left(self._ends))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return TimedStream(self._inner.start_tls(ssl_context, server_hostname, seconds_left(self._ends)), self._ends)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def seconds_left(ends: float) -> float:
    """The seconds until then. Raises httpcore.ReadTimeout when there are none."""
    left = ends - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("out of time")
    return left
