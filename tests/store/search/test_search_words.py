"""Words are compared without case and diacritics, and with an error or two."""

from __future__ import annotations

import pytest

from odziv.store.search.snippets import mark
from odziv.store.search.words import MOST_LETTERS, begins_near, fold


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Kje je moj PAKET?", "kje je moj paket"),
        ("Žółć, đak i Łódź", "zolc dak i lodz"),
        ("S\u030ctevilka", "stevilka"),  # the accent as a character of its own
        ("Straße №7", "strasse 7"),
        ("SI-48211/A nina@kranjc.example", "si 48211 a nina kranjc example"),
        ("snake_case", "snake case"),
        ("😀 !? \0 %", ""),
        ("½ ﬁn", "12 fin"),
        ("x" * 100, "x" * MOST_LETTERS),
    ],
)
def test_folded(text, folded):
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("word", "other", "most", "is_near"),
    [
        ("paket", "paket", 0, True), ("paket", "paketa", 0, True), ("paketa", "paket", 0, False),
        ("paketa", "paket", 1, True), ("paket", "pakte", 1, True), ("paket", "pket", 1, True),
        ("paket", "pakket", 1, True), ("paket", "baket", 1, True), ("paket", "pekat", 1, False),
        ("pakte", "paketom", 1, True), ("aket", "paketom", 1, True), ("apket", "paketom", 1, True),
        ("ab", "ba", 1, True), ("a", "", 1, True), ("ab", "", 1, False), ("", "paket", 0, True),
        ("reklamacija", "reklmacja", 2, True), ("reklamacija", "erklamacjia", 2, True),
        ("reklamacija", "reklam", 2, False), ("reklamacija", "rekdomaciji", 2, False),
        ("rekalmacij", "reklamacijama", 1, True),
    ],
)  # fmt: skip
def test_begins_near(word, other, most, is_near):
    assert begins_near(word, other, most) is is_near


def shown(text: str, *words: str) -> str:
    return "".join(f"[{piece.text}]" if piece.is_marked else piece.text for piece in mark(text, words, words))


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("Dober dan. Kje je moj Pakét?", ["paket"], "…Kje je moj [Pakét]?"),
        ("Paketi in paket", ["paket"], "[Paketi] in [paket]"),
        ("brez", ["paket"], "brez"),
        ("", ["paket"], ""),
        ("prva\nvrstica z\n<b>paketom</b>", ["paket"], "…<b>[paketom]</b>"),
    ],
)
def test_marked_in_its_sentence(text, words, expected):
    assert shown(text, *words) == expected


def test_of_a_long_sentence_what_is_around_the_word():
    found = shown("a " * 500 + "paket " + "b " * 500, "paket")
    assert found.startswith("…a a") and found.endswith("b…") and "[paket]" in found and len(found) < 260


def test_a_word_without_end_is_shown_whole():
    assert shown("x" * 5000, "x" * MOST_LETTERS).startswith("[xxx")
