"""A customer at the widget's interface: says or presses one thing, and waits for what comes back."""

from __future__ import annotations

import time
from functools import cache
from typing import Any

import frontmatter
import httpx

from bench.parts.verdicts import WAITING
from bench.parts.wording import LANGUAGES
from odziv.settings import ROOT

LONGEST_WAIT = 10.0  # seconds; what has not come by then is silence
PAUSE = 0.03  # seconds between two looks

Message = dict[str, Any]


class Customer:
    """One conversation; `buttons` are those under the last reaction, `was_called` whether it fetched a person."""

    def __init__(self, client: httpx.Client, page: str) -> None:
        opened = client.post("/api/v1/conversations", json={"site": "demo", "language": page}).raise_for_status().json()
        self._client, self._status = client, opened["conversation"]["status"]
        self._path = f"/api/v1/conversations/{opened['conversation']['id']}/messages"
        self._headers = {"Authorization": f"Bearer {opened['token']}"}
        self._said = 0
        self.buttons: list[dict[str, Any]] = []
        self.was_called = False

    def say(self, text: str) -> list[Message]:
        """Return the messages that came back; none when there was silence. A button's title presses it."""
        self._said += 1
        body = {"client_id": f"said-{self._said:05}", "text": text}
        sent = self._client.post(self._path, json=body, headers=self._headers).raise_for_status().json()
        messages, status = self._wait(sent["message"]["seq"])
        self.was_called, self._status = status in WAITING and self._status not in WAITING, status
        self.buttons = [button for message in messages for button in message.get("buttons") or ()]
        return messages

    def button(self, *, kind: str = "", article: str = "") -> str:
        """Return the title of the first button of a kind, or of one for an article. Raises KeyError without one."""
        for button in self.buttons:
            is_it = read_articles().get(button["title"]) == article if article else button["kind"] == kind
            if is_it:
                return str(button["title"])
        raise KeyError(article or kind)

    def _wait(self, seq: int) -> tuple[list[Message], str]:
        ends = time.monotonic() + LONGEST_WAIT
        while True:
            found = self._client.get(self._path, params={"after": seq}, headers=self._headers).json()
            replies = [message for message in found["messages"] if message["sender"] != "customer"]
            if replies or time.monotonic() > ends:
                return replies, found["conversation"]["status"]
            time.sleep(PAUSE)


@cache
def read_articles() -> dict[str, str]:
    """Return the article of each title, in all languages: what a button stands for is not told to customers."""
    articles = {}
    for language in LANGUAGES:
        folder = ROOT / "kb" / "articles" / language
        for path in sorted(folder.rglob("*.md")):
            articles[str(frontmatter.load(path).get("title"))] = str(path.relative_to(folder).with_suffix(""))
    return articles
