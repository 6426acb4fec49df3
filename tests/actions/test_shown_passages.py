"""What of an article a customer is shown: the examples are the shipped articles', in four languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from actions.answer import find_answer
from actions.passages import SHOWN, compose
from actions.replies import Replies
from actions.rows import count_words
from kb import Article
from kb.sources.articles import parse_article
from tests.actions.conftest import make_article

SHIPPED = Path(__file__).parents[2] / "kb" / "articles"
COUNTRIES = (
    "Austria Belgium Bulgaria Cyprus Czechia Denmark Estonia Finland France Germany Greece Hungary Ireland Italy"
)
ROWS = "\n".join(
    f"| {country} | {price}.90 EUR, there in time and without fail |"
    for price, country in enumerate(COUNTRIES.split(), 3)
)
LONG = f"""Prices depend on where you live. {"There is more to it. " * 12}

## Prices
With tax. These are the prices:

| Country | Price |
|---|---|
{ROWS}

## Weekends
{"We rest. " * 20}We never deliver on Sundays.

## Exceptions
{"None that we know of. " * 20}
"""


def shipped(article_id: str, language: str) -> Article:
    path = SHIPPED / language / f"{article_id}.md"
    return parse_article(path.read_bytes(), path, SHIPPED)


def shown(article_id: str, language: str, *asked: str) -> str:
    return compose(shipped(article_id, language), asked, language).text


def order(text: str, *parts: str) -> bool:
    """Whether the parts are in the text, in this order."""
    places = [text.find(part) for part in parts]
    return -1 not in places and places == sorted(places)


@pytest.mark.slow
@pytest.mark.parametrize("path", sorted(SHIPPED.rglob("*.md")), ids=lambda path: str(path.relative_to(SHIPPED)))
def test_a_short_article_is_shown_whole(path):
    article = parse_article(path.read_bytes(), path, SHIPPED)
    found = compose(article, [article.questions[0]], article.language, [len(article.passages) - 1])
    assert found.is_whole and count_words(found.text) >= sum(len(each.plain.split()) for each in article.passages)
    assert all(each.heading is None or f"**{each.heading}**" in found.text for each in article.passages)


@pytest.mark.parametrize(
    ("language", "article", "asked", "facts"),
    [
        ("sl", "payment/methods", "Kako lahko plačam?", ["kartico (Visa", "PayPala"]),
        ("hr", "payment/methods", "Kako mogu platiti?", ["karticom (Visa", "PayPal"]),
        ("pl", "payment/methods", "Jak mogę zapłacić?", ["kartą (Visa", "PayPal"]),
        ("en", "payment/methods", "how can I pay", ["card (Visa", "PayPal"]),
        ("sl", "payment/invoice", "potrebujem račun", ["Moj račun → Naročila → Račun"]),
        ("hr", "payment/invoice", "trebam račun", ["Moj račun → Narudžbe → Račun"]),
        ("pl", "payment/invoice", "poproszę fakturę", ["Moje konto → Zamówienia → Faktura"]),
        ("en", "payment/invoice", "I need my invoice", ["My account → Orders → Invoice"]),
        ("sl", "orders/return", "kako vrnem šotor", ["14 dneh", "nerabljen"]),
        ("hr", "orders/return", "kako vratiti šator", ["14 dana", "nekorišten"]),
        ("pl", "orders/return", "jak zwrócić namiot", ["14 dni", "nieużywany"]),
        ("en", "orders/return", "how do I return a tent", ["within 14 days", "unused"]),
    ],
)  # fmt: skip
def test_the_opening_is_always_there_and_first_where_nothing_else_is_named(language, article, asked, facts):
    text = shown(article, language, asked)
    opening = shipped(article, language).passages[0].text
    assert text.startswith(opening) and all(fact in text for fact in facts)


@pytest.mark.parametrize(
    ("language", "asked", "row", "other"),
    [
        ("sl", "kje ste v Splitu", "**Split:** Marmontova 7", "**Ljubljana:**"),
        ("sl", "kje pa ste v lj", "**Ljubljana:** Slovenska cesta 58", "**Zagreb:**"),
        ("sl", "kje pa v Mariboru?", "**Maribor:** Partizanska cesta 21", "**Ljubljana:**"),
        ("hr", "gdje ste u splitu", "**Split:** Marmontova 7", "**Zagreb:**"),
        ("hr", "a u Krakovu?", "**Krakov:** ul. Długa 30", "**Zagreb:**"),
        ("hr", "a u mb?", "**Maribor:** Partizanska cesta 21", "**Zagreb:**"),
        ("pl", "gdzie jesteście w Splicie, adres", "**Split:** Marmontova 7", "**Kraków:**"),
        ("pl", "a w Warszawie?", "**Warszawa:** ul. Puławska 44", "**Kraków:**"),
        ("pl", "sklep w Lublanie", "**Lublana:** Slovenska cesta 58", "**Kraków:**"),
        ("en", "where are you in Split", "**Split:** Marmontova 7", "**Ljubljana:**"),
        ("en", "wheres the zg one", "**Zagreb:** Ilica 85", "**Ljubljana:**"),
        ("en", "and in krakow?", "**Kraków:** ul. Długa 30", "**Ljubljana:**"),
    ],
)
def test_the_row_that_was_asked_about_comes_first(language, asked, row, other):
    article = shipped("shops/locations", language)
    text = shown("shops/locations", language, asked)
    assert order(text, article.passages[1].heading, row, other, article.passages[0].text, article.passages[2].heading)


@pytest.mark.parametrize(
    ("language", "asked", "row", "other"),
    [
        ("sl", "koliko stane dostava v nemčijo", "Nemčija: 8,90", "- Slovenija: 3,90"),
        ("sl", "pa na Češko", "Češka, Slovaška", "- Slovenija: 3,90"),
        ("hr", "koliko košta dostava u njemacku", "Njemačka: 8,90", "- Hrvatska: 4,90"),
        ("hr", "a za Mađarsku?", "Mađarska, Češka", "- Hrvatska: 4,90"),
        ("pl", "ile kosztuje wysyłka do Niemiec", "Niemcy: 8,90", "- Polska: 19"),
        ("pl", "a na Węgry?", "Węgry, Czechy", "- Polska: 19"),
        ("en", "what does delivery to Germany cost", "Germany: 8.90", "- Slovenia: 3.90"),
        ("en", "what about Vienna?", "- Austria, Italy", "- Slovenia: 3.90"),
    ],
)
def test_the_price_for_the_country_that_was_asked_comes_before_all_others(language, asked, row, other):
    opening = shipped("delivery/cost", language).passages[0].text
    assert order(shown("delivery/cost", language, asked), row, other, opening)


@pytest.mark.parametrize(
    ("language", "asked", "heading", "first"),
    [
        ("sl", "pa v Varšavi v soboto?", "Poljska (", "- Sobota: 10.00–18.00"),
        ("hr", "a subotom u Krakovu?", "Poljska (", "- Subota: 10–18"),
        ("pl", "w sobotę w Lublanie?", "Słowenia i Chorwacja (", "- Sobota: 9:00–14:00"),
        ("en", "krakow on wed?", "Poland (", "- Monday–Friday: 10:00–20:00"),
        ("en", "sat in warsaw", "Poland (", "- Saturday: 10:00–18:00"),
    ],
)
def test_the_section_and_the_day_that_were_asked_about_come_first(language, asked, heading, first):
    text = shown("shops/opening-hours", language, asked)
    assert text.startswith(f"**{heading}") and text.partition("\n\n")[2].startswith(first)


@pytest.mark.parametrize(
    ("language", "asked", "before", "row"),
    [
        ("sl", "pa koliko stane?", "a pošiljate v Nemčijo", "Nemčija: 8,90"),
        ("hr", "a koliko to košta?", "šaljete li u Njemačku", "Njemačka: 8,90"),
        ("pl", "a ile to kosztuje?", "wysyłacie do Niemiec?", "Niemcy: 8,90"),
        ("en", "and how much is it?", "do you ship to Germany", "Germany: 8.90"),
    ],
)
def test_in_a_follow_up_that_names_nothing_what_was_named_before_comes_first(kb, language, asked, before, row):
    kb.shelf["delivery/cost", language] = shipped("delivery/cost", language)
    kb.found = ("delivery/cost",)
    text = find_answer(kb, Replies(kb), asked, language, (before, "delivery/countries"))["text"]
    assert order(text, row, kb.shelf["delivery/cost", language].passages[0].text)


def test_a_question_in_another_language_finds_the_country_by_its_own_name():
    text = compose(shipped("delivery/cost", "sl"), ["what about Germany"], "en").text
    assert order(text, "Nemčija: 8,90", "- Slovenija: 3,90", "Dostava na dom")


def test_the_likeliest_passage_follows_the_opening():
    text = compose(shipped("vouchers/gift-card", "en"), ["mine is gone"], "en", [2, 1, 0]).text
    assert order(text, "Yes, we sell gift cards", "Lost gift card", "Using a gift card")


@pytest.mark.parametrize(
    ("language", "asked"),
    [
        ("sl", "dostava na dom na Slovaško"),
        ("hr", "kućna dostava u Slovačku"),
        ("pl", "dostawa na Słowację"),
        ("en", "home delivery to Slovakia"),
    ],
)
def test_where_the_opening_names_it_no_likely_passage_goes_before_it(language, asked):
    article = shipped("delivery/countries", language)
    assert compose(article, [asked], language, [2, 1, 0]).text.startswith(article.passages[0].text)


def test_steps_and_rows_of_one_sentence_keep_their_order():
    returned = shown("orders/return", "en", "bring it to a shop")
    assert order(returned, "1. Fill in", "2. Pack", "3. Send")
    late = shown("orders/late-parcel", "en", "refund the full amount")
    assert order(late, "- we send you a new parcel, or\n- we refund")


@pytest.mark.parametrize(
    ("language", "says"),
    [("sl", "Celoten članek:"), ("hr", "Cijeli članak:"), ("pl", "Cały artykuł:"), ("en", "The whole article:")],
)
def test_of_a_long_table_the_rows_asked_about_with_the_sentence_before_it_the_opening_and_a_link(kb, language, says):
    asked = {"sl": "v Grčijo", "hr": "u Grčku", "pl": "do Grecji", "en": "to greece"}[language]
    kb.found = ("orders/late-parcel",)
    kb.shelf["orders/late-parcel", "en"] = make_article("orders/late-parcel", "en", LONG)
    text = find_answer(kb, Replies(kb, "https://help.example"), asked, language)["text"]
    table = "| Country | Price |\n|---|---|\n| Greece | 13.90 EUR, there in time and without fail |\n\n"
    assert order(text, "**Prices**", f"These are the prices:\n\n{table}", "Prices depend on where you live.", says)
    assert "Italy" not in text and text.endswith("[A late parcel](https://help.example/help/en/orders/late-parcel)")
    assert count_words(text) <= SHOWN + 15


def test_a_long_article_is_never_shown_without_its_opening():
    article = make_article("orders/return", "en", LONG)
    for likely in range(len(article.passages)):
        found = compose(article, ["and?"], "en", [likely])
        assert found.text.startswith("Prices depend") and not found.is_whole
        assert article.passages[likely].text[:20] in found.text


def test_a_chosen_article_begins_at_its_beginning(kb):
    kb.shelf["orders/return", "en"] = make_article("orders/return", "en", LONG)
    text = Replies(kb, "").chosen("orders/return", "en")["text"]
    assert order(text, "Prices depend", "**Prices**", "| Austria |", "The whole article: [Returning an item]")
    assert "Exceptions" not in text


def test_the_link_to_the_whole_article_shows_where_something_is_left_out_only(kb):
    assert "The whole article" not in Replies(kb, "").chosen("orders/return", "en")["text"]
