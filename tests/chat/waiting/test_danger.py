"""Words of danger, and what only sounds like it: `known` was in view when the patterns were written, `held_out` not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kb.language.text import fold
from odziv.cases.danger import Danger, find_danger
from odziv.settings import LANGUAGES

DATA = Path(__file__).parents[2] / "data" / "danger"
DIED = {"sl": "želim umreti", "hr": "želim umrijeti", "pl": "chcę umrzeć", "en": "I want to die"}


def kind_of(text: str) -> str | None:
    danger = find_danger(text)
    return danger and danger.kind


def read(part: str, language: str) -> list[tuple[str, str | None]]:
    rows = map(json.loads, (DATA / part / f"{language}.jsonl").read_text(encoding="utf-8").splitlines())
    return [(row["text"], row["danger"]) for row in rows]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_in_view_is_told_apart(language):
    assert [(text, kind_of(text)) for text, _ in read("known", language)] == read("known", language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_held_out_is_told_apart(language):
    """Floors; the figures are printed."""
    rows = read("held_out", language)
    found = [kind_of(text) is not None for text, kind in rows if kind]
    alarms = [kind_of(text) is not None for text, kind in rows if not kind]
    print(f"{language}: {sum(found)} of {len(found)} found, {sum(alarms)} of {len(alarms)} false alarms")
    assert len(found) >= 15 and len(alarms) >= 13
    assert sum(found) / len(found) >= 0.9 and sum(alarms) <= 1


@pytest.mark.parametrize("text", (DATA / "ordinary.txt").read_text(encoding="utf-8").splitlines())
def test_what_customers_of_a_shop_write_is_no_danger(text):
    assert find_danger(text) is None


@pytest.mark.parametrize("shape", [str, str.upper, str.title, fold, "{}!!!".format, "  {} \n".format, "»{}«".format])
@pytest.mark.parametrize("language", LANGUAGES)
def test_however_it_is_typed(language, shape):
    assert kind_of(shape(DIED[language])) == "self"


@pytest.mark.parametrize(
    "text",
    [
        "i wantt to dieeee", "im going to kil myslef", "thinking of sucide", "i DONT want to live anymor",
        "zelim umrteti", "nebi rad vec zivel, nocm zivet", "razmisljam o samomru",
        "zelim umrjeti", "ubicu se", "razmisljam o samoubojstu",
        "chce umzec", "mysle o samobojstiwe", "zabije sie",
    ],
)  # fmt: skip
def test_misspelt(text):
    assert kind_of(text) == "self"


@pytest.mark.parametrize(
    "text",
    [
        "Where is my parcel? I want to die.", "This postage is killing me. I want to kill myself.",
        "Hi, two things: how do I return a tent, and I want to die", "Kje je moj paket? Hočem umreti.",
        "Ubit ću se\n\n--\nPoslano s mog telefona", "Umieram z ciekawości. Zabiję się.",
    ],
)  # fmt: skip
def test_beside_something_else(text):
    assert kind_of(text) == "self"


def test_to_harm_oneself_weighs_more_than_danger_around():
    assert kind_of("Our tent is on fire and I want to die") == "self"


def test_the_language_to_answer_in():
    assert find_danger("Ubit ću se") == Danger("self", ("hr",))
    assert Danger("self", ("hr",)).language("sl", LANGUAGES) == "hr"
    assert Danger("self", ("sl", "hr")).language("hr", LANGUAGES) == "hr"
    assert Danger("self", ("hr",)).language("sl", ("sl", "en")) == "sl"


@pytest.mark.parametrize("text", ["", " ", ".", "🙂", "\0", "\ud800", "'", "x" * 20_000, "se bom " * 3000])
def test_odd_words_say_nothing(text):
    assert find_danger(text) is None


@pytest.mark.parametrize("text", [
    "Ali kurir poskusi še enkrat, če me ni bilo?", "dobila sam papirić da me nije bilo",
    "kurier był a mnie nie było, co dalej", "Kurier oznaczył paczkę jako dostarczoną, a nikogo u mnie nie było.",
    "czy zatrudniacie studentów na wakacje", "Šaljete li u Samobor? Utrka je u Samoboru.",
    "Is the elderflower one gone for ever?", "your checkout keeps kicking me back to the cart",
    "He'd have a heart attack if he saw what I spent.",
])  # fmt: skip
def test_whoever_missed_the_courier_or_asks_for_a_job_is_in_no_danger(text):
    assert find_danger(text) is None


@pytest.mark.parametrize(
    ("text", "kind", "language"),
    [
        ("pusti paket, kolega mi je zdrsnil z grebena, krvavi iz glave in se ne odziva", "acute", "sl"),
        ("izgubili smo se u magli, pada mrak i ne možemo dalje", "acute", "hr"),
        ("zgubiłam się na szlaku, jest ciemno i nie mogę iść", "acute", "pl"),
        ("we are stuck on the ridge, my friend fell and he's bleeding bad", "acute", "en"),
        ("ni treba pošiljat, jutri me itak več ne bo", "self", "sl"),
        ("ne šaljite ništa, sutra me ionako više neće biti", "self", "hr"),
        ("nie wysyłajcie, dziś wieczorem kończę z tym wszystkim", "self", "pl"),
        ("dont bother with the order, im ending it tonight", "self", "en"),
    ],
)
def test_accidents_in_the_mountains_and_an_end_beside_an_order_are_known(text, kind, language):
    found = find_danger(text)
    assert found is not None and found.kind == kind and language in found.languages
