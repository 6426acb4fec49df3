"""Search as one types, on the lexical side alone."""

from __future__ import annotations

import pytest

from kb.article_search import ArticleSearch, shorten
from kb.sources.articles import find_files, parse_article
from kb.sources.categories import name_of, read_categories


@pytest.fixture
def search(folder) -> ArticleSearch:
    files = find_files(folder / "en")
    return ArticleSearch([parse_article(path.read_bytes(), path, folder) for path in files])


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("ret", "orders/return"), ("RETURN", "orders/return"), ("retrun", "orders/return"),
        ("passwrd", "account/password"),
        ("delivry cost", "delivery/cost"), ("paypal", "payment/methods"), ("forgot", "account/password"),
        ("péssword", "account/password"),
    ],
)  # fmt: skip
def test_begun_misspelt_and_accented_words_are_understood(search, typed, wanted):
    assert search.find(typed)[0].article.id == wanted


def test_every_beginning_of_a_title_finds_it_among_the_first(search):
    for end in range(4, len("Forgotten password") + 1):
        assert "account/password" in [hit.article.id for hit in search.find("Forgotten password"[:end])][:2], end


def test_what_nobody_wrote_about_finds_nothing(search):
    for typed in ("", "?", "xqzw", "0000000"):
        assert search.find(typed) == []


def test_no_articles_no_hits():
    assert ArticleSearch([]).find("anything") == []


def test_the_piece_shown_has_the_words(search):
    assert search.find("label")[0].snippet == "Stick the label on the parcel."


def test_long_words_and_many_words_take_no_longer(search):
    assert search.find("x" * 100_000) == []
    assert len(search.find("return " * 10_000)) <= 8


def test_cutting_is_at_a_word():
    assert shorten("one two\nthree", 9) == "one two…" and shorten(" a  b ") == "a b"


def test_names_of_categories(tmp_path):
    assert read_categories(tmp_path) == {}
    (tmp_path / "categories.yml").write_text("orders: {sl: Naročila}\n", "utf-8")
    names = read_categories(tmp_path)
    assert name_of(names, "orders", "sl") == "Naročila" and name_of(names, "lost-and-found", "sl") == "Lost and found"
