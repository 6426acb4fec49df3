"""The catalogue: what we ship fits together, and what doesn't is named with its file and key."""

from __future__ import annotations

import ast
import shutil
from pathlib import Path

import pytest
import yaml

from odziv.settings import LANGUAGES, LOCALES
from odziv.texts import CATALOGUE, BrokenTexts, Catalogue
from odziv.texts.catalogue import FOLDER

ROOT = Path(__file__).parents[2]
SMALL = {"en": "en_GB", "pl": "pl_PL", "sl": "sl_SI"}
FILES = {
    "en": {"greeting": "Hello {name}", "files": {"one": "A file", "other": "{n} files"}, "steps": ["One", "Two"]},
    "pl": {
        "greeting": "Cześć {name}",
        "files": {"one": "{n} plik", "few": "{n} pliki", "many": "{n} plików", "other": "{n} pliku"},
        "steps": ["Raz", "Dwa"],
    },
    "sl": {
        "greeting": "Zdravo {name}",
        "files": {"one": "{n} datoteka", "two": "{n} datoteki", "few": "{n} datoteke", "other": "{n} datotek"},
        "steps": ["Ena", "Dve"],
    },
}


@pytest.fixture
def write(tmp_path):
    """Writes a small catalogue in three languages, with Polish texts in a `file`; gives its folder."""

    def write(file: str = "mail") -> Path:
        for code, texts in FILES.items():
            (tmp_path / code).mkdir(exist_ok=True)
            (tmp_path / code / "mail.yml").write_text(yaml.safe_dump(texts), "utf-8")
        (tmp_path / "pl" / f"{file}.yml").write_text(yaml.safe_dump(FILES["pl"]), "utf-8")
        return tmp_path

    return write


def test_what_we_ship_has_every_text_in_every_language():
    catalogue = Catalogue.read(FOLDER, LOCALES)
    subjects = {
        "by_mail",
        "customer_data",
        "demo",
        "help",
        "mail",
        "moments",
        "notices",
        "replies",
        "small_talk",
        "transcript",
        "widget",
    }
    for language in LANGUAGES:
        assert {path.stem for path in (FOLDER / language).glob("*.yml")} - {"forms"} == subjects
        assert all(catalogue.of(subject, language) for subject in subjects)


def test_no_text_is_empty_or_forgotten_in_english():
    """Whole sentences that are the same in two languages were copied, not translated."""
    for subject in ("help", "mail", "notices", "replies"):
        for language in set(LANGUAGES) - {"en"}:
            own, english = CATALOGUE.of(subject, language), CATALOGUE.of(subject, "en")
            same = [key for key, text in own.items() if text == english[key] or text == ""]
            assert same in ([], [f"only_in_{language}"]), (subject, language)


@pytest.mark.parametrize(
    ("language", "count", "said"),
    [
        ("en", 1, "A file"),
        ("en", 2, "2 files"),
        ("pl", 3, "3 pliki"),
        ("pl", 12, "12 plików"),
        ("pl", 22, "22 pliki"),
        ("sl", 1, "1 datoteka"),
        ("sl", 2, "2 datoteki"),
        ("sl", 104, "104 datoteke"),
        ("sl", 5, "5 datotek"),
        ("de", 2, "2 files"),
    ],
)
def test_a_text_with_plural_forms_has_the_form_of_its_number(write, language, count, said):
    assert Catalogue.read(write(), SMALL).say("mail", "files", language, n=count) == said


def test_values_are_put_in_and_stay_what_they_are(write):
    catalogue = Catalogue.read(write(), SMALL)
    assert catalogue.say("mail", "greeting", "sl", name="Ana {x}") == "Zdravo Ana {x}"
    with pytest.raises(KeyError):
        catalogue.say("mail", "no_such_text", "sl")


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"greeting": None}, "pl/mail.yml: key missing: greeting"),
        ({"farewell": "Cześć"}, "pl/mail.yml: key left over: farewell"),
        (
            {"greeting": "Cześć {nazwa}"},
            "pl/mail.yml: greeting has the placeholders ['nazwa']; write ['name'], as in en",
        ),
        ({"greeting": "Cześć"}, "pl/mail.yml: greeting has the placeholders []; write ['name'], as in en"),
        ({"greeting": "Cześć {name"}, "pl/mail.yml: greeting: "),
        ({"greeting": ["Cześć"]}, "pl/mail.yml: greeting is list; write str, as in en"),
        ({"files": {"one": "{n} plik", "other": "{n} pliku"}}, "pl/mail.yml: files: plural form missing: few, many"),
        ({"files": {**FILES["pl"]["files"], "two": "{n}"}}, "pl/mail.yml: files: plural form left over: two"),
        ({"files": {**FILES["pl"]["files"], "few": "{m} pliki"}}, "pl/mail.yml: files.few has the placeholders ['m']"),
        ({"steps": ["Raz"]}, "pl/mail.yml: steps: entry missing: 1"),
        ({True: "Tak"}, "pl/mail.yml: key left over: True"),
    ],
)
def test_what_does_not_fit_is_named_with_file_and_key(write, changes, problem):
    folder = write()
    texts = {key: text for key, text in {**FILES["pl"], **changes}.items() if text is not None}
    (folder / "pl" / "mail.yml").write_text(yaml.safe_dump(texts), "utf-8")
    with pytest.raises(BrokenTexts) as caught:
        Catalogue.read(folder, SMALL)
    assert str(caught.value).startswith(problem)


def test_a_file_too_few_or_too_many_and_one_that_is_no_yaml_are_named(write):
    folder = write(file="help")
    with pytest.raises(BrokenTexts, match="pl/file left over: help"):
        Catalogue.read(folder, SMALL)
    (folder / "pl" / "help.yml").write_text("a: [", "utf-8")
    with pytest.raises(BrokenTexts, match=r"pl/help\.yml can't be read"):
        Catalogue.read(folder, SMALL)


def test_a_folder_without_an_entry_and_an_entry_without_a_folder_are_named(write):
    folder = write()
    with pytest.raises(BrokenTexts, match=r"^fi: "):
        Catalogue.read(folder, {**SMALL, "fi": "fi_FI"})
    shutil.copytree(folder / "pl", folder / "cs")
    with pytest.raises(BrokenTexts, match=r"^cs: "):
        Catalogue.read(folder, SMALL)


def test_forms_are_a_week_of_days_and_a_year_of_months(write):
    folder = write()
    (folder / "sl" / "forms.yml").write_text("days: [v ponedeljek, v torek]\n", "utf-8")
    with pytest.raises(BrokenTexts, match=r"sl/forms\.yml: days"):
        Catalogue.read(folder, SMALL)


def test_every_text_that_the_code_asks_for_by_name_is_there():
    asked = list(asked_for())
    assert len(asked) > 30
    assert [key for subject, key in asked if key not in CATALOGUE.of(subject, "en")] == []


def asked_for():
    """Subject and key of each call that names its key in full."""
    by_function = {"notice": "notices", "text_for": "replies"}
    for path in [*(ROOT / "odziv").rglob("*.py"), *(ROOT / "actions").glob("*.py")]:
        by_function["say"] = "mail" if path.parent.name == "mail" else ""
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            name = getattr(getattr(node, "func", None), "id", None)
            if name in by_function:
                said = [each.value for each in node.args if isinstance(each, ast.Constant)]
                wanted = 1 if by_function[name] else 2
                if len(said) >= wanted and all(isinstance(each, str) for each in said):
                    yield by_function[name] or said[0], said[wanted - 1]
