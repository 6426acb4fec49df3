"""Placeholders: unknown ones are refused, known ones filled, and a missing value leaves a sentence behind."""

from __future__ import annotations

import time

import pytest

from odziv.cases.conversations.placeholders import PLACEHOLDERS, fill, find_problem, find_unfilled

VALUES = {"customer.name": "Ana Kovač", "agent.name": "Marek", "article.link": "[Return](http://x/help)"}


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("Dober dan, {{customer.name}}!", "Dober dan, Ana Kovač!"),
        ("{{ customer.name }} / {{agent.name|nobody}}", "Ana Kovač / Marek"),
        ("See {{article.link}}.", "See [Return](http://x/help)."),
        ("no placeholder, 5 { 6 } 7", "no placeholder, 5 { 6 } 7"),
    ],
)
def test_known_values_are_filled_in(text, filled):
    assert fill(text, VALUES) == filled


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("Dober dan, {{customer.name}}!", "Dober dan!"),
        ("Hello {{customer.name}},\n\nthanks.", "Hello,\n\nthanks."),
        ("{{customer.name}}, thanks for waiting.", "Thanks for waiting."),
        ("  **{{customer.name}}** – hvala", "Hvala"),
        ("{{customer.name}}, čakamo", "Čakamo"),
        ("Thanks, {{customer.name}}, for waiting.", "Thanks for waiting."),
        ("Dear {{customer.name|customer}},", "Dear customer,"),
        ("Dear {{customer.name| }},", "Dear,"),
        ("Hi ({{customer.name}}) there", "Hi there"),
        ("Hi\n{{customer.name}}\nthere", "Hi\nthere"),
        ("Hi.\n\nMore: {{article.link}}\n\nBye.", "Hi.\n\nBye."),
        ("{{article.title}}", ""),
        ("{{customer.name}}", ""),
    ],
)
def test_a_missing_value_leaves_no_trace(text, filled):
    assert fill(text, {}) == filled
    assert fill(text, dict.fromkeys(PLACEHOLDERS)) == filled


def test_what_is_filled_in_is_not_read_for_placeholders_again():
    assert fill("Hi {{customer.name}}", {"customer.name": "{{agent.name}}", "agent.name": "x"}) == "Hi {{agent.name}}"


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("{{customer.nmae}}", "Did you mean {{customer.name}}?"),
        ("{{password}}", "no placeholder {{password}}"),
        ("{{}}", "no placeholder {{}}"),
        ("{{agent.name", "not complete"),
        ("agent.name}}", "not complete"),
        ("{{ {{agent.name}} }}", "not complete"),
        ("{{agent.name.__class__}}", "no placeholder"),
    ],
)
def test_what_nobody_can_fill_in_is_refused_with_a_reason(text, word):
    assert word in find_problem(text)


def test_every_placeholder_that_is_offered_is_taken():
    assert find_problem(" ".join(f"{{{{{name}}}}} {{{{ {name} | x }}}}" for name in PLACEHOLDERS)) is None


def test_a_placeholder_typed_by_hand_is_found_and_other_braces_are_not():
    assert find_unfilled("Hi {{ customer.name|x }}!") == "{{ customer.name|x }}"
    assert find_unfilled("In Jinja one writes {{ user }}.") is None


@pytest.mark.parametrize("piece", ["{{", "{{customer.name|", "{{" + " " * 50, " ", "{{customer.name}},", " ,", "*"])
def test_no_text_however_odd_takes_long(piece):
    hostile = (piece * 5000)[:5000]
    began = time.monotonic()
    for text in (hostile, hostile + "{{customer.name}}", "{{customer.name}}" + hostile):
        find_problem(text)
        find_unfilled(text)
        fill(text, {})
    assert time.monotonic() - began < 1
