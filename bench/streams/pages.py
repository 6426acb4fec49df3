"""Open pages that only listen: customers' and agents' streams, as many as wanted in one loop, a few bytes each."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

KEPT_BYTES = 4096  # of what has come and is not a whole event yet
EVENT = re.compile(rb"event: ([a-z-]+)\n")
AT_ONCE = 100  # that connect at the same moment: the server's queue of connections has 512 places


class Page(asyncio.Protocol):
    """One stream. `moments` are those (time.perf_counter) at which an event of the kind `noted` came."""

    def __init__(self, path: str, headers: dict[str, str], noted: bytes = b"") -> None:
        self._path, self._headers, self._noted = path, headers, noted
        self._unread = b""
        self.status, self.count, self.moments = "", 0, list[float]()
        self.begun = asyncio.Event()
        self.is_open = False
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Asks."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        lines = [f"GET {self._path} HTTP/1.1", *(f"{name}: {value}" for name, value in self._headers.items()), "", ""]
        transport.write("\r\n".join(lines).encode())

    def data_received(self, data: bytes) -> None:
        """Counts events; the pieces' sizes that stand between them harm nothing."""
        if not self.status:
            self.status = data[:64].split(b"\r\n")[0].decode("latin-1").partition(" ")[2]
            self.is_open = self.status.startswith("200")
            self.begun.set()
        *whole, self._unread = (self._unread + data).rsplit(b"\n\n", 1)
        self._unread = self._unread[-KEPT_BYTES:]
        for name in EVENT.findall(whole[0]) if whole else ():
            self.count += 1
            if name == self._noted:
                self.moments.append(time.perf_counter())

    def connection_lost(self, error: Exception | None) -> None:
        """Whoever waits for its beginning is told that there is none."""
        self.is_open = False
        self.begun.set()

    def close(self) -> None:
        """Leaves without a word, as a browser does."""
        if self._transport is not None:
            self._transport.abort()


async def open_pages(url: str, pages: Sequence[Page], timeout: float = 60.0) -> None:
    """Connects all of them, some at a time, and waits until each was answered. Raises TimeoutError."""
    address, loop = urlsplit(url), asyncio.get_running_loop()
    for first in range(0, len(pages), AT_ONCE):
        some = pages[first : first + AT_ONCE]
        await asyncio.gather(
            *(loop.create_connection(lambda page=page: page, address.hostname, address.port) for page in some)
        )
        async with asyncio.timeout(timeout):
            for page in some:
                await page.begun.wait()


def count_open(pages: Iterable[Page]) -> int:
    """How many were taken and go on."""
    return sum(page.is_open for page in pages)


def close_pages(pages: Iterable[Page]) -> None:
    """Ends all of them."""
    for page in pages:
        page.close()
