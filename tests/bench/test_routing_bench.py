"""What is counted of the intent model's mistakes, and from which messages."""

from __future__ import annotations

import pytest
import yaml

from bench import routing
from bench.routing import ABOUT_PEOPLE, TAKEN_FOR, is_met, measure, read_examples, show, together, unseen_topics
from odziv.settings import ROOT

QUESTIONS = {"ask_question", "out_of_scope", "nlu_fallback"}
PRESSED = {"choose_article", "go_on"}


def test_every_intent_is_counted_as_something():
    domain = yaml.safe_load((ROOT / "bot" / "domain" / "assistant.yml").read_text("utf-8"))
    assert set(domain["intents"]) == TAKEN_FOR.keys() | QUESTIONS | PRESSED


@pytest.mark.slow
def test_questions_are_none_that_the_model_learnt_from_or_that_want_a_person():
    examples = read_examples()
    topics = unseen_topics(examples)
    assert len(examples) > 300 and len(topics) > 50
    assert not [topic for topic in topics if topic.id.startswith(ABOUT_PEOPLE)]
    asked = routing.questions("sl", topics)
    assert len(set(asked)) == routing.A_LANGUAGE and asked == routing.questions("sl", topics)
    assert examples.isdisjoint(asked)


@pytest.fixture
def few(monkeypatch):
    """Four questions and two wishes a language."""
    monkeypatch.setattr(routing, "unseen_topics", lambda examples: [])
    monkeypatch.setattr(routing, "questions", lambda language, topics: ["where", "when", "boo", "man"])
    monkeypatch.setattr(routing, "wishes", lambda language: ["man", "men"])
    monkeypatch.setattr(routing, "read_rows", lambda path: [{"text": "two men"}, {"text": "man"}])


def test_shares_are_of_all_languages(few):
    intents = {"boo": "complaint", "man": "request_human", "men": "doubtful_human", "when": "nlu_fallback"}
    rows = list(measure(lambda text: intents.get(text, "ask_question")))
    total = together(rows)
    assert (total["questions"], total["wish"], total["anger"], total["doubtful"]) == (16, 4, 4, 0)
    assert (total["false"], total["understood_share"], total["supposed_share"]) == (0.5, 0.5, 1.0)
    assert total["fetched_share"] == 0.5 and not is_met(total)
    assert "questions taken for something else 50.0%" in show(rows, total)


def test_it_is_met_when_all_three_are(few):
    total = together(list(measure(lambda text: {"man": "request_human", "men": "request_human"}.get(text, "greet"))))
    assert not is_met(total)
    assert is_met(total | {"false": 0.05, "understood_share": 0.98, "fetched_share": 0.0})
    assert not is_met(total | {"false": 0.05, "understood_share": 0.97, "fetched_share": 0.0})
