"""Who wrote what follows, as mail programs say it: left out with what they quote, never with a customer's line."""

from __future__ import annotations

from html import escape
from pathlib import Path

import pytest
import yaml

from odziv.mail.parse import read_mail
from odziv.mail.quotes import strip_quotes
from odziv.mail.reading.ours import Ours

TABLE = yaml.safe_load((Path(__file__).parents[2] / "data/mail/attributions.yml").read_text("utf-8"))
SERVED = ("sl", "hr", "pl", "en")
ALL = [each.replace("|", "\n") for table in TABLE.values() for each in table]
US = Ours(["help@smreka.example", "Smreka"])
QUOTED = "Good morning,\nthe parcel is under way.\n\nSmreka"
ABOVE = {
    "a sentence": "moja številka je 12345, čakam že tri tedne.\nProsim za vračilo denarja.",
    "no sentence": "numer zamówienia 12345\nproszę o zwrot pieniędzy",
    "a word": "Hvala!",
    "a date": "Plaćeno 20. 11. 2026. na vaš račun",
    "a signature": "Lp, Ana Novak (ana@x.example)\ntel. 041 000 000",
    "a time": "I was at home on 26. 11. at 9:30\nand nobody rang",
}


def by_language(language: str) -> list[str]:
    return [each.replace("|", "\n") for each in TABLE[language]]


def arrows(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


def answer(body: str, kind: str = "plain") -> bytes:
    head = f"From: ana@x.example\nSubject: Re: x\nIn-Reply-To: <a@b>\nContent-Type: text/{kind}; charset=utf-8\n\n"
    return (head + body).encode()


def test_there_are_enough():
    assert all(len(set(TABLE[language])) >= 20 for language in SERVED)


@pytest.mark.parametrize("language", TABLE)
def test_it_is_left_out_with_what_it_stands_above(language):
    for attribution in by_language(language):
        for quoted in (arrows(QUOTED), QUOTED):
            for gap in ("\n\n", "\n"):
                assert strip_quotes(f"Hvala!{gap}{attribution}{gap}{quoted}", ours=US) == "Hvala!"
                assert strip_quotes(f"Hvala!{gap}{attribution}{gap}{quoted}".replace("\n", "\r\n"), ours=US) == "Hvala!"


@pytest.mark.slow
@pytest.mark.parametrize("language", TABLE)
@pytest.mark.parametrize("words", ABOVE.values(), ids=ABOVE)
def test_lines_close_above_it_are_the_customers(language, words):
    for attribution in by_language(language):
        for quoted in (arrows(QUOTED), QUOTED):
            assert (
                strip_quotes(f"Pozdravljeni,\n{words}\n{attribution}\n{quoted}", ours=US) == f"Pozdravljeni,\n{words}"
            )


@pytest.mark.parametrize("language", TABLE)
def test_answers_between_and_below_quotes_stay(language):
    for attribution in by_language(language):
        text = f"Glejte spodaj.\n{attribution}\n> Katera velikost?\n\n42\n> Na kateri naslov?\n\nLipova 5, hitro."
        assert strip_quotes(text, ours=US) == "Glejte spodaj.\n\n42\n\nLipova 5, hitro."


HTML = {
    "cite": "<div>{0}</div><blockquote type=cite><p>{1}</p></blockquote>",
    "bare blockquote": "<div>{0}</div><blockquote><p>{1}</p></blockquote>",
    "Gmail": '<div class="gmail_quote"><div class="gmail_attr">{0}</div>'
    '<blockquote class="gmail_quote">{1}</blockquote></div>',
    "Yahoo": '<div id="yahoo_quoted_1" class="yahoo_quoted"><div>{0}</div><div>{1}</div></div>',
    "Proton": '<div class="protonmail_quote">{0}<br>'
    '<blockquote class="protonmail_quote" type="cite">{1}</blockquote></div>',
    "Thunderbird": '<div class="moz-cite-prefix">{0}<br></div><blockquote type="cite" cite="mid:1@x">{1}</blockquote>',
    "Outlook on the web": '<div id="appendonsend"></div><hr><div id="divRplyFwdMsg">{0}</div><div>{1}</div>',
    "Outlook": '<div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm">'
    "<p>{0}</p></div><p>{1}</p>",
    "Roundcube": '<p id="reply-intro">{0}</p><blockquote type="cite">{1}</blockquote>',
    "lines": "<div>{0}</div><div>{1}</div>",
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("form", HTML.values(), ids=HTML)
def test_in_html_too(form):
    for attribution in ALL:
        lines = [escape(part).replace("\n", "<br>") for part in (attribution.removeprefix("> "), QUOTED)]
        found = read_mail(
            answer(f"<html><body><p>Prosim za</p><p>vračilo</p>{form.format(*lines)}</body></html>", "html")
        )
        assert " ".join(found.read_words(US).own.split()) == "Prosim za vračilo", attribution


STAYS = [
    "Kurir mi je 24. 11. napisal:",
    "Dne 24. 11. 2026 ob 10:01 je kurir napisal:",
    "On 24 November 2026 at 10:01 the courier wrote:",
    "W dniu 24.11.2026 o 10:01 kurier napisał:",
    "Dana 24. 11. 2026. u 10:01 kurir je napisao:",
    "Am 24.11.2026 um 10:01 schrieb der Kurier:",
    "On your page it says:",
    "Na vaši strani od 1. 1. 2026 piše:",
    "Stvari, ki manjkajo od 27. 11. 2026 ob 10:01:",
]


@pytest.mark.parametrize("line", STAYS)
@pytest.mark.parametrize("is_reply", [False, True])
def test_what_somebody_else_wrote_stays_with_all_below_it(line, is_reply):
    text = f"Pozdravljeni,\n\n{line}\n\nPaketa ni bilo mogoče dostaviti.\n\nKako dobim 80 EUR nazaj?"
    assert strip_quotes(text, is_reply=is_reply, ours=US) == text


@pytest.mark.parametrize("language", TABLE)
def test_a_first_mail_is_not_cut_at_any(language):
    for attribution in by_language(language):
        text = f"Pozdravljeni,\n\n{attribution}\n\nPaketa ni bilo mogoče dostaviti.\n\nKako dobim 80 EUR nazaj?"
        raw = f"From: ana@x.example\nSubject: Paket\nContent-Type: text/plain; charset=utf-8\n\n{text}".encode()
        found = read_mail(raw).read_words(US)
        told = f"{found.own} {found.forwarded}"
        assert all(words in told for words in ("Pozdravljeni", "Paketa ni bilo", "Kako dobim 80 EUR nazaj?"))
        assert not found.forwarded or found.own == "Pozdravljeni,"
