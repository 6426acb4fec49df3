"""What programs, virus scanners and lists add below a mail is nobody's words; sentences that begin alike are."""

from __future__ import annotations

import pytest

from odziv.mail.quotes import strip_quotes
from odziv.mail.reading.ours import Ours

US = Ours(["help@smreka.example", "Smreka"])
OWN = "Hvala, to ne pomaga.\nPošiljam še račun 42."
QUOTE = "V pet., 27. nov. 2026 ob 10:01 je oseba Smreka <help@smreka.example> napisala:\n\n> Paket je na poti."
GROUP = 'You received this message because you are subscribed to the Google Groups "Help" group.\nTo view it visit {0}'
ADDED = [
    "Sent from my iPhone", "Poslano iz mojega iPhona", "Poslano s mog iPhonea", "Poslano s iPhone uređaja",
    "Wysłane z iPhone'a", "Wysłano z mojego iPhone’a", "Sent from my Samsung Galaxy smartphone.",
    "Poslano z mojega telefona Galaxy", "Poslano s mog Galaxy uređaja", "Wysłane z urządzenia Galaxy",
    "Poslano z mobitela", "Poslano s mobitela", "Wysłano z komórki", "Poslano z mobilnega telefona",
    "Sent from my mobile device", "Poslano iz Yahoo Maila v Androidu", "Wysłane z Yahoo Mail na Androida",
    "Yahoo Mail: Search, Organize, Conquer", "Sent from Mail for Windows 10", "Poslano iz Pošte za Windows 10",
    "Poslano iz aplikacije Pošta za Windows 10", "Wysłane z aplikacji Poczta systemu Windows", "Get Outlook for iOS",
    "Get Outlook for Android<https://aka.ms/AAb9ysg>", "Pridobite Outlook za iOS<https://aka.ms/o0ukef>",
    "Prenesite Outlook za Android", "Preuzmite Outlook za iOS", "Uzyskaj aplikację Outlook dla systemu Android",
    "Pobierz aplikację Outlook dla systemu iOS", "Outlook für iOS beziehen", "Sent with Proton Mail secure email.",
    "Poslano putem Proton Mail sigurne e-pošte.", "Wysłano za pomocą bezpiecznej poczty e-mail Proton Mail.",
    "Poslano z varno e-pošto Proton Mail.", "Sent with Tuta; enjoy secure & ad-free emails:\nhttps://tuta.com",
    "Sent from my Android device with K-9 Mail. Please excuse my brevity.", "Get BlueMail for Android",
    "Wysłane z mojego urządzenia z Androidem za pomocą K-9 Mail. Proszę wybaczyć moją zwięzłość.",
    "Poslano z Android naprave s pomočjo K-9 Pošta. Oprostite, ker sem kratek.", "Wysłano z aplikacji Interia Poczta",
    "Wysłano z aplikacji Onet Poczta na Androida", "Poslano preko pošte T-2", "Gesendet mit der GMX Mail App",
    "Sent with Aqua Mail for Android\nhttps://www.aqua.example/mail", "Virus-free.www.avast.com",
    "Von meinem iPhone gesendet", "-- \nAna Novak\nhttps://ana.example/?utm_source=mail",
    "-- \n" + GROUP.format("https://groups.example/d/msgid/help/CA%40mail?utm_medium=email&utm_source=footer"),
    f"{'_' * 47}\nHelp mailing list -- help@smreka.example\nTo unsubscribe send an email to help-leave@smreka.example",
]  # fmt: skip
SAID = [
    "Sent from my office in Galaxy street on Monday.", "Sent from my old address, the mobile number is 041 000 000.",
    "Sent from the warehouse, says the courier.", "Sent with DHL", "Sent via courier",
    "Get outlook of the delivery please", "Get the phone back please", "Poslano iz skladišča Maribor v ponedeljek.",
    "Poslano z napako na telefonu?",
    "Poslano iz mojega stanovanja v petek, telefon 041 000 000", "Poslano je bilo na mojo napravo, a ne dela.",
    "Poslano iz trgovine, kjer sem kupila telefon Samsung", "Poslano s greškom, moj mobitel ne radi.",
    "Poslano preko GLS", "Poslano putem Overseas Expressa", "Wysłane przez InPost", "Wysłane za pomocą kuriera DPD",
    "Wysłana z magazynu, w telefonie podano inny numer.", "Wysłane z błędem, mój telefon go nie otwiera.",
    "von mir aus kein Problem mit dem Telefon", "https://smreka.example/izdelek/12", "--\nAli je moder še na zalogi?",
]  # fmt: skip


