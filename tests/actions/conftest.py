"""A knowledge base that decides as it is told, and a way to run an action on a tracker read from JSON."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from actions.endpoint import build_executor
from kb import Article, Decision, Hit
from kb.sources.passages import cut

TRACKERS = Path(__file__).parents[1] / "data" / "trackers"

TITLES = {
    ("orders/return", "sl"): "Kako vrnete izdelek",
    ("orders/return", "hr"): "Povrat proizvoda",
    ("orders/return", "pl"): "Jak zwrócić towar",
    ("orders/return", "en"): "Returning an item",
    ("orders/refund-time", "sl"): "Kdaj dobite denar nazaj",
    ("orders/refund-time", "pl"): "Kiedy otrzymają Państwo zwrot pieniędzy",
    ("orders/refund-time", "en"): "When you get your money back",
    ("orders/late-parcel", "en"): "A late parcel",
    ("shops/hours", "pl"): "Godziny otwarcia",
}
BODY = """You have 14 days, see [the exceptions](orders/return-exceptions).

## How
Fill in the form.

## Condition
Unused and complete.
"""


def make_article(article_id: str, language: str, body: str = BODY, **more: Any) -> Article:
    """An article of TITLES."""
    return Article(
        id=article_id, language=language, title=TITLES[article_id, language], questions=(), tags=(),
        status="published", body=body, path=Path(f"{language}/{article_id}.md"), passages=cut(body),
        **{"follow_ups": (), "handoff": False, **more},
    )  # fmt: skip


@dataclass
class FakeKnowledgeBase:
    """Decides `kind` about everything, with the articles of `found` as hits."""

    kind: str = "answer"
    found: tuple[str, ...] = ("orders/return", "orders/refund-time")
    shelf: dict[tuple[str, str], Article] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    missing: str = ""
    evidence: dict[str, float] = field(default_factory=lambda: {"elsewhere": 0.0, "unanswered": 0.0})
    falls: float = 0.1  # by how much each hit is less likely than the one before

    def decide(self, text: str, language: str) -> Decision:
        self.asked.append((text, language))
        articles = [found for each in self.found if (found := self.article(each, language))]
        hits = tuple(
            Hit(
                a.id,
                a.language,
                a.title,
                a.passages[-1].heading,
                a.passages[-1].text,
                0.9 - rank * self.falls,
                {"score": 0.9 - rank * self.falls} | self.evidence,
                "near/gift-wrapping",
            )
            for rank, a in enumerate(articles)
        )
        return Decision(self.kind, language, hits, 0.9, missing=self.missing)

    def decide_all(self, texts: list[str], language: str) -> list[Decision]:
        return [self.decide(text, language) for text in texts]

    def hit_of(self, article_id: str, text: str, language: str) -> Hit | None:
        found = self.article(article_id, language)
        return (
            Hit(found.id, found.language, found.title, None, found.passages[0].text, 0.4, {"score": 0.4})
            if found
            else None
        )

    def article(self, article_id: str, language: str) -> Article | None:
        for wanted in (language, "en", "pl", "sl", "hr"):
            if (article_id, wanted) in self.shelf:
                return self.shelf[article_id, wanted]
        return None


@pytest.fixture
def kb() -> FakeKnowledgeBase:
    follow_ups = ("orders/refund-time", "orders/no-such")
    shelf = {key: make_article(*key) for key in TITLES}
    for language in ("sl", "hr", "pl", "en"):
        shelf["orders/return", language] = make_article("orders/return", language, follow_ups=follow_ups)
    shelf["orders/late-parcel", "en"] = make_article("orders/late-parcel", "en", handoff=True)
    return FakeKnowledgeBase(shelf=shelf)


@dataclass
class Outcome:
    """What an action did: events by slot, the follow-up action, payloads and plain responses."""

    slots: dict[str, Any]
    follow_up: str | None
    payloads: list[dict[str, Any]]
    responses: list[str]

    @property
    def payload(self) -> dict[str, Any]:
        (only,) = self.payloads
        return only


@pytest.fixture
def run(kb: FakeKnowledgeBase):
    """Runs an action of ours on a tracker of tests/data/trackers, as rasa-sdk's executor does."""

    def run_action(
        action: str,
        tracker: str,
        *,
        text: str | None = None,
        events: list[dict[str, Any]] | None = None,
        intent: dict[str, Any] | None = None,
        **slots: Any,
    ) -> Outcome:
        state = json.loads((TRACKERS / f"{tracker}.json").read_text(encoding="utf-8"))
        state["slots"].update(slots)
        state["events"] = (events or []) + state["events"]
        state["latest_message"]["text"] = state["latest_message"]["text"] if text is None else text
        state["latest_message"]["intent"] = intent or state["latest_message"]["intent"]
        call = {"next_action": action, "tracker": state, "domain": {}}
        result = asyncio.run(build_executor(kb, "https://help.example").run(call))
        return Outcome(
            slots={event["name"]: event["value"] for event in result.events if event["event"] == "slot"},
            follow_up=next((event["name"] for event in result.events if event["event"] == "followup"), None),
            payloads=[each["custom"] for each in result.responses if each["custom"]],
            responses=[each["response"] for each in result.responses if each["response"]],
        )

    return run_action


@pytest.fixture
def run_text(run):
    """Runs an action on a first message, taken for an intent with some certainty."""

    def run_action(
        action: str, text: str, intent: str, language: str, *, certainty: float = 0.95, **slots: Any
    ) -> Outcome:
        taken = {"name": intent, "confidence": certainty}
        return run(action, "question_sl", text=text, intent=taken, language=language, **slots)

    return run_action
