"""The catalogues `<language>.po`, as translators keep them. A language is offered once its catalogue is complete."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Any

from babel import Locale
from babel.messages import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from odziv.settings import LANGUAGES, LOCALES, REFERENCE

FOLDER = Path(__file__).parent
SCRIPTS = "odziv/desk/static/"  # where messages are of which the browser says some
PLACEHOLDER = re.compile(r"%\((\w+)\)s|%%")
TAG = re.compile(r"</?[a-z]+|&\w+;|\"")
# Counts that meet every plural form of every language there is.
COUNTS = (*range(201), 1_000_000)


def offered_languages() -> tuple[str, ...]:
    """The languages that an agent can choose: those whose catalogue is complete, and English."""
    return tuple(language for language in LANGUAGES if language == REFERENCE or is_complete(language))


@cache
def is_complete(language: str) -> bool:
    """Whether there is a catalogue, and it says every message as it has to be said."""
    path = FOLDER / f"{language}.po"
    return path.exists() and next(faults_of(load(path, language)), None) is None


@cache
def read(language: str) -> NullTranslations:
    """The messages of a language, to be looked up; the reference's are the messages themselves."""
    path = FOLDER / f"{language}.po"
    if language == REFERENCE or not path.exists():
        return NullTranslations()
    compiled = BytesIO()
    write_mo(compiled, load(path, language))
    compiled.seek(0)
    return GNUTranslations(compiled)


@cache
def texts_of_scripts(language: str) -> dict[str, Any]:
    """What the desk's scripts say: message to translation, or to one for each plural category of the language."""
    if language == REFERENCE:
        return {}
    catalogue = load(FOLDER / f"{language}.po", language)
    return dict(_script_text(message, language) for message in messages_of(catalogue) if _is_of_scripts(message))


def load(path: Path, language: str) -> Catalog:
    """A catalogue's file. Raises PoFileError for what is none."""
    with path.open("rb") as file:
        return read_po(file, locale=LOCALES[language].split("_")[0], abort_invalid=True)


def messages_of(catalogue: Catalog) -> Iterator[Message]:
    """Its messages; a catalogue begins with an empty one, its head."""
    return (message for message in catalogue if message.id)


def faults_of(catalogue: Catalog) -> Iterator[str]:
    """What a translator has left to do, a line each: nothing where the catalogue is complete."""
    if not any(messages_of(catalogue)):
        yield "it is empty"
    for message in messages_of(catalogue):
        sources, said = _forms(message.id), _forms(message.string)
        if message.fuzzy or not all(said) or len(said) != (catalogue.num_plurals if message.pluralizable else 1):
            yield f"not translated: {sources[0]}"
            continue
        for text in said:
            if problem := _compare(sources[-1], text, is_plural=bool(message.pluralizable)):
                yield f"{problem}: {sources[0]}: {text}"


def _forms(texts: Any) -> tuple[str, ...]:
    """One text, or its plural forms, as several."""
    return (texts,) if isinstance(texts, str) else tuple(texts)


def _compare(source: str, text: str, *, is_plural: bool) -> str | None:
    """What is wrong with a translation. A plural form may leave its number out: many languages say it in the word."""
    own, wanted = set(PLACEHOLDER.findall(text)), set(PLACEHOLDER.findall(source))
    if own - wanted or (wanted - own and not (is_plural and wanted - own == {"num"})) or _is_stray(text):
        return "other placeholders"
    if sorted(TAG.findall(text)) != sorted(TAG.findall(source)):
        return "other tags, entities or quotation marks"
    return None


def _is_stray(text: str) -> bool:
    return "%" in PLACEHOLDER.sub("", text)


def _is_of_scripts(message: Message) -> bool:
    return any(place.startswith(SCRIPTS) for place, _line in message.locations)


def _script_text(message: Message, language: str) -> tuple[str, Any]:
    if not message.pluralizable:
        return str(message.id), message.string
    rule, lookup = Locale.parse(LOCALES[language]).plural_form, read(language)
    one, other = _forms(message.id)
    return one, {rule(count): lookup.ngettext(one, other, count) for count in COUNTS}
