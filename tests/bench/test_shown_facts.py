"""`bench.passages`: its facts are in the articles it names, and what it compares with is what was shown before."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from bench.passages import PASSAGES, Answer, shown_before
from bench.questions import read_questions
from kb import Hit
from kb.sources.articles import parse_article
from odziv.settings import LANGUAGES

ARTICLES = Path(__file__).parents[2] / "kb" / "articles"


def article_of(identity, language):
    path = ARTICLES / language / f"{identity}.md"
    return parse_article(path.read_bytes(), path, ARTICLES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_fact_is_in_its_article(language):
    questions = read_questions(language, PASSAGES)
    for question in questions:
        article = article_of(question["article"], language)
        assert re.search(question["fact"], " ".join(each.plain for each in article.passages)), question
    assert len(questions) >= 30 and max(Counter(each["article"] for each in questions).values()) <= 2


def test_a_fact_is_found_in_the_words_shown_only():
    answer = Answer({"fact": "5 days"}, ["within", "5", "days"], ["it", "waits"])
    assert answer.has_fact(answer.shown) and not answer.has_fact(answer.alone)
    assert not answer.has_fact(answer.shown[:2])


def test_before_only_the_best_passage_of_a_long_article_was_shown():
    article = article_of("shops/locations", "en")
    last = article.passages[-1]
    hit = Hit(article.id, "en", article.title, None, last.text, 0.9, {})
    short = replace(article, passages=article.passages[:2])
    assert shown_before(article, hit).startswith("We have six shops") and "Ljubljana" not in shown_before(article, hit)
    assert "Ljubljana" in shown_before(short, replace(hit, text=article.passages[0].text))
