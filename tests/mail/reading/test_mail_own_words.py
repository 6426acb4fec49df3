"""What of a mail is its customer's own, and what of that the bot is asked: through a maildir, a turn, and out again."""

from __future__ import annotations

import time
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
import yaml

from odziv.cases.mails.question import question_of, without_notes
from odziv.mail.parse import read_mail
from odziv.mail.quotes import read_words, strip_quotes
from odziv.mail.reading.lines import split_plain
from odziv.mail.reading.ours import Ours
from odziv.store.mail.inbound import find_original
from tests.files import picture
from tests.mail.conftest import ANNA, OURS, text_of, write_mail
from tests.mail.test_intake import everyone, said

ANSWER = (
    "The parcel left our warehouse on Monday.\n\nPlease tell us two things: which size, and which address?\n\nSmreka"
)
US = Ours([OURS, "Smreka"], [ANSWER], ["Where is my parcel?\nI have waited for three weeks."])
UNKNOWN = {
    "Finnish": "Smreka kirjoitti 27.11.2026 kello 10.01:",
    "Icelandic": "Þann fös., 27. nóv. 2026 kl. 10:01 skrifaði Smreka:",
    "Latvian": "piektd., 2026. g. 27. nov., plkst. 10:01 — lietotājs Smreka rakstīja:",
    "Greek": "Στις Παρ 27 Νοε 2026 στις 10:01 π.μ., ο/η Smreka έγραψε:",
    "a block in Lithuanian": "Nuo: Smreka <help@smreka.example>\nIšsiųsta: 2026 m. lapkričio 27 d. 10:01\nKam: Ana",
    "none": "",
}


@pytest.mark.parametrize("attribution", UNKNOWN.values(), ids=UNKNOWN)
def test_our_last_mail_is_known_by_its_words_in_any_language(attribution):
    assert strip_quotes(f"Kiitos!\n\n{attribution}\n\n{ANSWER}", ours=US) == "Kiitos!"
    wrapped = ANSWER.replace("things: which", "things:\nwhich").replace("left our", "left\nour")
    assert strip_quotes(f"Kiitos!\n\n{attribution}\n\n{wrapped}\n\nPozdrav", ours=US) == "Kiitos!\n\nPozdrav"


MARKS = [
    "On Friday, 27 November 2026 at 10:01, Smreka wrote:",
    "From: Smreka <help@smreka.example>\nSent: 27 November 2026 10:01\nTo: Ana\nSubject: Re: Parcel",
    "-----Original Message-----",
    "",
]


@pytest.mark.parametrize("mark", MARKS)
def test_answers_written_into_our_words_stay(mark):
    inside = ANSWER.replace("size, and", "size,\nForty-two.\nand").replace("address?", "address?\nLipova 5, please")
    kept = strip_quotes(f"See below.\n\n{mark}\n\n{inside}", ours=US)
    assert [line for line in kept.split("\n") if line] == ["See below.", "Forty-two.", "Lipova 5, please"]


def test_what_the_customer_says_once_more_stays():
    for text in (
        "Where is my parcel?",
        "Where is my parcel?\nI have waited for three weeks.",
        "Which address?",
        "Smreka",
    ):
        assert strip_quotes(text, ours=US) == text
    asked = "> Where is my parcel?\n"
    assert strip_quotes(f"Where is my parcel?\n\n{MARKS[0]}\n{asked}", ours=US) == "Where is my parcel?"


def test_below_a_mark_all_goes_where_our_words_are_not_known():
    text = f"Thanks.\n\n{MARKS[1]}\n\nA mail from another time, with other words."
    assert strip_quotes(text, ours=US) == strip_quotes(text, ours=Ours([OURS])) == "Thanks."


def test_the_bots_answer_comes_back_in_every_way_without_a_word_of_it(deliver, store, services, smtp_server):
    """Its own mail, laid out by another program, and below a line that nobody here knows."""
    deliver(write_mail("How do I return shoes?", "Shoes"))
    [ours] = smtp_server.got
    plain = text_of(ours)
    ways = {
        "bare": f"And when?\n\n{plain}",
        "unknown": f"And when?\n\n{UNKNOWN['Finnish']}\n\n{plain}",
        "block": f"And when?\n\nVan: Smreka\nVerzonden: 27 november 2026 10:01\nAan: Anna\nOnderwerp: Shoes\n\n{plain}",
        "arrows": "And when?\n\n" + "\n".join(f"> {line}" for line in plain.split("\n")),
    }
    for number, text in enumerate(ways.values()):
        deliver(write_mail(f"{number} {text}", "Re: Shoes", In_Reply_To=ours["Message-ID"]))
    html = ours.get_body(("html",)).get_content()
    deliver(write_html(f"<p>4 And when?</p><div>{html}</div>", In_Reply_To=ours["Message-ID"]))
    [conversation] = everyone(store)
    assert said(store, conversation.id, "customer")[1:] == [f"{number} And when?" for number in range(5)]
    assert "14 days" in find_original(store, conversation.id, 3).original


