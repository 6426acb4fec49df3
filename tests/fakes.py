"""A bot and a knowledge base that do as they are told."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from bot.client import RasaFailed

ANSWER = {
    "article": "orders/return",
    "language": "en",
    "title": "Returning an item",
    "url": "/help/en/orders/return",
    "confidence": 0.93,
}
BUTTONS = [
    {"title": "Refund time", "kind": "follow_up", "intent": "choose_article", "article": "orders/refund-time"},
    {"title": "That helped", "kind": "helped", "intent": "feedback_positive"},
    {"title": "Talk to a person", "kind": "human", "intent": "request_human"},
]
CONSIDERED = [{"article": "orders/return", "language": "en", "title": "Returning an item", "confidence": 0.93}]
HAND_OFF = [{"custom": {"handoff": {"reason": "requested"}}}]
PAYLOAD = {"text": "You have **14 days**.", "buttons": BUTTONS, "answer": ANSWER, "considered": CONSIDERED}


class NothingToStop:
    """A watcher that doesn't watch."""

    def threads(self) -> list:
        return []

    def stop(self) -> None:
        pass


class FakeBot:
    """Answers everything with PAYLOAD, or with whatever `says` was set to: a list, an exception, a function."""

    def __init__(self) -> None:
        self.says: Any = [{"custom": PAYLOAD}]
        self.calls: list[tuple] = []
        self.ready = True
        self._lock = threading.Lock()

    def ask(self, conversation: str, text: str, language: str, vector: Any = None) -> list[dict[str, Any]]:
        return self._reply(("ask", conversation, text, language))

    def trigger(self, conversation: str, intent: str, language: str, entities: dict) -> list[dict[str, Any]]:
        return self._reply(("trigger", conversation, intent, language, entities))

    def state(self) -> str:
        return "ok" if self.ready else "down"

    def fail(self) -> None:
        """From now on like a Rasa that isn't there."""
        self.says = RasaFailed("connection refused")

    def _reply(self, call: tuple) -> list[dict[str, Any]]:
        with self._lock:
            self.calls.append(call)
        says = self.says(*call) if isinstance(self.says, Callable) else self.says
        if isinstance(says, Exception):
            raise says
        return says


class FakeKnowledgeBase:
    """Articles from a dict."""

    def __init__(self) -> None:
        self.problems: list = []
        self.away, self.refreshed_at, self.calibration = "", 0.0, {}
        self.shelf: dict[tuple[str, str], Any] = {}

    def articles(self) -> list[Any]:
        return list(self.shelf.values()) or [None]

    def article(self, article_id: str, language: str) -> Any:
        return self.shelf.get((article_id, language)) or self.shelf.get((article_id, "en"))

    def search(self, _text: str, _language: str, _most: int) -> list[Any]:
        return []

    def take_scores(self) -> list[Any]:
        return []

    def add_scores(self, scores: Any) -> None:
        pass


class FakeKnowledge:
    """`odziv.cases.knowledge.KnowledgeSource` as a test wants it: its answer, its note, languages from a rule.

    A test that needs more of the knowledge base than `FakeKnowledgeBase` has sets `kb` to a real one.
    """

    def __init__(self) -> None:
        self.kb: Any = FakeKnowledgeBase()
        self.away = ""
        self.direct: dict[str, Any] | None = None
        self.note: str | None = None
        self.asked: list[tuple] = []
        self.language: Callable[..., str] = lambda text, *, conversation, page: conversation or page

    def note_to_stranger(self, text: str, language: str) -> str | None:
        return self.note

    def vector_of(self, text: str, language: str) -> None:
        return None

    def tags_of(self, tracker: str) -> tuple[str, ...]:
        return ()

    def watch(self) -> NothingToStop:
        return NothingToStop()

    def take_settings(self, settings: Any) -> None:
        pass

    def detect_language(self, text: str, *, conversation: str | None = None, page: str | None = None) -> str:
        return self.language(text, conversation=conversation, page=page)

    def answer_directly(self, text: str, language: str, article: str | None = None) -> dict[str, Any] | None:
        self.asked.append((text, language, article))
        return self.direct
