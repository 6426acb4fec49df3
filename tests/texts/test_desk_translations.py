"""A language that is offered says all that the code says, and nothing else."""

from __future__ import annotations

from io import BytesIO

import pytest
from babel.messages import Catalog
from babel.messages.pofile import read_po

from odziv.settings import LANGUAGES, REFERENCE
from odziv.texts.desk import catalogues, extraction, offered_languages


@pytest.fixture(scope="module")
def messages() -> Catalog:
    return extraction.gather()


def out_of_step(catalogue: Catalog, messages: Catalog) -> list[str]:
    """What the code says and a catalogue doesn't have, and what only the catalogue has."""
    own, wanted = ({(m.context, m.id): m for m in catalogues.messages_of(each)} for each in (catalogue, messages))
    missing = [f"missing: {text}" for _context, text in wanted.keys() - own.keys()]
    return sorted(missing + [f"nobody says: {text}" for _context, text in own.keys() - wanted.keys()])


def test_what_is_offered_is_in_step_with_the_code(messages):
    for language in offered_languages():
        if language != REFERENCE:
            catalogue = catalogues.load(catalogues.FOLDER / f"{language}.po", language)
            assert out_of_step(catalogue, messages) == [], f"run make desk-texts, then translate {language}.po"


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != REFERENCE])
def test_every_language_is_whole_and_offered(language):
    catalogue = catalogues.load(catalogues.FOLDER / f"{language}.po", language)
    assert list(catalogues.faults_of(catalogue)) == []
    assert language in offered_languages()


def test_what_is_out_of_step_is_named():
    own = read_po(
        BytesIO(b'msgid "Stays"\nmsgstr "Ostane"\n\nmsgctxt "verb"\nmsgid "Open"\nmsgstr "Odpri"\n'), locale="sl"
    )
    wanted = Catalog()
    wanted.add("Stays"), wanted.add("Open"), wanted.add(("one", "more"))
    assert out_of_step(own, wanted) == ["missing: ('one', 'more')", "missing: Open", "nobody says: Open"]


def test_messages_of_the_code_are_whole(messages):
    """A percent sign stands twice, and a value has a name: else saying the message would fail."""
    english = Catalog(locale="en")
    for message in catalogues.messages_of(messages):
        said = message.id if isinstance(message.id, tuple) else (message.id,)
        english.add(message.id, said if message.pluralizable else said[0], context=message.context)
    assert list(catalogues.faults_of(english)) == []
