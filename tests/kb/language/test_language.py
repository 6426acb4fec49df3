import pytest

from kb.language.detection import LanguageGuess

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
    ("hvala lijepa na pomoci", "sl", None, "sl"),
    ("imam problem s paketom", "sl", None, "sl"),
    ("imam problem s paketom", "hr", None, "hr"),
    ("imam problem s paketom", None, "sl", "sl"),
    ("samo da pitam za paket", "hr", "sl", "hr"),
    ("Visa Mastercard PayPal Apple Pay", "sl", None, "sl"),
    ("iPhone 15 Pro Max case", "hr", None, "hr"),
    ("marmot tungsten tent 3P", "pl", None, "pl"),
    ("kje je moj paket?", "sl", "pl", "sl"),
    ("dostava v Slovenijo", None, "sl", "sl"),
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


def test_regions_are_ignored_and_unknown_languages_are_not_believed(guess):
    assert guess("ok", page="pl-PL") == "pl"
    assert guess("ok", conversation="sl_SI") == "sl"
    assert guess("ok", page="de") == "en"
    assert guess("🙂") == "en"


def test_only_configured_languages_are_answered():
    assert LanguageGuess(["pl"], "pl")("where is my parcel") == "pl"
    assert LanguageGuess(["sl", "en"], "sl")("gdzie jest moja paczka") in ("sl", "en")
