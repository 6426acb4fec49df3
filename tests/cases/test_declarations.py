"""What has legal effect, or announces legal steps, and what only sounds like it; and the list of an operator's own."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from odziv.cases.legal.declarations import Declarations, say_receipt
from odziv.settings import LANGUAGES, ROOT, BadSetting
from odziv.settings.load import LEGAL

DATA = Path(__file__).parents[1] / "data"
SHIPPED = Declarations(ROOT / LEGAL)
WRITTEN = yaml.safe_load((DATA / "legal.yml").read_text(encoding="utf-8"))
ROWS = [
    (language, kind, text) for language, kinds in WRITTEN.items() for kind, texts in kinds.items() for text in texts
]


@pytest.mark.parametrize(("language", "kind", "text"), ROWS)
def test_declarations_are_told_from_what_only_sounds_like_them(language, kind, text):
    assert SHIPPED.find(text, language) == (None if kind == "none" else kind)


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_are_enough_of_each(language):
    assert all(len(WRITTEN[language][kind]) >= 15 for kind in ("withdrawal", "none"))


@pytest.mark.parametrize(
    "shape", [str.upper, str.title, "  {} \n".format, "»{}«".format, "Dober dan!\n\n{}\n\nLp".format]
)
@pytest.mark.parametrize(
    ("language", "text"), [(language, WRITTEN[language]["withdrawal"][0]) for language in LANGUAGES]
)
def test_however_it_is_typed(language, text, shape):
    assert SHIPPED.find(shape(text), language) == "withdrawal"


def test_a_withdrawal_comes_before_a_threat_in_the_same_message():
    assert SHIPPED.find("My lawyer knows. I withdraw from the contract.", "en") == "withdrawal"


@pytest.mark.parametrize("text", ["", "\0", "🏔" * 100, "\u202eodstopam", "i " * 9_000, "odstopam " * 2_000, "{}[]\\*"])
@pytest.mark.parametrize("language", [*LANGUAGES, "de"])
def test_odd_messages_declare_nothing(language, text):
    assert SHIPPED.find(text, language) is None


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["withdrawal", "authority"])
def test_the_receipt_has_date_and_time_of_the_place(language, kind):
    moment = round(datetime(2026, 11, 30, 23, 3, tzinfo=UTC).timestamp() * 1000)
    said = say_receipt(kind, moment, "Europe/Ljubljana", language)
    assert "{" not in said and ("1. 12. 2026" in said or "1.12.2026" in said or "1 December 2026" in said)
    assert any(time in said for time in ("0.03", "0:03"))


def test_an_operator_has_a_list_of_their_own(tmp_path):
    own = tmp_path / "own.yml"
    own.write_text("en:\n  authority: ['data protection/privacy officer*']\n", encoding="utf-8")
    declarations = Declarations(own)
    assert declarations.find("I want your Data Privacy Officers!", "en") == "authority"
    assert declarations.find("I withdraw from the contract", "en") is None


@pytest.mark.parametrize(
    "text",
    [
        "en: {withdrawal: ['a (b|c)+']}",
        "en: {withdrawal: ['.. contract']}",
        "en: {withdrawal: ['contract ..']}",
        "en: {withdrawal: ['*']}",
        "en: {withdrawal: ['']}",
        "en: {withdrawals: [a]}",
        "xx: {withdrawal: [a]}",
        "en: [a]",
        "en: {withdrawal: [a",
        "\udcff",
    ],
)
def test_a_list_that_cannot_be_read_stops_the_start_and_names_the_setting(tmp_path, text):
    own = tmp_path / "own.yml"
    own.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(BadSetting, match=r"odziv\.legal"):
        Declarations(own)


def test_a_list_that_is_not_there_stops_the_start(tmp_path):
    with pytest.raises(BadSetting, match=r"odziv\.legal"):
        Declarations(tmp_path / "none.yml")
