from pathlib import Path

import pytest

from kb.language.detection import LanguageGuess
from kb.language.learn import read_article

ARTICLES = Path(__file__).parents[3] / "kb" / "articles"
LANGUAGES = ("sl", "hr", "pl", "en")


@pytest.fixture(scope="module")
def guess():
    return LanguageGuess(LANGUAGES, "en")


NEWCOMERS = [
    ("kje je moj paket?", "sl"),
    ("Pozdravljeni, rada bi vrnila čevlje", "sl"),
    ("kdaj dobim denar nazaj", "sl"),
    ("a lahko placam po povzetju", "sl"),
    ("nisem dobil računa", "sl"),
    ("Živjo", "sl"),
    ("dober dan", "sl"),
    ("gdje je moj paket", "hr"),
    ("Dobar dan, želim vratiti cipele", "hr"),
    ("kada mogu ocekivati povrat novca", "hr"),
    ("što ako mi ne odgovara veličina", "hr"),
    ("zasto mi nije stigao racun", "hr"),
    ("Bok", "hr"),
    ("mogu li platiti pouzećem?", "hr"),
    ("gdzie jest moja paczka?", "pl"),
    ("Dzień dobry", "pl"),
    ("jak zwrocic buty", "pl"),
    ("nie dostałam faktury", "pl"),
    ("czy moge zaplacic przy odbiorze", "pl"),
    ("cześć, mam problem z zamówieniem", "pl"),
    ("ile kosztuje przesyłka do Niemiec", "pl"),
    ("where is my parcel", "en"),
    ("hi", "en"),
    ("Can I return shoes I've worn once?", "en"),
    ("refund how long", "en"),
    ("do you deliver to germany", "en"),
    ("Thanks!", "en"),
]
STAYS = [  # (text, conversation, page, language)
    ("ok", "sl", None, "sl"),
    ("super hvala", "sl", "en", "sl"),
    ("thank you", "sl", None, "sl"),
    ("dzien dobry", "sl", None, "sl"),
    ("hello there", "pl", None, "pl"),
    ("koliko stane", "hr", None, "hr"),
    ("SM-123456", "pl", None, "pl"),
    ("12345", None, "hr", "hr"),
    ("???", None, "sl", "sl"),
    ("", "pl", "sl", "pl"),
    ("paket", None, "hr", "hr"),
    ("moj paket je u Zagrebu", "sl", None, "sl"),
    ("imam problem s paketom", "sl", None, "sl"),
    ("imam problem s paketom", "hr", None, "hr"),
    ("imam problem s paketom", None, "sl", "sl"),
    ("samo da pitam za paket", "hr", "sl", "hr"),
    ("Visa Mastercard PayPal Apple Pay", "sl", None, "sl"),
    ("iPhone 15 Pro Max case", "hr", None, "hr"),
    ("marmot tungsten tent 3P", "pl", None, "pl"),
    ("kje je moj paket?", "sl", "pl", "sl"),
    ("dostava v Slovenijo", None, "sl", "sl"),
    ("Koda ne deluje, ne sprejme je.", "sl", "sl", "sl"),
    ("Ne vem, ne razumem.", "sl", "sl", "sl"),
    ("lahko plačam del z bonom in del s kartico", "sl", "sl", "sl"),  # twice a word of Italian
    ("Ime i prezime i adresa", "hr", "hr", "hr"),
    ("Jakna i hlače i kapa i rukavice", "hr", "hr", "hr"),
    ("pa ovo ni kaj sem ja naročil, dobil sem grablje a hotel sem lopatu", "hr", "hr", "hr"),  # dialect
    ("Kurtka i spodnie i czapka", "pl", "pl", "pl"),
    ("Od was i do was", "pl", "pl", "pl"),
    ("pls can I dostat fakturę jeszcze raz", "pl", "pl", "pl"),
    ("click and collect", "hr", "hr", "hr"),
    ("kurir me ni dobil doma, where is it now", "sl", "sl", "sl"),
    ("black diamond headlamp", None, "sl", "sl"),
    ("Ana Novak, Celje", "pl", "pl", "pl"),
    ("Warszawa, ul. Puławska 44", "sl", "sl", "sl"),
    ("jan.kowalski@paczka.example https://gdzie.jest/moja/paczka", "en", "sl", "en"),
    ("ok super", "en", "sl", "en"),
    ("super", "en", "hr", "en"),
    ("no thanks", "en", "sl", "en"),
    ("i see", "en", "pl", "en"),
]
SWITCHES = [
    ("Gdzie jest moja paczka? Zamówiłem tydzień temu", None, "sl", "pl"),
    ("gdzie jest moja paczka", "sl", "sl", "pl"),
    ("nie dostalem jeszcze mojej paczki", "en", None, "pl"),
    ("kje je moj paket, naročil sem ga prejšnji teden", "en", "en", "sl"),
    ("Where is my order? I have been waiting for a week", "sl", None, "en"),
    ("can you please help me with my return", "pl", "pl", "en"),
    ("gdje je moja narudžba, čekam već tjedan dana", "sl", "sl", "hr"),
    ("zašto još nisam dobio povrat novca", "sl", None, "hr"),
    ("zakaj še nisem dobil denarja nazaj", "hr", None, "sl"),
    ("kdaj lahko pričakujem pošiljko", "hr", "hr", "sl"),
    ("Dzień dobry", None, "sl", "pl"),
    ("hello", None, "hr", "en"),
    ("Dober dan", None, "hr", "sl"),
    ("dobar dan", None, "sl", "hr"),
    ("mogę prosić o fakturę na firmę?", "hr", "sl", "pl"),
    ("Kako vrnem šotor?", None, "en", "sl"),
    ("Koliko stane dostava?", None, "en", "sl"),
    ("Kje je moj paket?", None, "en", "sl"),
    ("Kako mogu platiti?", None, "sl", "hr"),
    ("Koliko košta dostava u Hrvatsku?", None, "en", "hr"),
    ("a co z ukrainą?", "hr", "hr", "pl"),
    ("a v Nemčijo?", "en", "en", "sl"),
    ("what about switzerland?", "sl", "sl", "en"),
    ("how much is that", "hr", "hr", "en"),
]
BACK = [  # to the page's language: (text, conversation, page)
    ("Hvala", "en", "sl"),
    ("hvala lepa", "en", "sl"),
    ("še to: kdaj dobim denar nazaj", "en", "sl"),
    ("in koliko stane v nemčijo", "en", "sl"),
    ("v redu, hvala za pomoč", "hr", "sl"),
    ("hvala", "en", "hr"),
    ("a kolko kosta u njemacku", "pl", "hr"),
    ("Ime i prezime i adresa", "en", "hr"),
    ("u redu, hvala na pomoći", "sl", "hr"),
    ("dzieki", "sl", "pl"),
    ("a ile sie czeka", "en", "pl"),
    ("proszę", "en", "pl"),
    ("thank you", "pl", "en"),
    ("and how much", "sl", "en"),
    ("yes please", "hr", "en"),
]
ALONE = [  # as in a mail, where nothing else tells
    ("Koliko stane dostava?", "sl"),
    ("ne dela mi koda", "sl"),
    ("Kdaj je naslednji tečaj?", "sl"),
    ("Koliko košta dostava?", "hr"),
    ("auto mi se ne pali", "hr"),
    ("Kad počinje sljedeći tečaj?", "hr"),
    ("Kurtka i spodnie i czapka", "pl"),
    ("bilet miesięczny cena", "pl"),
    ("Kiedy zaczyna się następny kurs?", "pl"),
    ("tent is leaking", "en"),
    ("When does the next course start?", "en"),
]


