"""Reading forms: what is sent becomes a model, or a refusal in the page's words; and no page reads one by hand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Literal

import pytest
from flask import Flask
from pydantic import ConfigDict, Field, ValidationError
from werkzeug.datastructures import CombinedMultiDict, MultiDict

import odziv.desk.register  # noqa: F401  (every page of the desk, and with it every form)
from odziv.cases.customers.customer_details import CleanLine
from odziv.cases.refused import Kind, Refused
from odziv.desk.people.second_factor import ProofForm
from odziv.desk.people.sign_in import SignInForm
from odziv.settings import ROOT
from odziv.web.forms import (
    NOT_UNDERSTOOD,
    Form,
    OrNone,
    Position,
    Text,
    Ticked,
    Trimmed,
    Wrong,
    read,
    read_address,
    read_form,
    to_number,
)

# What no page expects: nothing, far too much, what can't be shown or stored, digits that are no ASCII, and markup.
HOSTILE = [
    "",
    " ",
    "x" * 1_000_000,
    "9" * 5000,
    "\0",
    "a\0b",
    "\ud800",
    "٣",
    "１２",
    "²",
    "-1",
    "1e3",
    "1_0",
    "<b>",
    "😀",
]


class Sample(Form):
    """A field of each kind."""

    line: CleanLine = ""
    text: Text = ""
    word: Trimmed = ""
    ticked: Ticked = False
    colour: Annotated[Literal["red", "green"], Wrong(Kind.UNFIT, "Red or green.")] = "red"
    maybe: Annotated[str | None, OrNone] = None
    short: Annotated[CleanLine, Field(max_length=3), Wrong(Kind.INVALID, "Too long.")] = ""
    at: Position = 0
    many: list[str] = []
    files: tuple[str, ...] = ()
    other: str = Field("nobody", alias="from")


class Open(Form):
    """Further fields are kept, and cleaned like any."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Text]
    name: CleanLine = ""


class Bare(Form):
    """Says nothing of what is wrong."""

    number: int


def sample(*pairs: tuple[str, str]) -> Sample:
    return read(Sample, MultiDict(pairs))


def forms() -> Iterator[type[Form]]:
    """Every form of the desk."""
    found = list(Form.__subclasses__())
    while found:
        form = found.pop()
        found += form.__subclasses__()
        if form.__module__.startswith("odziv."):
            yield form


def test_what_is_not_sent_has_its_default():
    assert sample() == sample(("csrf_token", "abc"), ("unknown", "1"))
    assert (sample().other, sample().colour, sample().many, sample().files) == ("nobody", "red", [], ())


def test_each_kind_is_cleaned():
    sent = sample(
        ("line", "  Ana\r\n Kovač\0 "),
        ("text", "\r\n one\r\n two \r\n"),
        ("word", " a b "),
        ("ticked", "1"),
        ("colour", "green"),
        ("maybe", ""),
        ("short", "  a   b  "),
        ("at", "12"),
        ("from", "c1"),
    )
    assert (sent.line, sent.text, sent.word, sent.ticked) == ("Ana Kovač", "one\n two", "a b", True)
    assert (sent.colour, sent.maybe, sent.short, sent.at, sent.other) == ("green", None, "a b", 12, "c1")


def test_of_a_field_sent_twice_the_first_counts():
    assert sample(("text", "one"), ("text", "two"), ("colour", "green"), ("colour", "blue")).text == "one"


def test_a_list_takes_all_and_may_have_one():
    sent = sample(("many", "a"), ("files", "x"), ("many", "b"), ("many", "a"))
    assert (sent.many, sent.files) == (["a", "b", "a"], ("x",))


def test_a_list_is_not_taken_for_a_field():
    sent = sample(("many[]", "a"), ("many.0", "a"), ("line[]", "a"))
    assert (sent.many, sent.line) == ([], "")


def test_a_wrong_field_is_refused_in_its_own_words():
    for pairs, kind, problem in [
        ([("colour", "blue")], Kind.UNFIT, "Red or green."),
        ([("colour", "")], Kind.UNFIT, "Red or green."),
        ([("short", "four")], Kind.INVALID, "Too long."),
        ([("short", "four"), ("colour", "blue")], Kind.UNFIT, "Red or green."),  # the first of the model's
    ]:
        with pytest.raises(Refused) as refused:
            sample(*pairs)
        assert (refused.value.kind, refused.value.problem) == (kind, problem)


