import re

import pytest

from kb.language.detection import LanguageGuess
from kb.language.evidence import read_common
from kb.language.neighbours import note_for, read_neighbours
from kb.language.text import fold

ALL = ("sl", "hr", "pl", "en")
STRANGERS = [  # (text, language it is in, page, language to answer in)
    ("Gde je moja porudžbina, naručio sam pre nedelju dana?", "sr", "hr", "hr"),
    ("Hteo bih da vratim patike, da li mogu u prodavnici?", "sr", "sl", "hr"),
    ("gde mogu da vidim kad stize porudzbina", "sr", "en", "hr"),
    ("Kde je moje zásilka? Objednal jsem ji minulý týden.", "cs", "sl", "pl"),
    ("chtela bych vratit boty, jak dlouho na to mam", "cs", "pl", "pl"),
    ("Můžu zaplatit kartou až při převzetí?", "cs", "en", "pl"),
    ("Kedy príde môj balík? Ešte stále neprišiel.", "sk", "pl", "pl"),
    ("Wo ist mein Paket, ich habe noch keine Rechnung", "de", "sl", "en"),
    ("Buongiorno, vorrei restituire le scarpe, quanto costa?", "it", "sl", "en"),
    ("Hol van a csomagom, mikor kapom meg?", "hu", "hr", "en"),
]
OURS = [
    ("Kje je moja pošiljka? Naročila sem jo prejšnji teden.", "sl"),
    ("kdaj pride paket, se zmeraj ga ni", "sl"),
    ("Neko majico bi zamenjala, nedelja je edini dan, ko imam čas", "sl"),
    ("Gdje je moja narudžba, naručio sam prije tjedan dana?", "hr"),
    ("Šta da radim, paket nije stigao", "hr"),
    ("Gdzie jest moja paczka? Zamówiłem ją w zeszłym tygodniu.", "pl"),
    ("moje zamowienie jeszcze nie przyszlo, kiedy bedzie", "pl"),
    ("Where is my parcel, I ordered it last week", "en"),
]


@pytest.fixture
def guess():
    return LanguageGuess(ALL, "en")


@pytest.mark.parametrize(("text", "spoken", "page", "language"), STRANGERS)
def test_a_stranger_gets_the_nearest_language(guess, text, spoken, page, language):
    assert guess.neighbour(text).code == spoken
    assert guess(text, page=page) == language


@pytest.mark.parametrize(("text", "language"), OURS)
def test_our_own_customers_are_no_strangers(guess, text, language):
    assert guess.neighbour(text) is None
    assert guess(text, page=language) == language


def test_a_conversation_in_czech_stays_in_the_nearest_language(guess):
    assert guess("A kolik to stojí?", conversation="pl", page="sl") == "pl"


def test_where_the_nearest_is_not_served_the_next_is():
    assert LanguageGuess(("sl", "en"), "en")("Kde je moje zásilka? Objednal jsem ji.") == "sl"


def test_where_no_near_language_is_served_the_page_decides():
    guess = LanguageGuess(("de",), "de")
    assert guess("Kde je moje zásilka? Objednal jsem ji.", page="de") == "de"


@pytest.mark.parametrize("neighbour", read_neighbours(), ids=lambda neighbour: neighbour.code)
def test_each_has_words_of_its_own_and_a_note_for_each_of_ours(neighbour):
    ours = set().union(*read_common().values())
    assert all(fold(word) == word for word in neighbour.words)
    assert not neighbour.words & {word for word in ours if not neighbour.is_sister}
    for language in ALL:
        assert neighbour.names[language] in note_for(neighbour, language)
    assert set(re.findall(r"{(\w+)}", neighbour.note)) == {"language"}


@pytest.mark.parametrize("text", ["", "   ", "🙂🙂🙂", "řěů", "x" * 5000, "</s> kde kde"])
def test_odd_texts_are_nobodys(guess, text):
    guess.neighbour(text)
    assert guess(text, page="sl") in ALL
