"""The main job through the widget's interface: ask, be answered from the right article, reach a person."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import uuid
from urllib.parse import urljoin

import httpx
import pytest

from tests.whole.conftest import ROOT, Served

pytestmark = [pytest.mark.rasa, pytest.mark.encoder]

# Worded as in no article.
QUESTIONS = {
    "sl": ("Bi rad vrnil šotor, ki sem ga kupil prejšnji teden, kako gre to?", "orders/return"),
    "hr": ("Do kada vam radi dućan u Splitu subotom?", "shops/opening-hours"),
    "pl": ("Nie pamiętam hasła, jak się teraz zalogować?", "account/password"),
    "en": ("What would you charge me for sending a parcel to Zagreb?", "delivery/cost"),
}
PERSON = {
    "sl": "Povežite me s človekom, prosim.",
    "hr": "Želim razgovarati s osobom.",
    "pl": "Chcę rozmawiać z człowiekiem.",
    "en": "Can I speak to a real person please?",
}


class Visitor:
    """A customer's side of the interface, on one connection."""

    def __init__(self, url: str, language: str, site: str = "demo") -> None:
        self.http = httpx.Client(base_url=f"{url}/api/v1", timeout=30.0, trust_env=False)
        opened = self.http.post("/conversations", json={"site": site, "language": language})
        assert opened.status_code == 201, opened.text
        self.id = opened.json()["conversation"]["id"]
        self.http.headers["Authorization"] = f"Bearer {opened.json()['token']}"

    def close(self) -> None:
        """Hangs up."""
        self.http.close()

    def say(self, text: str, client_id: str | None = None) -> dict:
        """Posts a message; returns it as stored."""
        body = {"client_id": client_id or uuid.uuid4().hex, "text": text}
        posted = self.http.post(f"/conversations/{self.id}/messages", json=body)
        assert posted.status_code == 201, posted.text
        return posted.json()["message"]

    def reaction(self, after: int) -> dict:
        """The first message of somebody else after `after`, from the event stream."""
        headers = {"Last-Event-ID": str(after)}
        with self.http.stream("GET", f"/conversations/{self.id}/events", headers=headers) as stream:
            event, deadline = None, time.monotonic() + 30
            for line in stream.iter_lines():
                assert time.monotonic() < deadline, "nobody reacted within 30 s"
                if line.startswith("event: "):
                    event = line.removeprefix("event: ")
                if line.startswith("data: ") and event == "message":
                    message = json.loads(line.removeprefix("data: "))
                    if message["sender"] != "customer":
                        return message
        raise AssertionError("the stream ended without a reaction")

    def status(self) -> str:
        """Who has the conversation."""
        return self.http.get(f"/conversations/{self.id}/messages").json()["conversation"]["status"]


@pytest.fixture
def visit(served):
    """Opens conversations in a language; hangs up after the test."""
    visitors = []

    def open_one(language: str) -> Visitor:
        visitors.append(Visitor(served.url, language))
        return visitors[-1]

    yield open_one
    for visitor in visitors:
        visitor.close()


def queue(served: Served) -> list[dict]:
    """What `flask handoffs --json` prints."""
    environment = {**os.environ, "ODZIV_VAR": str(served.var)}
    printed = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "server", "handoffs", "--json"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(printed.stdout)


@pytest.mark.parametrize("language", QUESTIONS)
def test_question_is_answered_from_its_article_in_its_language(served, visit, language):
    question, article = QUESTIONS[language]
    visitor = visit(language)
    answer = visitor.reaction(visitor.say(question)["seq"])
    assert answer["sender"] == "bot"
    assert answer["answer"]["article"] == article, answer["text"]
    assert answer["answer"]["language"] == language
    assert any(button["kind"] == "human" for button in answer["buttons"])
    page = httpx.get(urljoin(served.url, answer["answer"]["url"]))
    assert page.status_code == 200 and answer["answer"]["title"] in page.text


@pytest.mark.parametrize("language", PERSON)
def test_asking_for_a_person_puts_the_whole_conversation_into_the_queue(served, visit, language):
    question, _ = QUESTIONS[language]
    visitor = visit(language)
    visitor.reaction(visitor.say(question)["seq"])
    asked = visitor.say(PERSON[language])
    assert visitor.reaction(asked["seq"])["sender"] == "system"
    assert visitor.status() == "queued"
    handoff = next(entry for entry in queue(served) if entry["conversation"] == visitor.id)
    assert (handoff["language"], handoff["reason"]) == (language, "requested")
    said = [(message["sender"], message["text"]) for message in handoff["messages"]]
    assert said[0] == ("customer", question) and ("customer", PERSON[language]) in said
    assert said[1][0] == "bot"


def test_what_nobody_can_answer_reaches_a_person_after_at_most_two_questions_back(visit):
    visitor = visit("en")
    asked = (
        "Which of your tents would survive a winter on Mars?",
        "I mean the gravity over there, would the poles bend?",
        "That is not it. Martian storms and tent poles!",
    )
    for text in asked:
        if visitor.status() == "bot":
            reaction = visitor.reaction(visitor.say(text)["seq"])
            assert reaction["answer"] is None
    assert visitor.status() == "queued"


def test_slash_is_text(visit):
    visitor = visit("en")
    message = visitor.say("/request_human")
    assert message["text"] == "/request_human"
    visitor.reaction(message["seq"])


def test_health_names_every_part(served):
    health = httpx.get(f"{served.url}/health").json()
    assert health["status"] == "ok"
    assert set(health["parts"]) == {"web", "worker", "rasa", "knowledge_base", "store", "webhooks"}
