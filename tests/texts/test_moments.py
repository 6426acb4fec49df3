"""A moment in a customer's words and the business's zone."""

from __future__ import annotations

from datetime import datetime

import pytest

from odziv.texts.moments import list_words, name_language, own_name, say_date, say_time, say_when
from tests.chat.waiting.test_hours import LJUBLJANA, at

NOW = at("2026-11-23 17:00")  # a Monday


@pytest.mark.parametrize(
    ("language", "today", "tomorrow", "later"),
    [
        ("en", "today at 18:30", "tomorrow, Tuesday, at 8:00", "on Monday, 7 December, at 8:05"),
        ("sl", "danes ob 18.30", "jutri, v torek, ob 8.00", "v ponedeljek, 7. decembra, ob 8.05"),
        ("hr", "danas u 18:30", "sutra, u utorak, u 8:00", "u ponedjeljak, 7. prosinca, u 8:05"),
        ("pl", "dzisiaj o 18:30", "jutro, we wtorek, o 8:00", "w poniedziałek, 7 grudnia, o 8:05"),
    ],
)
def test_today_tomorrow_and_later(language, today, tomorrow, later):
    moments = ("2026-11-23 18:30", "2026-11-24 08:00", "2026-12-07 08:05")
    assert [say_when(at(moment), NOW, LJUBLJANA, language) for moment in moments] == [today, tomorrow, later]


def test_a_language_without_words_is_told_in_english():
    assert say_when(at("2026-11-24 08:00"), NOW, LJUBLJANA, "de") == "tomorrow, Tuesday, at 8:00"


def test_what_is_tomorrow_is_decided_by_the_business_s_zone():
    moment, now = at("2026-11-24 00:30"), at("2026-11-23 23:45")
    assert say_when(moment, now, LJUBLJANA, "en") == "tomorrow, Tuesday, at 0:30"
    assert say_when(moment, now, "America/New_York", "en") == "today at 18:30"


def test_over_a_clock_change_tomorrow_stays_tomorrow():
    assert say_when(at("2026-10-25 08:00"), at("2026-10-24 23:30"), LJUBLJANA, "en") == "tomorrow, Sunday, at 8:00"


@pytest.mark.parametrize(
    ("language", "day", "time", "listed"),
    [
        ("en", "7 December 2026", "8:05", "a, b and c"),
        ("sl", "7. 12. 2026", "8.05", "a, b in c"),
        ("hr", "7. 12. 2026.", "8:05", "a, b i c"),
        ("pl", "7.12.2026", "8:05", "a, b i c"),
    ],
)
def test_dates_times_and_lists_are_each_languages_own(language, day, time, listed):
    moment = datetime(2026, 12, 7, 8, 5)
    assert (say_date(moment, language), say_time(moment, language)) == (day, time)
    assert list_words(["a", "b", "c"], language) == listed


def test_a_language_is_named_within_a_sentence_and_by_itself():
    codes = ("sl", "hr", "pl", "en")
    assert {code: [name_language(each, code) for each in codes] for code in codes} == {
        "sl": ["slovenščina", "hrvaščina", "poljščina", "angleščina"],
        "hr": ["slovenski", "hrvatski", "poljski", "engleski"],
        "pl": ["słoweński", "chorwacki", "polski", "angielski"],
        "en": ["Slovenian", "Croatian", "Polish", "English"],
    }
    assert [own_name(code) for code in codes] == ["Slovenščina", "Hrvatski", "Polski", "English"]
    assert name_language("xx", "sl") == "xx"
