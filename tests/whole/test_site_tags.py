"""Of a site with `tags: [orders]`, Rasa included, questions are answered only from that category and that tag."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import pytest
import yaml

from tests.whole.conftest import ROOT, Served
from tests.whole.test_path import Visitor

pytestmark = [pytest.mark.rasa, pytest.mark.encoder]

QUESTIONS = {
    "en": [
        "How do I return an item?",
        "Can I cancel my order?",
        "How much is delivery?",
        "Which payment methods do you take?",
        "I have forgotten my password",
        "Do you sell gift vouchers?",
        "What are your opening hours?",
        "How do you use my personal data?",
        "My tent is broken, how do I complain?",
    ],
    "sl": [
        "Kako vrnem izdelek?",
        "Koliko stane dostava?",
        "Kako lahko plačam?",
        "Pozabila sem geslo",
        "Kdaj ste odprti?",
        "Koliko stane dostava in kako lahko plačam?",
    ],
}


def allowed(language: str) -> set[str]:
    """The articles in the category, or with the tag."""
    root = ROOT / "kb" / "articles" / language
    heads = {path: yaml.safe_load(path.read_text(encoding="utf-8").split("---")[1]) for path in root.rglob("*.md")}
    tagged = (path for path, head in heads.items() if path.parent.name == "orders" or "orders" in head.get("tags", ()))
    return {path.relative_to(root).with_suffix("").as_posix() for path in tagged}


def articles_of(served: Served, conversation_id: str) -> set[str]:
    """All that was given, offered or considered in a conversation."""
    query = "SELECT answer, buttons, considered FROM messages WHERE conversation_id = ? AND sender <> 'customer'"
    with closing(sqlite3.connect(f"file:{served.var / 'odziv.sqlite'}?mode=ro", uri=True)) as connection:
        cells = [cell for row in connection.execute(query, (conversation_id,)) for cell in row if cell]
    entries = [entry for cell in cells for entry in _as_list(json.loads(cell))]
    return {entry["article"] for entry in entries if entry.get("article")}


def _as_list(value) -> list[dict]:
    return value if isinstance(value, list) else [value] if value else []


@pytest.mark.parametrize("language", QUESTIONS)
def test_answers_come_only_from_there(served, language):
    told: set[str] = set()
    for question in QUESTIONS[language]:
        visitor = Visitor(served.url, language, "only-orders")
        visitor.reaction(visitor.say(question)["seq"])
        told |= articles_of(served, visitor.id)
        visitor.close()
    assert told and told <= allowed(language)


def test_of_the_other_site_they_come_from_everywhere(served):
    visitor = Visitor(served.url, "en")
    visitor.reaction(visitor.say("How much is delivery?")["seq"])
    assert any(article.startswith("delivery/") for article in articles_of(served, visitor.id))
    visitor.close()