def write_html(html: str, subject: str = "Re: Shoes", **headers: str) -> bytes:
    mail = message_from_bytes(write_mail("x", subject, **headers), policy=policy.default)
    mail.set_content(html, subtype="html")
    return mail.as_bytes()


FORWARDS = {
    name: head.replace("|", "\n")
    for name, head in yaml.safe_load((Path(__file__).parents[2] / "data/mail/forwards.yml").read_text("utf-8")).items()
}
NOTICE = "Paket zamuja, predvidoma do ponedeljka."


@pytest.mark.parametrize(
    ("prefix", "head"),
    [
        *(("Fwd", head) for head in FORWARDS.values()),
        *((each, FORWARDS["Outlook"]) for each in ("PD", "Posr", "WG[2]")),
    ],
    ids=[*FORWARDS, "Polish", "Slovenian", "German"],
)
@pytest.mark.slow
def test_what_is_passed_on_is_kept_and_marked_with_its_subject(deliver, store, services, prefix, head):
    quoted = f"> {NOTICE}" if head.endswith(">") else NOTICE
    deliver(write_mail(f"Kje je ta paket?\n\n{head}\n\n{quoted}", f"{prefix}: Paket 778899 zamuja"))
    [conversation] = everyone(store)
    [text] = said(store, conversation.id, "customer")
    assert text.startswith(f"{prefix}: Paket 778899 zamuja\n\nKje je ta paket?\n\n") and NOTICE in text
    assert "--- Forwarded message ---" in text
    [(_, _, asked, _)] = services.bot.calls
    assert "Kje je ta paket?" in asked and NOTICE not in asked and "d.example" not in asked


@pytest.mark.parametrize(
    "head", [FORWARDS["Gmail"], FORWARDS["Apple Mail"], FORWARDS["Thunderbird"], FORWARDS["Outlook"]]
)
def test_so_it_is_in_an_answer_and_under_another_subject(deliver, store, offline, answered, head):
    deliver(write_mail(f"See this:\n\n{head}\n\n{NOTICE}", "Re: x", In_Reply_To=answered["Message-ID"]))
    text = said(store, offline.id, "customer")[-1]
    assert text.startswith("See this:\n\n--- Forwarded message ---\n") and text.endswith(NOTICE)


OTHERS = {
    "Samsung": "-------- Izvirno sporočilo --------\nOd: Dostava <i@d.example>\nDatum: 26. 11. 26 9:00 (GMT+01:00)\n"
    "Za: a@x.example\nZadeva: Paket",
    "Roundcube": "-------- Original Message --------\nSubject: Paket\nDate: 2026-11-26 09:00\n"
    "From: Dostava <i@d.example>\nTo: a@x.example",
    "an old Outlook": "-----Oryginalna wiadomość-----\n\nOd: Dostawa <i@d.example>\nWysłano: 26 listopada 2026 9:00\n"
    "Do: a@x.example\nTemat: Paczka",
}


@pytest.mark.parametrize("head", OTHERS.values(), ids=OTHERS)
def test_in_an_answer_a_line_of_dashes_above_somebody_elses_mail_cuts_nothing(head):
    words = read_words(split_plain(f"Kje je?\n\n{head}\n\n{NOTICE}"), is_reply=True, ours=US)
    assert words.own == "Kje je?" and words.forwarded.endswith(NOTICE) and not words.is_unsure


@pytest.mark.parametrize("head", OTHERS.values(), ids=OTHERS)
def test_above_a_mail_of_ours_it_does(head):
    ours = head.replace("i@d.example", "help@smreka.example")
    words = read_words(split_plain(f"Kje je?\n\n{ours}\n\n{NOTICE}"), is_reply=True, ours=US)
    assert (words.own, words.forwarded) == ("Kje je?", "")


def test_what_is_passed_on_without_a_word_is_what_the_mail_is_about(deliver, services):
    deliver(write_mail(f"{FORWARDS['Gmail']}\n\n{NOTICE}", "Fwd: Paket"))
    assert services.bot.calls[0][2] == NOTICE


def test_a_line_that_looks_forward_passes_nothing_on():
    text = "I look forward to your answer:\n\nHow long does it take?"
    for is_reply in (True, False):
        assert strip_quotes(text, is_reply=is_reply, ours=US) == text


def with_file(text: str, subject: str, name: str, data: bytes) -> bytes:
    mail: EmailMessage = message_from_bytes(write_mail(text, subject), policy=policy.default)
    mail.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return mail.as_bytes()


