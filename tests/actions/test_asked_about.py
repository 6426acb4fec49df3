"""What a question is about is found in an article's words, however either inflects, shortens or mistypes it."""

from __future__ import annotations

import pytest

from actions.asked_about import days_in, read_asked, says_price, stands_for


@pytest.mark.parametrize(
    ("language", "question", "text", "is_there"),
    [
        ("sl", "koliko stane v Nemčijo", "Nemčija: 8,90", True),
        ("sl", "koliko stane v Nemčijo", "Avstrija: 8,90", False),
        ("sl", "kje ste v ljubjani", "Ljubljana", True),
        ("hr", "a za njemacku", "Njemačka", True),
        ("hr", "dostava u Beč", "Austrija", True),
        ("pl", "a do Pragi?", "Czechy", True),
        ("pl", "wysyłka do Niemiec", "Niemcy", True),
        ("en", "what about Vienna", "Austria", True),
        ("en", "shipping to germny", "Germany", True),
        ("en", "shipping to Slovenia", "Slovakia", False),
        ("en", "do you have it", "You have it", False),
    ],
)
def test_a_word_is_found_in_whatever_form(language, question, text, is_there):
    assert bool(read_asked(question, language, text, language).found_in(text, language)) is is_there


@pytest.mark.parametrize(
    ("asked_in", "country"), [("sl", "v Italijo"), ("hr", "u Italiju"), ("pl", "do Włoch"), ("en", "to Italy")]
)
@pytest.mark.parametrize(
    ("language", "name"), [("sl", "Italija"), ("hr", "Italija"), ("pl", "Włochy"), ("en", "Italy")]
)
def test_a_country_is_found_in_every_other_language(asked_in, country, language, name):
    assert read_asked(country, asked_in, name, language).found_in(name, language)


@pytest.mark.parametrize(
    ("language", "text", "days"),
    [
        ("sl", "od ponedeljka do petka", {0, 1, 2, 3, 4}),
        ("sl", "Ponedeljek–četrtek", {0, 1, 2, 3}),
        ("sl", "v soboto in nedeljo", {5, 6}),
        ("hr", "pon-pet", {0, 1, 2, 3, 4}),
        ("hr", "radite li nedjeljom", {6}),
        ("pl", "od wtorku do soboty", {1, 2, 3, 4, 5}),
        ("pl", "w środę", {2}),
        ("en", "Mon–Fri, Sun", {0, 1, 2, 3, 4, 6}),
        ("en", "u open sat?", {5}),
        ("en", "any day", set()),
    ],
)
def test_days_are_known_in_full_shortened_and_as_a_range(language, text, days):
    assert days_in(text, language) == days


@pytest.mark.parametrize(
    ("typed", "name", "does"),
    [("lj", "ljubljana", True), ("zg", "zagreb", True), ("krk", "krakow", True), ("mb", "zagreb", False),
     ("lja", "ljubljana", False), ("lj", "lj", False), ("12", "12345", False), ("l", "ljubljana", False)],
)  # fmt: skip
def test_a_city_in_two_or_three_consonants(typed, name, does):
    assert stands_for(typed, name) is does


@pytest.mark.parametrize(
    ("markdown", "says"),
    [
        ("It costs 3.90 EUR.", True),
        ("We deliver.\n\n## Poland\n- 14,99 zł", True),
        ("From €60 on.", True),
        ("Vračilo v trgovini je brezplačno.\n\n## Kako", True),
        ("Zamjena je besplatna.", True),
        ("Wymiana jest bezpłatna.", True),
        ("Free of charge, once.", True),
        ("To nine countries.\n\n## Good to know\n- Collecting is free of charge.", False),
        ("Within 14 days, room 12.", False),
    ],
)
def test_a_price_is_an_amount_or_that_it_is_free_said_first(markdown, says):
    assert says_price(markdown) is says
