"""The web process's side of the talk with Rasa. Everything that can go wrong comes out as RasaFailed."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import threading
from collections.abc import Coroutine
from typing import Any

import httpx
import numpy as np

MAX_BYTES = 1_000_000  # of a reply; the largest honest one is a few kilobytes
WEBHOOK, HEALTH = "/webhooks/odziv/webhook", "/webhooks/odziv/"


class RasaFailed(Exception):
    """Rasa gave no usable reply: a timeout, no connection, an error, nonsense, or nothing at all."""


class RasaClient:
    """Asks Rasa over kept-alive connections; safe to share between threads.

    The limit of `timeout` seconds is for the whole call: httpx itself only limits the wait for each piece,
    so the calls run on an event loop of their own, in one background thread, where they can be cut off.
    """

    def __init__(self, url: str, token: str, timeout: float = 3.0) -> None:
        self._url, self._timeout = url.rstrip("/"), timeout
        self._headers = {"Authorization": f"Bearer {token}"}
        self._lock = threading.Lock()
        self._owner: int | None = None  # process the loop runs in: a fork leaves the thread behind

    def ask(
        self, conversation: str, text: str, language: str, vector: np.ndarray | None = None
    ) -> list[dict[str, Any]]:
        """Rasa's messages ({"text"?, "custom"?}, one at least) to a customer's own words; raises RasaFailed.

        `vector` is what the embedded encoder made of the text (384 numbers), if that is known.
        """
        body = {"sender": conversation, "language": language, "text": text}
        if vector is not None:
            body["vector"] = base64.b64encode(vector.astype("<f4").tobytes()).decode()
        return self._talk(body)

    def trigger(
        self, conversation: str, intent: str, language: str, entities: dict[str, str] | None = None
    ) -> list[dict[str, Any]]:
        """The same for a pressed button: intent and entities are ours, never a customer's; raises RasaFailed."""
        return self._talk({"sender": conversation, "language": language, "intent": intent, "entities": entities or {}})

    def is_ready(self) -> bool:
        """Whether Rasa is up with a model loaded, and knows our token."""
        try:
            self._run(self._fetch("GET", HEALTH, None))
        except RasaFailed:
            return False
        return True

    def close(self) -> None:
        """Closes the connections and ends the background thread."""
        with self._lock:
            if self._owner == os.getpid():
                asyncio.run_coroutine_threadsafe(self._http.aclose(), self._loop).result(self._timeout)
                self._loop.call_soon_threadsafe(self._loop.stop)
                self._thread.join(self._timeout)
                self._loop.close()
            self._owner = None

    def _talk(self, body: dict[str, Any]) -> list[dict[str, Any]]:
        return read_messages(self._run(self._fetch("POST", WEBHOOK, body)))

    def _run(self, fetch: Coroutine[Any, Any, bytes]) -> bytes:
        """The bytes of a 200 within the time limit; raises RasaFailed for whatever else happens."""
        try:
            self._ensure_loop()
            future = asyncio.run_coroutine_threadsafe(asyncio.wait_for(fetch, self._timeout), self._loop)
            return future.result(self._timeout + 1)  # the extra second is for a stopped loop only
        except RasaFailed:
            raise
        except TimeoutError as error:
            raise RasaFailed(f"no reply within {self._timeout:g} s") from error
        except Exception as error:  # httpx, h11, a bad URL, unencodable text: the caller has one way to go on
            raise RasaFailed(f"{type(error).__name__}: {error}") from error

    async def _fetch(self, method: str, path: str, body: dict[str, Any] | None) -> bytes:
        content = None if body is None else json.dumps(body).encode()  # in ASCII, whatever the text holds
        headers = {"Content-Type": "application/json"} if body is not None else {}
        async with self._http.stream(method, self._url + path, content=content, headers=headers) as reply:
            if reply.status_code != 200:
                raise RasaFailed(f"status {reply.status_code}")
            received = bytearray()
            async for piece in reply.aiter_bytes():
                received += piece
                if len(received) > MAX_BYTES:
                    raise RasaFailed(f"a reply of more than {MAX_BYTES} bytes")
            return bytes(received)

    def _ensure_loop(self) -> None:
        """Starts the loop's thread in this process, once; again after a fork."""
        with self._lock:
            if self._owner == os.getpid():
                return
            self._loop = asyncio.new_event_loop()
            self._http = httpx.AsyncClient(
                headers=self._headers,
                timeout=self._timeout,
                trust_env=False,  # no proxy to loopback
                limits=httpx.Limits(max_connections=64, max_keepalive_connections=32),
            )
            self._thread = threading.Thread(target=self._loop.run_forever, name="rasa-client", daemon=True)
            self._thread.start()
            self._owner = os.getpid()


def read_messages(content: bytes) -> list[dict[str, Any]]:
    """Rasa's messages from a reply's body, with the keys that count; raises RasaFailed if it has none."""
    try:
        sent = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise RasaFailed("the reply is not JSON") from error
    if not isinstance(sent, list):
        raise RasaFailed("the reply is not a list of messages")
    messages = [message for message in map(read_one, sent) if message]
    if not messages:
        raise RasaFailed("no message in the reply")
    return messages


def read_one(sent: Any) -> dict[str, Any]:
    """{"text"?, "custom"?} of one message, empty if it says nothing; raises RasaFailed for another shape."""
    if not isinstance(sent, dict):
        raise RasaFailed("a message is not an object")
    text, custom = sent.get("text") or "", sent.get("custom") or {}
    if not isinstance(text, str) or not isinstance(custom, dict):
        raise RasaFailed("a message has a text or custom part of the wrong type")
    return ({"text": text} if text.strip() else {}) | ({"custom": custom} if custom else {})