@pytest.mark.parametrize("name", ["winmail.dat", "termin.ics", "ana.vcf", "narocilo.docx", "video.mp4"])
def test_a_note_on_a_refused_file_is_for_readers_and_not_for_the_bot(deliver, store, services, name):
    deliver(with_file("How do I return shoes?", "", name, b"data"))
    [conversation] = everyone(store)
    assert f"[{name} – not received" in said(store, conversation.id, "customer")[0]
    assert services.bot.calls[0][2] == "How do I return shoes?"


def test_a_mail_of_refused_files_alone_goes_to_a_person(deliver, store, services, smtp_server):
    deliver(with_file("", "", "narocilo.docx", b"data"))
    [conversation] = everyone(store)
    assert services.bot.calls == [] and conversation.status == "queued" and len(smtp_server.got) == 1


def test_one_with_a_good_file_beside_is_told_that_nobody_looked_yet(deliver, store, services):
    mail = message_from_bytes(with_file("", "", "narocilo.docx", b"data"), policy=policy.default)
    mail.add_attachment(picture(), maintype="image", subtype="png", filename="a.png")
    deliver(mail.as_bytes())
    assert services.bot.calls == [] and everyone(store)[0].status == "bot"


def test_the_subject_is_the_question_where_nothing_else_is_said(deliver, services, store):
    for subject, text in (
        ("How do I return shoes?", ""),
        ("Re: How do I return shoes?", "--\nAnna"),
        ("FW: Shoes", "\n"),
    ):
        deliver(write_mail(text, subject))
    assert [call[2] for call in services.bot.calls] == ["How do I return shoes?", "How do I return shoes?", "Shoes"]


QUESTIONS = [
    ("Kako je z vračilom?", "Kako vrnem čevlje, ki so mi premajhni?", "sl", "Kako vrnem čevlje, ki so mi premajhni?"),
    ("Gdje je paket?", "Kada će stići moja narudžba u Zagreb?", "hr", "Kada će stići moja narudžba u Zagreb?"),
    ("Zwrot", "Ile mam dni na zwrot namiotu?", "pl", "Ile mam dni na zwrot namiotu?"),
    ("Delivery", "How long does delivery to Austria take?", "en", "How long does delivery to Austria take?"),
    ("Garancija", "Kako dolgo velja?", "sl", "Garancija: Kako dolgo velja?"),
    ("Fwd: Paket 7788", "Kje je?", "sl", "Paket 7788: Kje je?"),
    ("Naročilo 1234", "Rad bi spremenil naslov dostave.", "sl", "Naročilo 1234: Rad bi spremenil naslov dostave."),
    ("Vračilo šotora", "Kako to naredim?", "sl", "Vračilo šotora: Kako to naredim?"),
    ("Returning a tent", "How do I do that?", "en", "Returning a tent: How do I do that?"),
    ("Zwrot namiotu", "Jak to zrobić?", "pl", "Zwrot namiotu: Jak to zrobić?"),
    ("Povrat šatora", "Kako to napraviti?", "hr", "Povrat šatora: Kako to napraviti?"),
    ("Kje je moj paket?", "Naročilo 778899, Ana Novak.", "sl", "Kje je moj paket? Naročilo 778899, Ana Novak."),
    ("Re: Vračilo", "Kako vrnem izdelek?", "sl", "Vračilo: Kako vrnem izdelek?"),
    ("Kako vrnem izdelek?", "", "sl", "Kako vrnem izdelek?"),
    ("Paket", "Kje je moj paket?", "sl", "Kje je moj paket?"),
    ("...", "Kje je moj paket?", "sl", "Kje je moj paket?"),
    ("", "", "sl", ""),
]


@pytest.mark.parametrize(("subject", "body", "language", "question"), QUESTIONS)
def test_a_subject_says_what_the_words_are_about(subject, body, language, question):
    told = "\n\n".join(part for part in (subject, body) if part)
    assert question_of(told, subject, language) == question
    notes = "[x.docx – ni prejeto; pošljete lahko le slike in PDF]\n[+ 3]\n\n[… 30 MB]"
    assert question_of(f"{told}\n\n{notes}", subject, language) == question


def test_words_that_begin_like_the_subject_stay_whole():
    text = "Vreća za spavanje ima poderan zatvarač. Mogu li je zamijeniti?"
    assert question_of(text, "Vreća", "hr") == text


ARMOURED = "-----BEGIN PGP {0}-----\n\nhQEMAzxy0PzHhG1HAQf\n=abcd\n-----END PGP {0}-----"


def test_what_is_encrypted_is_no_question_nor_is_a_key():
    assert question_of(ARMOURED.format("MESSAGE"), "Re: x", "sl") == ""
    assert question_of(f"Kje je paket?\n\n{ARMOURED.format('PUBLIC KEY BLOCK')}", "Re: x", "sl") == "Kje je paket?"
    assert question_of(ARMOURED.format("MESSAGE").split("=abcd")[0], "Re: x", "sl") == ""


