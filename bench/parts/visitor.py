"""A customer at the widget's HTTP interface: asks, resends until acknowledged, follows the stream by number."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import random
import secrets
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

API = "/api/v1"
# A heartbeat comes every 15 s: silence for longer means the connection is dead.
STREAM_TIMEOUT = httpx.Timeout(10.0, read=25.0)
# Trying again can help: too many requests, or a server that is just going down or coming up.
WORTH_RETRYING = {429, 500, 502, 503, 504}
LONGEST_PAUSE = 2.0  # seconds between two tries


class CallRefused(Exception):
    """The server said no, and asking again would not change that."""


@dataclass(frozen=True)
class Acknowledgement:
    """A message the server has promised to keep: `seq` is its number, `seconds` how long the promise took."""

    client_id: str
    text: str
    seq: int
    seconds: float
    tries: int
    limited: int  # how many of the tries met a rate limit (429)


@dataclass(frozen=True)
class Arrival:
    """A message seen on the stream, and when (time.perf_counter)."""

    message: dict[str, Any]
    at: float


class InTurns(httpx.AsyncBaseTransport):
    """Sends each request to the next of several addresses, as a proxy in front does."""

    def __init__(self, urls: Sequence[str], limits: httpx.Limits) -> None:
        self._places = itertools.cycle([httpx.URL(url) for url in urls])
        self._transport = httpx.AsyncHTTPTransport(limits=limits, trust_env=False)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """As every transport."""
        place = next(self._places)
        request.url = request.url.copy_with(host=place.host, port=place.port)
        return await self._transport.handle_async_request(request)

    async def aclose(self) -> None:
        """Closes the connections."""
        await self._transport.aclose()


def open_client(*urls: str) -> httpx.AsyncClient:
    """One pool of connections for any number of visitors; of several addresses each request goes to the next one."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=100, keepalive_expiry=20)
    transport = InTurns(urls, limits) if len(urls) > 1 else None
    return httpx.AsyncClient(
        base_url=urls[0], timeout=httpx.Timeout(10.0), limits=limits, trust_env=False, transport=transport
    )


