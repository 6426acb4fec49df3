"""Each sentence about a setting that can be set at the desk is marked, so that the desk says it in every language."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

import pytest
from pydantic import BaseModel, ValidationError

from odziv.cases.settings.wording import KINDS, OTHER, PLACES, say_problem
from odziv.settings.layers import NO_SITE, UNKNOWN
from odziv.settings.wrong import Problem, WrongValue, read_problem
from odziv.texts.desk import catalogues, extraction, speaking
from tests.texts.desk_catalogues import offer, write_catalogue

SETTINGS = Path(__file__).parents[3] / "odziv" / "settings"
# What is said in config.yml and nowhere else is refused in English: modules, and of others how often a function does.
FILE_ONLY = {"attachments", "database", "inner", "oidc"}
FILE_ONLY_IN = {
    "load": {"_check_library": 2, "_check_public_url": 1, "_refuse_host": 1},
    "mail": {"_check_security": 1, "password": 1, "check_password": 1, "check_passwords": 1, "_check_name": 1,
             "_check_way_in": 2, "_check_own_address": 1, "_check_together": 2},
    "sites": {"check_ids": 1},
    "together": {"check_together": 1, "_check_languages_of_site": 1},
}  # fmt: skip
WORDS = """
msgid "this is too long; %(most)s characters are enough"
msgstr "največ %(most)s znakov"

msgid "write %(most)s or less"
msgstr "največ %(most)s"

msgid "“%(written)s” is none"
msgstr "»%(written)s« ni to"

msgid "%(language)s: no"
msgstr "%(language)s: ne"

msgid "All languages"
msgstr "Vsi jeziki"
"""


def unmarked(source: str) -> Counter[str]:
    """How often each function of a module raises, or makes, an error that can be said in English only."""
    functions = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)]
    calls = [(each.name, node) for each in functions for node in ast.walk(each) if isinstance(node, ast.Call)]
    return Counter(name for name, call in calls if getattr(call.func, "id", "") in ("ValueError", "AssertionError"))


@pytest.mark.parametrize("path", sorted(SETTINGS.glob("*.py")), ids=lambda path: path.stem)
def test_only_what_the_file_alone_can_say_is_refused_in_english(path):
    if path.stem not in FILE_ONLY:
        assert unmarked(path.read_text("utf-8")) == FILE_ONLY_IN.get(path.stem, {})


def test_what_is_not_marked_is_found():
    assert unmarked('def check(): raise ValueError("no")\ndef other(): raise WrongValue("no")') == {"check": 1}


def test_the_catalogues_hear_of_all_of_them():
    gathered = {message.id for message in catalogues.messages_of(extraction.gather())}
    code = "\n".join(path.read_text("utf-8") for path in SETTINGS.glob("*.py"))
    calls = [node for node in ast.walk(ast.parse(code.replace("from __future__", "from typing"))) if is_marked(node)]
    messages = {ast.literal_eval(call.args[0]) for call in calls}
    assert len(messages) > 25 and messages <= gathered
    assert {*KINDS.values(), *PLACES.values(), OTHER, UNKNOWN.message, NO_SITE.message} <= gathered


def is_marked(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and getattr(node.func, "id", "") == "WrongValue"


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        (Problem("", kind="string_too_long", values={"max_length": 12_500}), "največ 12.500 znakov"),
        (Problem("", kind="less_than_equal", values={"le": 36_500}), "največ 36500"),
        (WrongValue("write %(most)s or less", most=99.9).at(), "največ 99,9"),
        (WrongValue("“%(written)s” is none", written="<b>%s%(x)s").at(), "»<b>%s%(x)s« ni to"),
        (WrongValue("“%(written)s” is none", written=["x"]).at(), "»['x']« ni to"),
        (WrongValue("“%(written)s” is none", written="x" * 99).at(), f"»{'x' * 80}…« ni to"),
        (WrongValue("%(language)s: no", language="pl").at(), "poljščina: ne"),
        (WrongValue("%(language)s: no", language="default").at(), "Vsi jeziki: ne"),
        (Problem("Input should be a wonder", kind="wonder_type"), OTHER),
    ],
)
def test_it_is_said_with_its_values_as_the_language_has_them(monkeypatch, tmp_path, problem, said):
    write_catalogue(monkeypatch, tmp_path, "sl", WORDS)
    offer(monkeypatch, "sl")
    with speaking("sl"):
        assert say_problem(problem) == said


def test_a_kind_says_more_in_its_place():
    assert say_problem(Problem("", kind="too_short", place="sites")) == "at least one website is needed"
    assert say_problem(Problem("", kind="too_short", place="mail")) == OTHER
    said = say_problem(Problem("", kind="string_pattern_mismatch", place="sites/a b/[key]"))
    assert said.startswith("a short name can have up to 64 letters")


def test_operators_read_it_in_the_words_of_the_file():
    error = WrongValue("“%(written)s” is none", written="100 %").in_file("'100 %' is none")
    assert (str(error), error.at("x").english) == ("'100 %' is none", "'100 %' is none")
    assert str(WrongValue("write %(most)s or less", most=3)) == "write 3 or less"


class Model(BaseModel):
    """One number."""

    number: int


def test_what_pydantic_finds_keeps_its_own_words_for_operators():
    with pytest.raises(ValidationError) as wrong:
        Model.model_validate({"number": "x"})
    [found] = wrong.value.errors()
    problem = read_problem(found)
    assert problem.english.startswith("Input should be a valid integer") and problem.place == "number"
    assert say_problem(problem) == "write a whole number"