def test_a_field_without_words_is_refused_too():
    with pytest.raises(Refused, match="not understood"):
        read(Bare, MultiDict([("number", "x")]))
    with pytest.raises(Refused, match="not understood"):
        read(Bare, MultiDict())


def test_half_surrogates_leave_a_line_and_no_browser_sends_them():
    assert sample(("line", "a\ud800b"), ("text", "a\ud800b")).line == "ab"


def test_a_tick_is_1_and_nothing_else():
    assert [sample(("ticked", value)).ticked for value in ("1", "0", "", "on", "true", "１", " 1")] == [True] + [
        False
    ] * 6


@pytest.mark.parametrize(
    "value", ["", " 1", "1 ", "+1", "-1", "1.0", "1e3", "1_0", "0x1", "٣", "１", "²", "9" * 5000, "1\0"]
)
def test_only_ascii_digits_are_a_number(value):
    assert to_number(value) is None and sample(("at", value)).at == 0


def test_a_number_ends_somewhere():
    assert [to_number("0"), to_number("007"), to_number("999999999"), to_number("1000000000")] == [
        0,
        7,
        999_999_999,
        None,
    ]
    assert [to_number("100", 100), to_number("101", 100), to_number("0100", 100), to_number(7)] == [
        100,
        None,
        None,
        None,
    ]


def test_a_million_characters_and_a_nul_are_a_text_like_others():
    assert len(sample(("text", "x" * 1_000_000)).text) == 1_000_000
    assert (sample(("text", "a\0b")).text, sample(("line", "a\0b")).line) == ("a\0b", "ab")


def test_further_fields_are_kept_where_the_form_says_so():
    sent = read(Open, MultiDict([("name", " a "), ("text-sl", " Dober\r\ndan "), ("text-sl", "second")]))
    assert sent.model_dump() == {"name": "a", "text-sl": "Dober\ndan"}


def test_no_name_of_a_further_field_gets_in_the_way():
    names = ["model_dump", "__pydantic_extra__", "model_config", "__class__", "__dict__", "", "\0", "name.x", "text-sl"]
    sent = read(Open, MultiDict([(name, " x ") for name in names]))
    assert sent.model_dump() == {"name": ""} | dict.fromkeys(names, "x")


@pytest.mark.parametrize("form", [SignInForm, ProofForm])
def test_no_password_is_shown_by_what_holds_it(form):
    sent = read(form, MultiDict([("password", "correct horse")]))
    assert sent.password == "correct horse" and "horse" not in repr(sent) + str(sent)


def test_a_form_is_read_from_its_body_and_an_address_from_both():
    with Flask(__name__).test_request_context("/?at=3&word=a", method="POST", data={"word": "b", "text": "c"}):
        assert (read_form(Sample).at, read_form(Sample).word) == (0, "b")
        found = read_address(Sample)
        assert (found.at, found.word, found.text) == (3, "a", "c")


def test_bytes_that_are_no_text_come_as_text():
    body = {"data": b"text=%ED%A0%80%FF%00&line=a%00b", "content_type": "application/x-www-form-urlencoded"}
    with Flask(__name__).test_request_context("/", method="POST", **body):
        sent = read_form(Sample)
    sent.text.encode()  # no half surrogate is left
    assert sent.line == "ab"


def test_what_a_model_holds_stays_as_it_came():
    with pytest.raises(ValidationError, match="frozen"):
        sample().text = "other"


@pytest.mark.slow
@pytest.mark.parametrize("form", sorted(set(forms()), key=lambda form: form.__name__), ids=lambda form: form.__name__)
def test_every_form_takes_or_refuses_what_is_hostile(form):
    """Nothing but a model or a refusal in words of the page comes of it."""
    for name in [field.alias or name for name, field in form.model_fields.items()]:
        for value in HOSTILE:
            try:
                assert isinstance(read(form, CombinedMultiDict([MultiDict([(name, value), (name, "b")])])), form)
            except Refused as refused:
                assert refused.problem != NOT_UNDERSTOOD, name


def test_there_are_forms_to_try():
    assert len(set(forms())) > 25


def test_no_page_reads_a_form_by_hand():
    files = [*(ROOT / "odziv" / "desk").rglob("*.py"), *(ROOT / "odziv" / "desk" / "templates").rglob("*.html")]
    by_hand = re.compile(r"\brequest\.(form|args|values|get_json|json|data|get_data)\b")
    assert [file.name for file in files if by_hand.search(file.read_text(encoding="utf-8"))] == []
    assert by_hand.search((ROOT / "odziv" / "web" / "forms.py").read_text(encoding="utf-8"))
