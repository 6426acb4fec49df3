"""What a message is by its form: signs, facts, noise, trouble, anger, and a person who is not wanted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from actions.wording import (
    asks_price,
    is_angry,
    is_bare_trouble,
    note_of,
    refuses_person,
    without_facts,
    without_refusal,
    without_tongue,
    without_wish,
)
from kb.sources.library import LIBRARY, read_library

DATA = Path(__file__).parents[1] / "data" / "person"
LANGUAGES = ("sl", "hr", "pl", "en")


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("😭😭😭", "upset"),
        ("😡", "upset"),
        ("👎🏻", "upset"),
        ("👍", "pleased"),
        ("❤️", "pleased"),
        ("🤷‍♀️", "puzzled"),
        ("???", "puzzled"),
        ("…", "puzzled"),
        ("SM-2024-00123", "number"),
        ("#100234", "number"),
        ("041 000 123", "phone"),
        ("+48 600 700 800", "phone"),
        ("ana@shop.example", "email"),
        ("https://smreka.example/p/123", "link"),
        ("43", "size"),
        ("41,5", "size"),
        ("XL", "size"),
        ("aaaaaaaaaa", "puzzled"),
        ("asdfghjkl", "puzzled"),
        ("sdfgh", "puzzled"),
        ("bcdfgh", "puzzled"),
    ],
)
def test_signs_facts_and_noise_are_what_they_are_in_any_language(text, note):
    assert {note_of(text, language) for language in ("sl", "hr", "pl", "en", "de")} == {note}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("sl", "kje je naročilo SM-123456"),
        ("hr", "gdje je narudžba 12345"),
        ("pl", "gdzie moje zamowienie 12345"),
        ("en", "where is my order 12345"),
        ("en", "is 43 too small?"),
        ("en", "a jacket in XL"),
        ("sl", "rad bi vrnil čevlje"),
        ("hr", "krpa"),
        ("hr", "krv"),
        ("pl", "krwi"),
        ("en", "rhythm and blues"),
        ("en", ""),
    ],
)
def test_what_asks_or_says_something_is_no_note(language, text):
    assert note_of(text, language) is None


@pytest.mark.parametrize(
    ("language", "text", "is_bare"),
    [
        ("sl", "ne dela", True),
        ("sl", "koda ne prime", False),
        ("sl", "mail ne pride", False),
        ("hr", "ne radi mi", True),
        ("hr", "kod ne vrijedi", False),
        ("hr", "mail ne dolazi", False),
        ("pl", "coś nie działa", True),
        ("pl", "kod nie wchodzi", False),
        ("pl", "mail nie przychodzi", False),
        ("en", "it doesn't work", True),
        ("en", "the code won't apply", False),
        ("en", "page not loading", False),
    ],
)
def test_trouble_is_known_and_whether_it_says_of_what(language, text, is_bare):
    assert note_of(text, language) == "trouble"
    assert is_bare_trouble(text, language) == is_bare


@pytest.mark.parametrize(
    ("language", "text", "rest"),
    [
        ("sl", "Nočem govoriti s človekom, povejte mi ceno dostave", "povejte mi ceno dostave"),
        ("hr", "Ne želim razgovarati s čovjekom, koliko košta dostava?", "koliko košta dostava?"),
        ("pl", "Nie chcę rozmawiać z człowiekiem, ile kosztuje dostawa?", "ile kosztuje dostawa?"),
        ("en", "I don't want to talk to a person, just tell me the price", "just tell me the price"),
        ("sl", "nočem ničesar vračati, kje je moj paket?", "kje je moj paket?"),
        ("hr", "ne želim ništa vratiti, gdje je moj paket?", "gdje je moj paket?"),
        ("pl", "nie chcę nic zwracać, gdzie jest moja paczka?", "gdzie jest moja paczka?"),
        ("en", "I do NOT want to return anything, where is my parcel?", "where is my parcel?"),
    ],
)
def test_what_is_not_wanted_is_left_out_of_the_question(language, text, rest):
    assert without_refusal(text, language) == rest


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("sl", "povejte mi samo, kdaj ste odprti, operaterja ne rabim"),
        ("hr", "samo me zanima radno vrijeme, djelatnika ne trebam"),
        ("pl", "chcę tylko wiedzieć, kiedy otwarte, konsultanta nie potrzebuję"),
        ("en", "just tell me your opening hours, an agent I don't need"),
    ],
)
def test_a_person_named_before_the_refusal_is_refused_too(language, text):
    assert refuses_person(text, language)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("sl", "govoril bi s človekom nočem pisati"),
        ("hr", "želim djelatnika ne treba mi vaš chat"),
        ("pl", "dajcie konsultanta nie chce mi się pisać"),
        ("en", "a person please I don't want to type"),
        ("sl", "nočem se pogovarjat z računalnikom"),
        ("sl", "ne rabim bota ampak človeka"),
        ("hr", "ne želim bota, trebam čovjeka"),
        ("hr", "neću razgovarati s robotom"),
        ("pl", "nie chcę gadać z botem"),
        ("pl", "nie potrzebuję automatu, tylko człowieka"),
        ("en", "I don't want a bot, I want a human"),
        ("en", "no machine please, a person"),
    ],
)
def test_whoever_refuses_a_machine_wants_a_person(language, text):
    assert not refuses_person(text, language)


KEPT = [
    ("sl", "nočem preklicati naročila", True),
    ("sl", "prosim ne prekličite mojega naročila!", True),
    ("sl", "ne brišite mi računa", True),
    ("sl", "ne bi rada vračala jakne", True),
    ("sl", "prosim, naročila mi ne preklicujte", True),
    ("sl", "Pozdravljeni, računa mi nikar ne brišite. Hvala!", True),
    ("sl", "nočem več e-novic", False),
    ("sl", "zakaj ne morem preklicati naročila", False),
    ("sl", "noče zamenjati valute", False),
    ("hr", "ne želim otkazati narudžbu", True),
    ("hr", "nemojte mi otkazati narudžbu", True),
    ("hr", "ne brišite mi račun", True),
    ("hr", "molim vas, narudžbu mi ne otkazujte", True),
    ("hr", "ne želim više vaše mailove", False),
    ("hr", "ne mijenja se status paketa", False),
    ("hr", "ne mogu otkazati narudžbu", False),
    ("pl", "nie chcę anulować zamówienia", True),
    ("pl", "proszę nie anulować mojego zamówienia", True),
    ("pl", "nie usuwajcie mi konta", True),
    ("pl", "proszę, zamówienia nie anulujcie", True),
    ("pl", "nie chcę już newslettera", False),
    ("pl", "strona nie chce zmienić języka", False),
    ("pl", "nie mogę zwrócić butów", False),
    ("en", "don't cancel my order", True),
    ("en", "please do not delete my account", True),
    ("en", "I don't want to return anything", True),
    ("en", "please, don't cancel it. Thanks", True),
    ("en", "I'm not trying to return anything", True),
    ("en", "please", False),
    ("en", "I'm not going to buy it", False),
    ("en", "I don't want your newsletter", False),
    ("en", "you don't refund anybody", False),
    ("en", "it won't change my password", False),
    ("en", "what if I don't return it?", False),
]


@pytest.mark.parametrize(("language", "text", "is_all"), KEPT)
def test_what_is_not_to_be_undone_is_told_from_what_is_not_wanted(language, text, is_all):
    assert (note_of(text, language) == "unwanted") is is_all


@pytest.mark.parametrize(
    ("language", "text", "rest"),
    [
        ("sl", "Ne prekličite naročila, samo naslov bi spremenila", "samo naslov bi spremenila"),
        ("hr", "Ne želim otkazati narudžbu, samo promijeniti adresu", "samo promijeniti adresu"),
        ("pl", "Nie chcę anulować zamówienia, tylko zmienić adres", "tylko zmienić adres"),
        ("en", "Don't cancel my order, just change the address", "just change the address"),
        ("en", "I'm not trying to send it back, where is my order", "where is my order"),
    ],
)
def test_what_is_wanted_instead_is_the_question(language, text, rest):
    assert without_refusal(text, language) == rest


@pytest.mark.parametrize("text", ["I don't want it any more", "no, I need the invoice", "don't cancel my order"])
def test_a_no_that_is_all_there_is_stays(text):
    assert without_refusal(text, "en") == text


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("sl", "to je sramota, prijavil vas bom inšpekciji"),
        ("hr", "sramota od trgovine"),
        ("pl", "żenada, idę do UOKiK"),
        ("en", "what a scam, you'll hear from my lawyer"),
    ],
)
def test_words_of_anger_are_known(language, text):
    assert is_angry(text, language)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("sl", "a mate še kej tapravih gojzarjev za u hribe"),
        ("sl", "rad bi nesu nazaj eno bundo"),
        ("hr", "imate li oni žuti šušjavac"),
        ("pl", "macie jeszcze te zielone kijki"),
        ("en", "have you got them yellow wellies"),
    ],
)
def test_dialect_is_no_anger_and_no_note(language, text):
    assert not is_angry(text, language)
    assert note_of(text, language) is None


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("where is my order SM-123456", "where is my order"),
        ("please send the invoice to ana@shop.example", "please send the invoice to"),
        ("SM-123456", "SM-123456"),
        ("do you take 3 of them", "do you take 3 of them"),
    ],
)
def test_numbers_and_addresses_say_nothing_of_what_is_asked(text, asked):
    assert without_facts(text) == asked


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_hardly_any_way_of_asking_in_the_library_is_anger_or_refuses_a_person(language):
    """Of 10,000 phrasings a language; those that are taken for anger threaten, most of them."""
    asked = [text for topic in read_library(LIBRARY).values() for text in topic.words[language].asked]
    assert sum(is_angry(text, language) for text in asked) < len(asked) / 400
    assert sum(refuses_person(text, language) for text in asked) < len(asked) / 2000
    assert sum(note_of(text, language) == "unwanted" for text in asked) < len(asked) / 2000


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_wish_for_a_person_is_taken_for_its_contrary(language):
    rows = [json.loads(line) for line in (DATA / f"{language}.jsonl").read_text("utf-8").splitlines()]
    wishes = [row["text"] for row in rows if row["intent"] == "request_human"]
    assert len(wishes) > 40 and [text for text in wishes if refuses_person(text, language)] == []


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "now connect me to a person"),
        ("en", "nobody answers the phone, I want a person"),
        ("en", "I don't have a phone, can someone help me"),
        ("en", "I don't need a call, I need a human"),
        ("pl", "bezczelni jesteście, dajcie mi człowieka"),
        ("hr", "bezobrazni ste, dajte mi čovjeka"),
        ("sl", "a ne bi mogla govoriti s človekom"),
    ],
)
def test_a_wish_with_a_no_in_it_stays_one(language, text):
    assert not refuses_person(text, language)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "a pad for lying on stony ground"),
        ("en", "have you got tents for a courtyard"),
        ("en", "is this text message a scam?"),
        ("pl", "dno plecaka przecieka"),
        ("pl", "jak dojść do sadu przy sklepie"),
        ("sl", "a je ta sms prevara"),
        ("hr", "je li ova poruka prijevara"),
        ("en", "wtf where do I put the code"),
    ],
)
def test_words_that_only_sound_angry_are_none(language, text):
    assert not is_angry(text, language)


@pytest.mark.parametrize("text", ["iso 9001", "catalogue 2025 pdf", "my tent arrived broken"])
def test_a_number_beside_what_it_belongs_to_is_a_question(text):
    assert note_of(text, "en") is None


@pytest.mark.parametrize(
    ("language", "text", "rest"),
    [
        ("sl", "Aha, lahko pišem po slovensko. Kdaj se zapre trgovina?", "Aha, Kdaj se zapre trgovina?"),
        ("sl", "raje bi po slovensko, koliko stane vračilo", "koliko stane vračilo"),
        ("sl", "po slovensko, prosim", ""),
        ("sl", "v slovenščini bi mi bilo lažje", ""),
        ("hr", "Lakše mi je na hrvatskom. Gdje je moj paket?", "Gdje je moj paket?"),
        ("hr", "može na hrvatskom molim", ""),
        ("hr", "pišite mi hrvatski, koliko traje dostava", "koliko traje dostava"),
        ("pl", "wolę po polsku. ile kosztuje zwrot", "ile kosztuje zwrot"),
        ("pl", "po polsku proszę", ""),
        ("pl", "mój polski jest słaby, czy paczka już wyszła", "czy paczka już wyszła"),
        ("en", "could you say that in english, and is it free above some amount", "and is it free above some amount"),
        ("en", "in English please", ""),
        ("en", "My Polish isn't good enough. Can I collect it?", "Can I collect it?"),
    ],
)
def test_which_language_to_speak_is_no_part_of_the_question(language, text, rest):
    assert without_tongue(text, language) == rest


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("sl", "lahko dobim račun v angleščini, kje?"),
        ("sl", "pošiljate na hrvaško"),
        ("hr", "imate li upute na hrvatskom"),
        ("hr", "gdje su vam trgovine u Poljskoj"),
        ("pl", "czy jest instrukcja po polsku"),
        ("pl", "ile kosztuje dostawa na polski adres"),
        ("en", "can I get the manual in English"),
        ("en", "is the English channel served by your ferry"),
    ],
)
def test_but_what_is_asked_of_a_language_is(language, text):
    assert without_tongue(text, language) == text


@pytest.mark.parametrize(
    ("language", "text", "asks"),
    [
        ("sl", "se to kaj plača", True),
        ("sl", "je zamenjava zastonj", True),
        ("sl", "kolk me to pride", True),
        ("sl", "koliko dni traja, da pride", False),
        ("sl", "se plača s kartico", False),
        ("hr", "jel se to nešto plaća", True),
        ("hr", "plaća li se povrat", True),
        ("hr", "koliko dana dok dođe", False),
        ("hr", "plaća li se karticom", False),
        ("pl", "czy za zwrot płaci się coś", True),
        ("pl", "a jest darmowa?", True),
        ("pl", "ile dni to u was wynosi", False),
        ("pl", "czy płaci się kartą", False),
        ("en", "do I have to pay for that", True),
        ("en", "is returning free", True),
        ("en", "how much time does it cost me", True),
        ("en", "is that free of plastic", False),
        ("en", "do I have to pay by card", False),
    ],
)
def test_a_price_is_asked_for_in_many_words(language, text, asks):
    assert asks_price(text, language) is asks


@pytest.mark.parametrize(
    ("language", "text", "rest"),
    [
        ("sl", "Rad bi govoril s človekom.", ""),
        ("sl", "Povežite me z agentom glede računa za čelado", "glede računa za čelado"),
        ("hr", "Želim razgovarati s osobom", ""),
        ("pl", "nie chcę rozmawiać z botem, gdzie jest paczka?", "gdzie jest paczka?"),
        ("en", "How do I return a tent?", "How do I return a tent?"),
        ("en", "I don't want to talk to a person", "I don't want to talk to a person"),
        ("en", "ßß put me through to a person", "ssss"),
        ("de", "Ich möchte mit einem Menschen sprechen", "Ich möchte mit einem Menschen sprechen"),
    ],
)
def test_the_words_that_wish_for_a_person_are_taken_out(language, text, rest):
    assert without_wish(text, language).strip(" .") == rest.strip(" .")