def test_the_subject_of_an_answer_is_not_asked_again():
    assert question_of("And shoes?", "Re: My order", "en") == "And shoes?"
    assert question_of("[x.docx – not received; the file is damaged]", "Re: My order", "en") == ""


def test_only_our_own_notes_are_taken_away():
    for text in ("Look: [x.docx – not there]", "[… 3 GB]", "a\n[x – y]", "(—) really"):
        assert without_notes(text) == text
    assert without_notes("(—)") == ""


HOSTILE = {
    "separators": "-----Original Message-----\n" * 8_000,
    "rules": "____________\n" * 15_000 + "x",
    "blank lines": "On 1 May 2026 at 9:00, Ann wrote:\n" + "\n" * 199_000,
    "attributions and blank lines": ("On 1 May 2026 at 9:00, A wrote:\n" + "\n" * 100) * 1_400,
    "labels": "Od: a\nPoslano: 1. 1. 2026\n" * 8_000,
    "colons": "a 1 b:\n" * 28_000,
    "arrows": ">" * 199_000,
    "lines with arrows": "> a\n" * 50_000,
    "signatures": "--\n" * 60_000,
    "long words": "a" * 199_000,
    "many words": "a b " * 49_000,
    "our words again and again": f"{ANSWER}\n\n" * 1_500,
    "our words in one line": " ".join(ANSWER.split()) * 1_500,
    "addresses": "a@b.example " * 16_000 + ":",
    "at signs": "a@" * 99_000 + ":",
    "armour": "-----BEGIN PGP SIGNED MESSAGE-----\n" * 5_000 + "-----BEGIN PGP SIGNATURE-----\n" * 700,
    "flowing": "word \n" * 33_000,
}


@pytest.mark.slow
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_answers_take_little_time(text):
    head = "From: a@b.example\nSubject: Re: x\nIn-Reply-To: <a@b>\nContent-Type: text/plain; format=flowed\n\n"
    began = time.process_time()
    for before in ("Hello\n\n", ""):
        read_mail((head + before + text).encode()).read_words(US)
        read_mail((head.replace("Re:", "Fwd:") + before + text).encode()).read_words(US)
    assert time.process_time() - began < 6
    question_of(text[:4_000], "x", "sl")


def test_an_answer_in_which_nothing_was_written_is_shown_and_not_asked(deliver, store, services, smtp_server):
    deliver(write_mail("How do I return shoes?", "Shoes"))
    [ours] = smtp_server.got
    quoted = f"On Mon, 4 Mar 2024 at 10:11, Smreka <{OURS}> wrote:\n\n{text_of(ours)}"
    deliver(write_mail(quoted, "Re: Shoes", In_Reply_To=ours["Message-ID"]))
    [conversation] = everyone(store)
    text = said(store, conversation.id, "customer")[-1]
    assert all(line.startswith(">") for line in text.split("\n")) and "14 days" in text
    assert len(services.bot.calls) == 1 and conversation.status == "queued"


def test_an_answer_of_a_photo_alone_is_a_photo(deliver, store, services, smtp_server):
    deliver(write_mail("How do I return shoes?", "Shoes"))
    [ours] = smtp_server.got
    quoted = f"On Mon, 4 Mar 2024 at 10:11, Smreka <{OURS}> wrote:\n\n{text_of(ours)}"
    mail = message_from_bytes(write_mail(quoted, "Re: Shoes", In_Reply_To=ours["Message-ID"]), policy=policy.default)
    mail.add_attachment(picture(), maintype="image", subtype="png", filename="a.png")
    deliver(mail.as_bytes())
    assert said(store, everyone(store)[0].id, "customer")[-1] == "" and len(services.bot.calls) == 1


def test_what_only_looks_like_a_signature_stays():
    for text in (
        "Orders:\n--\n12345\n--\n67890",
        "Bye\n--\nAnn\nPS: to my new address, please",
        "A\n--\nCan you help?",
    ):
        assert strip_quotes(text, is_reply=False, ours=US) == text


def test_from_whom_a_mail_is_does_not_matter_for_whose_words_are_quoted(deliver, store, offline, answered):
    """A colleague of the customer's answers: a conversation of their own, without a word of ours."""
    deliver(
        write_mail("Thanks\n\nIt is on its way.\n", "Re: x", From="bob@x.example", In_Reply_To=answered["Message-ID"])
    )
    assert said(store, everyone(store)[-1].id, "customer")[0].startswith("Thanks")
    assert ANNA not in said(store, everyone(store)[-1].id, "customer")[0]
