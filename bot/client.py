"""The worker's side of the talk with Rasa. Everything that can go wrong comes out as RasaFailed."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any, Literal

from bot.connections import ConnectionPool

if TYPE_CHECKING:
    import numpy as np  # its user has it

MAX_BYTES = 1_000_000  # of a reply; the largest honest one is a few kilobytes
NO_MODEL = 503  # what our channel answers then
RasaState = Literal["ok", "down", "hangs", "no model"]
WEBHOOK, HEALTH = "/webhooks/odziv/webhook", "/webhooks/odziv/"


class RasaFailed(Exception):
    """Rasa gave no usable reply: a timeout, no connection, an error, nonsense, or nothing at all."""


class RasaClient:
    """Asks Rasa over kept-alive connections, a call at most `timeout` seconds; safe to share between threads."""

    def __init__(self, url: str, token: str, timeout: float = 3.0) -> None:
        self._timeout, self._pool = timeout, ConnectionPool(url)
        self._headers = {"Authorization": f"Bearer {token}"}

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
        return self.state() == "ok"

    def state(self) -> RasaState:
        """The same; else "hangs" where it takes connections and says nothing within the time limit, "no model" where
        it could load none, "down" for whatever else.
        """
        try:
            self._call("GET", HEALTH)
        except RasaFailed as error:
            is_slow = isinstance(error.__cause__, TimeoutError)
            return "hangs" if is_slow else "no model" if str(error) == f"status {NO_MODEL}" else "down"
        return "ok"

    def close(self) -> None:
        """Closes the connections."""
        self._pool.close()

    def _talk(self, body: dict[str, Any]) -> list[dict[str, Any]]:
        return read_messages(self._call("POST", WEBHOOK, body))

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> bytes:
        """The bytes of a 200 within the time limit; raises RasaFailed for whatever else happens."""
        content = b"" if body is None else json.dumps(body).encode()  # in ASCII, whatever the text holds
        headers = {"Content-Type": "application/json", **self._headers} if content else self._headers
        try:
            status, received = self._pool.call(method, path, headers, content, MAX_BYTES, self._timeout)
        except TimeoutError as error:
            raise RasaFailed(f"no reply within {self._timeout:g} s") from error
        except Exception as error:  # the socket, h11, a bad URL: the caller has one way to go on
            raise RasaFailed(f"{type(error).__name__}: {error}") from error
        if status != 200:
            raise RasaFailed(f"status {status}")
        return received


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
