"""Asks a worker over its inner interface; the next one where one is away."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

import structlog

from bot.connections import ConnectionPool

log = structlog.get_logger()
SECONDS = 2.0  # for which a worker may think about a call
AVOID_SECONDS = 5.0  # for which one that didn't answer is asked last
MOST_BYTES = 2_000_000  # of an answer


class WorkersAway(Exception):
    """No worker answered; the message says why, for a log."""


class WorkerClient:
    """The workers at these addresses (`http://host:port`), asked in rotation, each for at most so many `seconds`.

    Safe to share between threads.
    """

    def __init__(self, addresses: Sequence[str], token: str, seconds: float = SECONDS) -> None:
        self.addresses, self.seconds = tuple(addresses), seconds
        self._pools = [ConnectionPool(address) for address in addresses]
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self._avoided = [0.0] * len(self._pools)
        self._next, self._lock = count(), threading.Lock()

    def ask(self, path: str, body: dict[str, Any] | None = None, *, more: float = 0.0) -> Any:
        """What the first worker to answer says, as JSON is read; `more` are seconds that it may take besides.

        Raises WorkersAway.
        """
        return self._first(lambda number: self._ask_one(number, path, body or {}, self.seconds + more))

    def ask_each(self, path: str) -> dict[str, Any]:
        """What each worker that answers says, by its address."""
        told = {}
        for number, address in enumerate(self.addresses):
            try:
                told[address] = self._ask_one(number, path, {}, self.seconds)
            except WorkersAway as away:
                log.warning("worker_away", worker=address, why=str(away))
        return told

    def ask_all(self, path: str, body: dict[str, Any]) -> list[Any]:
        """What every worker says. Raises WorkersAway, with its address, where one doesn't; the others were asked."""
        told, away = [], []
        for number, address in enumerate(self.addresses):
            try:
                told.append(self._ask_one(number, path, body, self.seconds))
            except WorkersAway as error:
                away.append(f"{address}: {error}")
        if away:
            raise WorkersAway("; ".join(away))
        return told

    def close(self) -> None:
        """Closes the connections."""
        for pool in self._pools:
            pool.close()

    def _first(self, ask: Callable[[int], Any]) -> Any:
        away = None
        for number in self._order():
            try:
                told = ask(number)
            except WorkersAway as error:
                away = error
                self._avoided[number] = time.monotonic() + AVOID_SECONDS
            else:
                self._avoided[number] = 0.0
                return told
        raise away or WorkersAway("no worker is named")

    def _order(self) -> list[int]:
        """All of them, another one first each time; those that did not answer lately are last."""
        with self._lock:
            first = next(self._next)
        now, many = time.monotonic(), len(self._pools)
        return sorted(range(many), key=lambda number: (self._avoided[number] > now, (number - first) % many))

    def _ask_one(self, number: int, path: str, body: dict[str, Any], seconds: float) -> Any:
        content = json.dumps(body).encode()
        try:
            status, received = self._pools[number].call("POST", path, self._headers, content, MOST_BYTES, seconds)
            if status != 200:
                raise WorkersAway(f"status {status}")
            return json.loads(received)
        except WorkersAway:
            raise
        except Exception as error:  # the socket, h11, no JSON: the caller has one way to go on
            raise WorkersAway(f"{type(error).__name__}: {error}") from error