class Visitor:
    """One conversation. `sent` are its acknowledged messages, `tried` all it may have stored, `seen` the stream's."""

    def __init__(self, client: httpx.AsyncClient, language: str | None = None, site: str = "demo") -> None:
        self._client, self._language, self._site = client, language, site
        self._news = asyncio.Event()
        self.id = self.token = ""
        self.status = "bot"
        self.sent: list[Acknowledgement] = []
        self.tried: dict[str, str] = {}
        self.seen: list[Arrival] = []
        self.is_connected = asyncio.Event()
        self.connections = 0

    async def open(self) -> None:
        """Opens the conversation; tries until it works. Raises CallRefused."""
        body = {"site": self._site, "language": self._language}
        response, _, _ = await self._post_until_created(f"{API}/conversations", body)
        self.id, self.token = response["conversation"]["id"], response["token"]

    async def post(self, text: str, client_id: str | None = None) -> Acknowledgement:
        """Sends a message, the same `client_id` again and again, until it is acknowledged. Raises CallRefused."""
        client_id = client_id or secrets.token_hex(8)
        self.tried[client_id] = text
        started = time.perf_counter()
        body = {"client_id": client_id, "text": text}
        response, tries, limited = await self._post_until_created(f"{self._path}/messages", body)
        seconds = time.perf_counter() - started
        acknowledged = Acknowledgement(client_id, text, response["message"]["seq"], seconds, tries, limited)
        self.sent.append(acknowledged)
        return acknowledged

    async def follow(self) -> None:
        """Reads the stream until cancelled; reconnects after the last number seen whenever it breaks."""
        failures = 0
        while True:
            before = len(self.seen)
            with contextlib.suppress(httpx.TransportError):
                await self._read_stream()
            self.is_connected.clear()
            failures = 0 if len(self.seen) > before else failures + 1
            await asyncio.sleep(pause_after(failures))

    async def reaction_to(self, seq: int) -> Arrival | None:
        """The first bot or system message after `seq`; None when a person owns the conversation instead.

        Only right while one message at a time is under way.
        """
        while True:
            for arrival in self.seen:
                if arrival.message["seq"] > seq and arrival.message["sender"] in {"bot", "system"}:
                    return arrival
            if self.status != "bot":
                return None
            await self._wait()

    async def everything_reacted_to(self) -> None:
        """Returns when as many reactions as messages were seen, or when a person owns the conversation."""
        while self.status == "bot" and self._reactions() < len(self.sent):
            await self._wait()

    async def log(self, client: httpx.AsyncClient | None = None) -> tuple[list[dict[str, Any]], str]:
        """The whole conversation and its status, as the server tells them now; by another client where one is given."""
        response = await (client or self._client).get(
            f"{self._path}/messages", params={"after": 0}, headers=self._headers
        )
        response.raise_for_status()
        answer = response.json()
        return answer["messages"], answer["conversation"]["status"]

    @property
    def last_seen(self) -> int:
        """The number to go on from."""
        return max((arrival.message["seq"] for arrival in self.seen), default=0)

    @property
    def is_waiting(self) -> bool:
        """Whether a message is on its way, or its reaction."""
        return len(self.tried) > len(self.sent) or (self.status == "bot" and self._reactions() < len(self.sent))

    @property
    def _path(self) -> str:
        return f"{API}/conversations/{self.id}"

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}

    def _reactions(self) -> int:
        return sum(arrival.message["sender"] in {"bot", "system"} for arrival in self.seen)

    async def _wait(self) -> None:
        self._news.clear()
        await self._news.wait()

    async def _post_until_created(self, path: str, body: dict[str, Any]) -> tuple[dict[str, Any], int, int]:
        tries = limited = 0
        while True:
            tries += 1
            wait = pause_after(tries)
            try:
                response = await self._client.post(path, json=body, headers=self._headers)
            except httpx.TransportError:
                pass  # no way to tell whether it was stored: that is what the repeat is for
            else:
                if response.status_code == 201:
                    return response.json(), tries, limited
                if response.status_code not in WORTH_RETRYING:
                    raise CallRefused(f"{response.status_code} for {path}: {response.text[:200]}")
                if response.status_code == 429:
                    limited += 1
                    wait = float(response.headers.get("Retry-After", wait))
            await asyncio.sleep(wait)

    async def _read_stream(self) -> None:
        headers = {**self._headers, "Last-Event-ID": str(self.last_seen)}
        path = f"{self._path}/events"
        async with self._client.stream("GET", path, headers=headers, timeout=STREAM_TIMEOUT) as response:
            if response.status_code in WORTH_RETRYING:
                return
            if response.status_code != 200:
                raise CallRefused(f"{response.status_code} for {path}")
            self.connections += 1
            unread = b""
            async for chunk in response.aiter_bytes():
                *events, unread = (unread + chunk).split(b"\n\n")
                for event, data in map(read_event, events):
                    self._take(event, data)

    def _take(self, event: str, data: dict[str, Any]) -> None:
        if event == "message":
            self.seen.append(Arrival(data, time.perf_counter()))
        elif event == "status":
            self.status = data["status"]
            self.is_connected.set()
        self._news.set()


def read_event(raw: bytes) -> tuple[str, dict[str, Any]]:
    """One event's name and data; ("", {}) for a heartbeat or anything else without data."""
    fields = dict(_fields(raw))
    return fields.get("event", ""), json.loads(fields["data"]) if "data" in fields else {}


def _fields(raw: bytes) -> Iterator[tuple[str, str]]:
    for line in raw.split(b"\n"):  # not splitlines: a text may hold U+2028, which is no line end here
        name, _, value = line.decode().partition(": ")
        if name:
            yield name, value


def pause_after(failures: int) -> float:
    """Seconds to wait before the next try: longer and longer, and never all customers at once."""
    return min(LONGEST_PAUSE, 0.1 * 2 ** min(failures, 6)) * random.uniform(0.5, 1.0)
