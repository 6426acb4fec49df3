"""Several Rasas: a dialogue always goes to the same one while that lives, since only that one has it in memory.

Which one is decided by a hash of dialogue and address (rendezvous hashing), so every worker decides alike without
asking anybody, and where one comes or goes only its own dialogues move.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from bot.client import NO_MODEL, RasaClient, RasaFailed, RasaState
from bot.connections import ConnectionFailed

AVOID_SECONDS = 3.0  # for which one that could not be asked is asked last


class SeveralRasas:
    """The Rasas at these addresses, asked like one (`RasaClient`). Safe to share between threads."""

    def __init__(self, urls: Sequence[str], token: str, timeout: float = 3.0) -> None:
        self._clients = {url: RasaClient(url, token, timeout) for url in urls}
        self._avoided: dict[str, float] = {}

    def ask(
        self, conversation: str, text: str, language: str, vector: np.ndarray | None = None
    ) -> list[dict[str, Any]]:
        """What `RasaClient.ask` returns and raises."""
        return self._first(conversation, lambda client: client.ask(conversation, text, language, vector))

    def trigger(
        self, conversation: str, intent: str, language: str, entities: dict[str, str] | None = None
    ) -> list[dict[str, Any]]:
        """What `RasaClient.trigger` returns and raises."""
        return self._first(conversation, lambda client: client.trigger(conversation, intent, language, entities))

    def is_ready(self) -> bool:
        """Whether every one is up with a model loaded, and knows our token."""
        return self.state() == "ok"

    def state(self) -> RasaState:
        """The worst that one of them says: a dialogue goes to each."""
        with ThreadPoolExecutor(len(self._clients)) as at_once:  # one that hangs takes as long as it may
            found = list(at_once.map(RasaClient.state, self._clients.values()))
        worst: tuple[RasaState, ...] = ("hangs", "down", "no model")
        return next((state for state in worst if state in found), "ok")

    def close(self) -> None:
        """Closes the connections."""
        for client in self._clients.values():
            client.close()

    def ranked(self, conversation: str) -> list[str]:
        """The addresses in the order in which this dialogue is taken to them."""
        now = time.monotonic()
        return sorted(self._clients, key=lambda url: (self._avoided.get(url, 0.0) > now, _weight(conversation, url)))

    def _first(self, conversation: str, ask: Callable[[RasaClient], list[dict[str, Any]]]) -> list[dict[str, Any]]:
        failed: RasaFailed | None = None
        for url in self.ranked(conversation):
            try:
                return ask(self._clients[url])
            except RasaFailed as error:
                failed = error
                if not is_away(error):
                    break
                self._avoided[url] = time.monotonic() + AVOID_SECONDS
        raise failed or RasaFailed("no Rasa is named")


def is_away(error: RasaFailed) -> bool:
    """Whether it is gone, or can't answer anybody: another is asked. One that was slow, or answered nonsense, has the
    dialogue, and the time for this message is over."""
    is_gone = isinstance(error.__cause__, OSError | ConnectionFailed) and not isinstance(error.__cause__, TimeoutError)
    return is_gone or str(error) == f"status {NO_MODEL}"


def _weight(conversation: str, url: str) -> bytes:
    return hashlib.blake2b(f"{conversation} {url}".encode(), digest_size=8).digest()