@pytest.mark.parametrize(("text", "language"), NEWCOMERS)
def test_a_text_alone(guess, text, language):
    assert guess(text) == language


@pytest.mark.parametrize(("text", "conversation", "page", "language"), STAYS)
def test_short_or_ambiguous_texts_change_nothing(guess, text, conversation, page, language):
    assert guess(text, conversation=conversation, page=page) == language


@pytest.mark.parametrize(("text", "conversation", "page", "language"), SWITCHES)
def test_a_plain_switch_is_followed(guess, text, conversation, page, language):
    assert guess(text, conversation=conversation, page=page) == language


@pytest.mark.parametrize(("text", "conversation", "page"), BACK)
def test_going_back_to_the_pages_language_is_followed(guess, text, conversation, page):
    assert guess(text, conversation=conversation, page=page) == page


@pytest.mark.parametrize(("text", "language"), ALONE)
def test_a_mail_is_told_by_its_words(guess, text, language):
    assert guess(text) == language


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_shops_own_sentences_never_turn_a_conversation(guess, language):
    own = [text for path in sorted((ARTICLES / language).rglob("*.md")) for text in read_article(path)]
    assert len(own) > 500
    assert [text for text in own if guess(text, conversation=language, page=language) != language] == []


def test_a_language_of_which_nothing_is_learnt_is_told_by_the_detector():
    guess = LanguageGuess((*LANGUAGES, "de"), "en")
    german = "Können Sie mir bitte sagen, wann die Bestellung bei mir ankommt?"
    assert guess(german) == guess(german, page="sl") == guess(german, conversation="en", page="en") == "de"
    assert guess("Kje je moj paket, naročil sem ga prejšnji teden?", conversation="de", page="de") == "sl"
    assert guess("Wo ist mein Paket?", conversation="de", page="de") == "de"
    assert guess("where is my parcel", page="en") == "en"


def test_regions_are_ignored_and_unknown_languages_are_not_believed(guess):
    assert guess("ok", page="pl-PL") == "pl"
    assert guess("ok", conversation="sl_SI") == "sl"
    assert guess("ok", page="de") == "en"
    assert guess("🙂") == "en"


def test_only_configured_languages_are_answered():
    assert LanguageGuess(["pl"], "pl")("where is my parcel") == "pl"
    assert LanguageGuess(["sl", "en"], "sl")("gdzie jest moja paczka") in ("sl", "en")
