"""The catalogue of texts: every sentence for people, by subject, key and language, from `<language>/<subject>.yml`.

It is read and checked when it is first imported, so that a text that is missing stops the start, not a customer.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from string import Formatter
from typing import Any

import yaml
from babel import Locale

from odziv.settings import LOCALES, REFERENCE

FOLDER = Path(__file__).parent
OPTIONAL = frozenset({"forms"})  # only what a language says otherwise than Babel; most languages need none
FORMS = {"days": 7, "months": 12}
PLURALS = frozenset({"zero", "one", "two", "few", "many", "other"})
Texts = Mapping[str, Any]
# A YAML reader in C takes a tenth of the time; it is not in every build.
Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class BrokenTexts(Exception):
    """The folders of texts don't fit together; the message names file and key, and what to write."""


class Catalogue:
    """All texts in all languages. A language without texts is spoken to in English."""

    def __init__(self, texts: Mapping[str, Mapping[str, Texts]], locales: Mapping[str, str]) -> None:
        self._texts = texts
        self.locales = {language: Locale.parse(name) for language, name in locales.items()}

    @classmethod
    def read(cls, folder: Path, locales: Mapping[str, str]) -> Catalogue:
        """The catalogue in a folder, checked. Raises BrokenTexts."""
        found = {path.name for path in folder.iterdir() if path.is_dir() and any(path.glob("*.yml"))}
        if found != set(locales):
            odd = ", ".join(sorted(found ^ set(locales)))
            raise BrokenTexts(f"{odd}: a folder of texts without an entry in LOCALES, or an entry without a folder")
        catalogue = cls({language: _read_folder(folder / language) for language in locales}, locales)
        for language in locales:
            catalogue._check(language)
        return catalogue

    def say(self, subject: str, key: str, language: str, **values: Any) -> str:
        """One text with its values put in; of one with plural forms, the form for `n`. KeyError for an unknown key."""
        text = self.of(subject, language)[key]
        if _is_plural(text):
            text = text[self.locale_of(language).plural_form(values["n"])]
        return str(text).format(**values)

    def of(self, subject: str, language: str) -> Texts:
        """All texts about a subject, for a template; without any where the subject is optional."""
        return self._texts[self._spoken(language)].get(subject, {})

    def by_language(self, subject: str) -> dict[str, Texts]:
        """All texts about a subject in each language."""
        return {language: self.of(subject, language) for language in self._texts}

    def locale_of(self, language: str) -> Locale:
        """How the language writes dates, lists and plurals."""
        return self.locales[self._spoken(language)]

    def _spoken(self, language: str) -> str:
        return language if language in self._texts else REFERENCE

    def _check(self, language: str) -> None:
        own, reference = self._texts[language], self._texts[REFERENCE]
        _compare(f"{language}/", "file", own.keys() - OPTIONAL, reference.keys() - OPTIONAL)
        forms = {*self.locales[language].plural_form.tags, "other"}
        for subject in reference.keys() - OPTIONAL:
            _check_texts(f"{language}/{subject}.yml", "", own[subject], reference[subject], forms)
        for key, names in own.get("forms", {}).items():
            if len(names) != FORMS.get(key):
                raise BrokenTexts(f"{language}/forms.yml: {key}: write {FORMS} names, or leave it to Babel")


def _read_folder(folder: Path) -> dict[str, Texts]:
    return {path.stem: _read_file(path) for path in sorted(folder.glob("*.yml"))}


def _read_file(path: Path) -> Texts:
    place = f"{path.parent.name}/{path.name}"
    try:
        texts = yaml.load(path.read_text(encoding="utf-8"), Loader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BrokenTexts(f"{place} can't be read: {error}") from error
    if not isinstance(texts, dict):
        raise BrokenTexts(f"{place}: write lines of key: text")
    return texts


def _check_texts(file: str, key: str, own: Any, reference: Any, forms: set[str]) -> None:
    """Whether what stands under a key has the shape and the placeholders of the reference. Raises BrokenTexts."""
    if _is_plural(reference) and isinstance(own, dict):
        _compare(f"{file}: {key}: ", "plural form", own.keys(), forms)
        for form, text in own.items():
            _check_placeholders(file, f"{key}.{form}", text, reference["other"], is_all=form == "other")
    elif type(own) is not type(reference):
        raise BrokenTexts(f"{file}: {key} is {type(own).__name__}; write {type(reference).__name__}, as in {REFERENCE}")
    elif isinstance(own, dict):
        _compare(f"{file}: {f'{key}: ' if key else ''}", "key", own.keys(), reference.keys())
        for name, text in own.items():
            _check_texts(file, f"{key}.{name}".lstrip("."), text, reference[name], forms)
    elif isinstance(own, list):
        _compare(f"{file}: {key}: ", "entry", set(range(len(own))), set(range(len(reference))))
        for number, (text, other) in enumerate(zip(own, reference, strict=True)):
            _check_texts(file, f"{key}.{number}", text, other, forms)
    elif isinstance(own, str):
        _check_placeholders(file, key, own, reference)


def _compare(place: str, what: str, own: Any, wanted: Any) -> None:
    missing, left_over = (", ".join(sorted(map(str, names))) for names in (wanted - own, own - wanted))
    if missing:
        raise BrokenTexts(f"{place}{what} missing: {missing}")
    if left_over:
        raise BrokenTexts(f"{place}{what} left over: {left_over}")


def _check_placeholders(file: str, key: str, text: str, reference: str, *, is_all: bool = True) -> None:
    """Not `is_all`: some may be left out, as a form for one thing often says no number."""
    own, wanted = _placeholders(file, key, text), _placeholders(file, key, reference)
    if own - wanted or (is_all and wanted - own):
        raise BrokenTexts(
            f"{file}: {key} has the placeholders {sorted(own)}; write {sorted(wanted)}, as in {REFERENCE}"
        )


def _placeholders(file: str, key: str, text: str) -> set[str]:
    try:
        return {name for _, name, _, _ in Formatter().parse(text) if name is not None}
    except ValueError as error:
        raise BrokenTexts(f"{file}: {key}: {error}; write a brace that is no placeholder twice") from error


def _is_plural(text: Any) -> bool:
    return isinstance(text, dict) and "other" in text and text.keys() <= PLURALS


CATALOGUE = Catalogue.read(FOLDER, LOCALES)
say = CATALOGUE.say
