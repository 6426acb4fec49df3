"""An open knowledge base serves as is wished from now on: other languages, other shares."""

from __future__ import annotations

import pytest

from kb import KnowledgeBase
from tests.fake_encoder import FakeEncoder
from tests.scratch_articles import write

NOW = {"languages": ("sl", "en"), "default_language": "en", "answer_precision": 0.9, "suggest_recall": 0.95}


@pytest.fixture
def small(tmp_path) -> KnowledgeBase:
    for language in ("sl", "en", "pl"):
        write(tmp_path / "articles", f"{language}/orders/return", f"Return {language}", ["how do I return it"], "So.")
    return KnowledgeBase.open(tmp_path / "articles", tmp_path / "index", FakeEncoder(), library="off", **NOW)


def test_what_is_the_same_changes_nothing(small):
    before = small.generation
    assert small.adopt(**NOW) is False and small.generation == before


def test_another_language_is_served_and_one_less_is_not(small):
    assert [article.language for article in small.articles()] == ["en", "sl"]
    assert small.adopt(**{**NOW, "languages": ("pl", "en")}) is True
    assert {article.language for article in small.articles() if article.language in small.languages} == {"pl", "en"}
    assert small.article("orders/return", "sl").language == "en"
    assert small.detect_language("Jak mogę zwrócić zamówione buty?") == "pl"
    assert set(small.calibration) == {"pl", "en"}


def test_other_shares_are_calibrated_anew_and_nothing_is_embedded_or_parsed_again(small, monkeypatch):
    before = small.generation
    monkeypatch.setattr("kb.sources.shelf.parse_article", lambda *_: pytest.fail("parsed again"))
    assert small.adopt(**{**NOW, "answer_precision": {"default": 0.8, "sl": 0.97}}) is True
    assert small.answer_precision == {"sl": 0.97, "en": 0.8} and small.generation > before
    assert small.embedded == 0
