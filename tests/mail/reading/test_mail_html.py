"""HTML as mail programs write it: their quotes go, answers between and below them stay, and so does formatting."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import yaml

from odziv.mail.parse import read_mail
from odziv.mail.quotes import Words
from odziv.mail.reading.ours import Ours

US = Ours(["help@smreka.example", "Smreka"])
TABLE = yaml.safe_load((Path(__file__).parents[2] / "data/mail/html.yml").read_text("utf-8"))
ANSWERS, FORWARDED = TABLE["answers"], TABLE["forwarded"]
WHEN = "On Fri, Nov 27, 2026 at 10:01 AM Smreka &lt;help@smreka.example&gt; wrote:"
# What a first mail is shown without: lines of dashes above what is passed on, and telephones' signatures.
LEFT_OUT = {
    "Samsung": {"--------", "Originalna", "poruka"},
    "Outlook on a telephone": {"Get", "Outlook", "for", "iOS", "(https://aka.ms)"},
}


def read(html: str, *, is_reply: bool = True, subject: str = "Paket") -> Words:
    told = "In-Reply-To: <a@b>\n" if is_reply else ""
    head = f"From: ana@x.example\nSubject: {subject}\n{told}Content-Type: text/html; charset=utf-8\n\n"
    return read_mail((head + html).encode()).read_words(US)


@pytest.mark.parametrize("name", ANSWERS)
def test_of_an_answer_what_its_writer_wrote_stays(name):
    html, own = ANSWERS[name]["html"], ANSWERS[name]["own"]
    assert read(html).own == own
    assert read(f"<html><head><style>p {{}}</style></head><body>{html}</body></html>").own == own


@pytest.mark.parametrize("name", ANSWERS)
def test_of_a_first_mail_everything_stays(name):
    html = ANSWERS[name]["html"]
    words = read(html, is_reply=False)
    told = " ".join(f"{words.own} {words.forwarded}".split())
    everything = read_mail(f"From: a@b.example\nContent-Type: text/html\n\n{html}".encode()).original
    assert all(word in told for word in set(everything.replace(">", " ").split()) - LEFT_OUT.get(name, set()))


@pytest.mark.parametrize("html", FORWARDED)
def test_what_is_passed_on_is_known_under_any_subject(html):
    for words in (read(html, is_reply=False), read(html, is_reply=False, subject="Fwd: P")):
        assert words.own == "Kje je?" and words.forwarded.endswith("Paket zamuja.")


@pytest.mark.parametrize("html", [FORWARDED[0], FORWARDED[1], FORWARDED[3]])
def test_in_an_answer_too(html):
    assert read(html).own == "Kje je?" and read(html).forwarded.endswith("Paket zamuja.")


def test_words_and_lines_are_laid_out_as_they_were_seen():
    html = (
        "<div>Zdra<span>vo</span>, naročilo 7788<b>99</b></div><div style='display:none'>hidden</div><p>one<br>two</p>"
        "<ul><li>a</li><li>b</li></ul><p>x &lt; y</p><p>&nbsp;</p><pre>a\n  b</pre>"
    )
    assert read(html).own == "Zdravo, naročilo 778899\n\none\ntwo\n\n  * a\n  * b\n\nx < y\n\na\n  b"


HOSTILE = {
    "quotes in quotes": "<blockquote type=cite>" * 30_000 + "old",
    "containers in containers": "<div class=gmail_quote>" * 20_000 + "old",
    "quotes in a row": "<blockquote type=cite>old</blockquote>" * 10_000,
    "containers around many": "<div class=gmail_quote><div>x</div>" * 3_000 + "<blockquote>y</blockquote>" * 3_000,
    "long classes": f"<div class='{'gmail_quot ' * 20_000}'>x</div>",
    "marks of ours": "\ue000\ue001\ue002\ue003\ue004" * 1_000 + "x",
    "attributions": f"<div>{WHEN}</div>" * 3_000,
    "labels": "<div>Od: a</div><div>Poslano: 1. 1. 2026</div>" * 5_000,
}


@pytest.mark.slow
@pytest.mark.parametrize("html", HOSTILE.values(), ids=HOSTILE)
def test_hostile_html_takes_little_time(html):
    began = time.process_time()
    for is_reply in (True, False):
        read(f"<p>Answer</p>{html}", is_reply=is_reply)
    assert time.process_time() - began < 8