@pytest.mark.parametrize("added", ADDED)
@pytest.mark.parametrize("is_reply", [True, False])
def test_it_is_left_out(added, is_reply):
    assert strip_quotes(f"{OWN}\n\n{added}", is_reply=is_reply, ours=US) == OWN


@pytest.mark.parametrize("added", ADDED)
def test_it_is_left_out_above_a_quote(added):
    assert strip_quotes(f"{OWN}\n\n{added}\n\n{QUOTE}", ours=US) == OWN


@pytest.mark.parametrize("said", SAID)
@pytest.mark.parametrize("is_reply", [True, False])
def test_a_sentence_like_it_stays(said, is_reply):
    assert strip_quotes(f"Paket še ni prišel.\n{said}", is_reply=is_reply, ours=US) == f"Paket še ni prišel.\n{said}"
    assert strip_quotes(f"Paket še ni prišel.\n{said}\n\n{QUOTE}", ours=US).endswith(said.split("\n")[-1])


BLOCK = "Od: Smreka <help@smreka.example>\nPoslano: petek, 27. november 2026 10:01\nZa: Ana\nZadeva: Re: Paket"
LABELLED = [
    "Naslov: Trubarjeva 5, Ljubljana", "Zadeva: napačna barva", "Za: Luka Novak", "Datum: 3. 12. 2026",
    "Od: 1. 12. 2026\nDo: 5. 12. 2026\nNaslov: Trubarjeva 5\nProsim za dostavo v tem času.",
    "Naročilo 12345\nDatum naročila: 20. 11. 2026\nKupec: Ana\nZa: Luka\nZadeva: napačna barva",
    "Do: Zagreb\nTemat: reklamacja", "Subject: the red one",
]  # fmt: skip


@pytest.mark.parametrize("own", LABELLED)
@pytest.mark.parametrize("gap", ["\n", "\n\n"])
@pytest.mark.parametrize("known", [[], ["Paket je na poti in pride jutri popoldne."]], ids=["unknown", "known"])
def test_a_line_with_a_label_above_the_block_of_a_program_is_the_writers(own, gap, known):
    ours = Ours(["help@smreka.example", "Smreka"], known)
    text = f"Pozdravljeni,\n{own}{gap}{BLOCK}\n\nPaket je na poti in pride jutri popoldne."
    assert strip_quotes(text, ours=ours) == f"Pozdravljeni,\n{own}"


@pytest.mark.parametrize(
    "attribution",
    ["Smreka <help@smreka.example> writes:", "Smreka skrifaði:", "Quoting Smreka <help@smreka.example>:", "Smreka:"],
)
@pytest.mark.parametrize("own", ["Pošiljam še račun 42.", "Moja številka je 42", "Kupljeno 20. 11. 2026"])
def test_a_line_with_a_number_above_an_attribution_without_a_day_is_the_writers(attribution, own):
    quoted = "Paket je na poti in bo dostavljen jutri med deveto in dvanajsto uro.\nSledite mu lahko na naši strani."
    ours = Ours(["help@smreka.example", "Smreka"], [quoted])
    assert strip_quotes(f"Pozdravljeni,\n{own}\n{attribution}\n{quoted}", ours=ours) == f"Pozdravljeni,\n{own}"
