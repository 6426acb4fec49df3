"""What is wrong with a setting is said in the agent's language, on every page of settings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import pytest

from odziv.cases.settings.wording import OTHER, find_message, say_problem
from odziv.desk.api.settings import list_keys
from odziv.desk.settings.kinds import read_value
from odziv.settings import Settings
from odziv.settings.layers import UnfitValues, build
from odziv.settings.wrong import Problem
from odziv.store.settings.changes import change_values, read_values
from odziv.texts.desk import speaking
from tests.texts.desk_catalogues import CLOSE, OPEN, in_brackets, offer, write_catalogue

TYPED = ("", "x", "0", "-5", "7", "1.5", "999999999", "x" * 2000, "two\nlines", "\x1b[2J", "{{x}}", "8:00-25:00", "٣",
         "<b>%s%(x)s</b>", "javascript:alert(1)", "a b@c", "a@shop.example", "#12", "closed", "UTC")  # fmt: skip
FILE = {
    "sites": {"shop": {"name": "Shop", "greeting": {"pl": "Cześć"}}},
    "answer_precision": {"default": 0.9, "hr": 0.8},
    "categories": {"orders": {"sl": "Naročila"}},
    "mail": {
        "smtp": {"host": "127.0.0.1", "security": "none"},
        "mailboxes": {"sales": {"address": "sales@shop.example"}},
    },
}


@pytest.fixture(scope="module")
def bracketed() -> str:
    return in_brackets()


@pytest.fixture
def brackets(monkeypatch, tmp_path, bracketed):
    """Has the desk speak in brackets to whoever asks for Slovenian."""
    write_catalogue(monkeypatch, tmp_path, "sl", bracketed)
    offer(monkeypatch, "sl")


class Everywhere(dict[str, str]):
    """A form in each of whose fields the same was typed."""

    def __init__(self, typed: str) -> None:
        super().__init__()
        self.typed = typed

    def get(self, _name: str, _default: str = "") -> str:
        return self.typed


def problems_of(base: Settings, values: dict[str, object]) -> Iterator[Problem]:
    try:
        build(base, values)
    except UnfitValues as unfit:
        yield from unfit.problems.values()


def said_in_brackets(problem: Problem) -> bool:
    with speaking("sl"):
        said = say_problem(problem)
    return said.startswith(OPEN) and said.endswith(CLOSE)


def test_whatever_is_typed_into_a_form_is_refused_in_words_for_it(brackets):
    base, found = Settings.model_validate({"sites": FILE["sites"], "mail": FILE["mail"]}), []
    for key in list_keys(base):
        for typed in TYPED:
            value = read_value(key, Everywhere(typed))
            found += problems_of(base, {key: value}) if value is not None else ()
    kinds = {problem.kind for problem in found}
    assert {"int_type", "less_than_equal", "greater_than_equal", "string_too_long", "literal_error", ""} <= kinds
    assert [problem for problem in found if not problem.message and find_message(problem) == OTHER] == []
    assert [problem for problem in found if not said_in_brackets(problem)] == []


@pytest.mark.parametrize(
    ("values", "part"),
    [
        ({"languages": ["sl"]}, "when nothing tells which one a customer speaks is angleščina"),
        ({"languages": ["en"]}, "the website “Shop” has the language poljščina"),
        ({"languages": ["en", "pl", "hr"]}, "the category “orders” has a name in the language slovenščina"),
        ({"languages": ["en", "pl", "sl"]}, "has a share for the language hrvaščina"),
        ({"mail/language": "xx"}, "a mail whose text doesn’t tell is xx"),
        ({"mail/site": "other"}, "belong to the website “other”, which would be missing"),
        ({"retention/sites/other/mail": 3}, "names the website “other”, which would be missing"),
        ({"suggest_recall": {"default": 1.2}}, "⟦All languages⟧: write a number from 50 to 99,9"),
        ({"suggest_recall": 1.2}, "write a number from 50 to 99,9"),
        ({"desk/undo_seconds": 61}, "write 60 or less"),
        ({"sites/a b": True, "sites/a b/name": "A"}, "up to 64 letters"),
        ({"sites/other/color": "#112233"}, "there is no such website"),
        ({"mail/mailboxes/sales/site": "other"}, "belong to the website “other”, which would be missing"),
        ({"mail/mailboxes/other/site": "shop"}, "there is no such mailbox"),
        ({"mail/address": "sales@shop.example"}, "two mailboxes have the same address"),
        ({"desk/hours": {"week": {"mon": "closed"}}}, "if every day is closed"),
        ({"mail/plus_addressing": True, "mail/address": "x" * 32 + "@a.example"}, "31 characters before the @"),
    ],
)
def test_what_does_not_fit_the_rest_is_said_by_the_names_of_the_desk(brackets, values, part):
    [problem] = problems_of(Settings.model_validate(FILE), values)
    with speaking("sl"):
        said = say_problem(problem)
    assert part in said and said[0] == OPEN and said[-1] == CLOSE


def errors_on(page: str) -> list[str]:
    """What a page says is wrong."""
    found = re.findall(r'<p class="(?:field-error|alert)"[^>]*>(.*?)</p>', page, re.DOTALL)
    return [unescape(text) for text in found]


def test_a_page_says_it_in_its_readers_language(boss, save, brackets):
    boss.post("/desk/account/language", language="sl")
    typed = {"desk/auto_close/close_hours": "721", "desk/auto_close/word_hours": "soon"}
    told = errors_on(save("desk", **typed).text)
    assert "⟦write 720 or less⟧" in told and "⟦write a whole number⟧" in told
    [told] = errors_on(save("languages", **{"languages": "", "languages/sl": "1"}).text)
    assert (
        told == "⟦the language for when nothing tells which one a customer speaks is angleščina; it has to be among "
        "those that are served⟧"
    )
    _summary, told = errors_on(save("hours", **{"desk/hours": "", "desk/hours/mon": "8-16"}).text)
    assert told.startswith("⟦“8-16” are no hours")


def test_so_do_the_list_of_what_does_not_count_and_a_new_site(boss, store, app, brackets):
    boss.post("/desk/account/language", language="sl")
    change_values(store, None, {"later/key": 1, "sites/demo/color": "red", "sites/x/color": "#112233"}, seen=0)
    app.extensions["odziv"].settings_follower.look()
    assert sorted(errors_on(boss.get("/desk/settings").text)) == [
        "⟦there is no such website⟧",
        "⟦this version knows no such setting⟧",
        "⟦write a colour like #1f5c4a, or leave it empty⟧",
    ]
    [told] = errors_on(boss.post("/desk/settings/sites", key="a b", name="A", edition="1").text)
    assert told.startswith("⟦a short name can have up to 64 letters")


def test_so_is_why_a_change_can_not_be_taken_back(boss, store, brackets):
    boss.post("/desk/account/language", language="sl")
    for seen, values in enumerate(({"languages": ["sl", "en"]}, {"default_language": "sl"}, {"languages": ["sl"]})):
        change_values(store, None, values, seen=seen)
    page = boss.post("/desk/settings/history/2/undo")
    assert page.status_code == 422 and "⟦Not saved: ⟦the language for when nothing tells" in page.text
    assert read_values(store)[0] == 3


def test_in_english_it_begins_large_beside_its_field(save):
    assert "Write 720 or less" in errors_on(save("desk", **{"desk/auto_close/word_hours": "721"}).text)
