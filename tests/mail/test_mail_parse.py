"""Raw mails, well-meant and hostile, to what their sender wrote; none may raise, or take long."""

from __future__ import annotations

import random
import time

import pytest

from odziv.mail.parse import MOST_TEXT, read_mail
from odziv.mail.quotes import strip_quotes

REPLY = b"In-Reply-To: <b@x.example>"
HEAD = b"From: Ana <ana@x.example>\r\nMessage-ID: <a@x.example>\r\n"


def mail(body: bytes, *headers: bytes) -> bytes:
    return HEAD + b"".join(h + b"\r\n" for h in headers) + b"\r\n" + body


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (mail("Čez žlebove".encode(), b"Content-Type: text/plain; charset=utf-8"), "Čez žlebove"),
        (mail("Čez žlebove".encode("cp1250"), b"Content-Type: text/plain; charset=windows-1250"), "Čez žlebove"),
        (mail("Zażółć gęślą".encode("iso-8859-2"), b"Content-Type: text/plain; charset=ISO-8859-2"), "Zażółć gęślą"),
        (mail("Čez žlebove".encode("cp1250"), b"Content-Type: text/plain; charset=utf-8"), "Čez žlebove"),
        (mail("Čez žlebove".encode(), b"Content-Type: text/plain; charset=no-such-thing"), "Čez žlebove"),
        (mail("Čez žlebove".encode(), b"Content-Type: text/plain; charset=base64"), "Čez žlebove"),
        (mail("Čez žlebove".encode()), "Čez žlebove"),
        (mail(b"not base64!", b"Content-Transfer-Encoding: base64", b"Content-Type: text/plain"), None),
        (mail(b"a\x00b\x1b[31mc", b"Content-Type: text/plain"), "ab[31mc"),
        (mail("a\u202etxt.exe".encode(), b"Content-Type: text/plain; charset=utf-8"), "atxt.exe"),
        (mail(b"<p>Hi <b>you</b></p><script>x</script><style>p{}</style>", b"Content-Type: text/html"), "Hi you"),
        (mail(b"<ul><li>one<li>two</ul>", b"Content-Type: text/html"), "* one\n  * two"),
        (mail(b"<p>Thanks</p><div class=\"gmail_quote\">On Mon x wrote:<blockquote>old</blockquote></div>",
              b"Content-Type: text/html", REPLY), "Thanks"),
        (mail(b"<p>Thanks</p><blockquote type=cite>old</blockquote>", b"Content-Type: text/html", REPLY), "Thanks"),
        (mail(b"<p>Is this so?</p><blockquote>30 days</blockquote>", b"Content-Type: text/html", REPLY),
         "Is this so?\n\n30 days"),
        (mail(b"<p>Your site says:</p><blockquote>30 days</blockquote><p>True?</p>", b"Content-Type: text/html"),
         "Your site says:\n\n30 days\n\nTrue?"),
        (mail(b"<div>" * 50_000 + b"deep", b"Content-Type: text/html"), "deep"),
    ],
)  # fmt: skip
def test_the_text_is_found(raw, text):
    found = read_mail(raw)
    assert text is None or found.text == text
    assert found.sender == "ana@x.example"


def test_plain_text_is_preferred_and_attachments_are_only_named():
    body = (
        b"--b\r\nContent-Type: multipart/alternative; boundary=a\r\n\r\n"
        b"--a\r\nContent-Type: text/plain\r\n\r\nplain\r\n"
        b"--a\r\nContent-Type: text/html\r\n\r\n<p>html</p>\r\n--a--\r\n"
        b"--b\r\nContent-Type: text/plain; name*=utf-8''%C4%8D.txt\r\nContent-Disposition: attachment\r\n\r\ninside\r\n"
        b"--b\r\nContent-Type: application/pdf\r\n\r\n%PDF\r\n--b--\r\n"
    )
    found = read_mail(mail(body, b"Content-Type: multipart/mixed; boundary=b"))
    assert (found.text, found.attachments) == ("plain", ("č.txt", "application/pdf"))


def test_headers_are_decoded_to_one_line():
    found = read_mail(
        b"From: =?utf-8?q?Ana_Kova=C4=8D?= <ANA@x.example>\r\nSubject: =?utf-8?b?xI1ldmxqaQ0KQmNjOiB4?=\r\n\r\nx"
    )
    assert (found.name, found.sender, found.subject) == ("Ana Kovač", "ana@x.example", "čevlji Bcc: x")


def test_a_long_mail_is_cut_and_its_original_kept():
    found = read_mail(mail(b"word " * 10_000))
    assert len(found.text) <= MOST_TEXT + 4 and found.text.endswith("[…]") and len(found.original) > 40_000


ATTRIBUTIONS = [
    "On Mon, Nov 22, 2026 at 10:00 AM Smreka <help@smreka.example> wrote:",
    "On Mon, Nov 22, 2026 at 10:00 AM Smreka\n<help@smreka.example> wrote:",
    "V V pon., 22. nov. 2026 ob 10:00 je oseba Smreka <help@smreka.example>\nnapisala:",
    "Dne 22. 11. 2026 ob 10:00 je Smreka napisal(a):",
    "pon, 22. stu 2026. u 10:00 Smreka <help@smreka.example> napisao je:",
    "Dana 22.11.2026. u 10:00, Smreka je napisao/la:",
    "pon., 22 lis 2026 o 10:00 Smreka <help@smreka.example> napisał(a):",
    "W dniu 22.11.2026 o 10:00, Smreka pisze:",
    "-----Original Message-----",
    "-----Izvirno sporočilo-----",
    "----- Wiadomość oryginalna -----",
    "From: Smreka <help@smreka.example>\nSent: Monday, November 22, 2026 10:00\nTo: Ana\nSubject: Re: x",
    "Od: Smreka <help@smreka.example>\nPoslano: ponedeljek, 22. november 2026 10:00\nZa: Ana\nZadeva: Re: x",
    "Od: Smreka <help@smreka.example>\nWysłano: poniedziałek, 22 listopada 2026\nDo: Ana\nTemat: Re: x",
    "________________________________\nOd: Smreka <a@b.example>\nPoslano: 22. 11.\nPrima: Ana\nPredmet: x",
]


@pytest.mark.parametrize("attribution", ATTRIBUTIONS)
def test_what_was_quoted_is_left_out(attribution):
    assert strip_quotes(f"Hvala!\n\n{attribution}\n\nold text\nmore of it") == "Hvala!"
    assert strip_quotes(f"Hvala!\r\n\r\n{attribution}\r\n> old text".replace("\n", "\r\n")) == "Hvala!"


ABOVE = [
    "moja številka je 12345, čakam že tri tedne.\nProsim za vračilo denarja.",  # ends a sentence
    "naročilo 12345\nprosim za vračilo",  # does not
    "Hvala!",
    "Plačano 20. 11. 2026 na vaš račun",  # has a date of its own
    "Lp, Ana Novak (ana@x.example)\ntel. 041 000 000",
]


@pytest.mark.parametrize("attribution", [each for each in ATTRIBUTIONS if each.endswith(":")])
@pytest.mark.parametrize("words", ABOVE)
def test_lines_close_above_an_attribution_are_the_customers(words, attribution):
    assert strip_quotes(f"Pozdravljeni,\n{words}\n{attribution}\n> old text") == f"Pozdravljeni,\n{words}"
    assert strip_quotes(f"Pozdravljeni,\n{words}\n{attribution}\nold text") == f"Pozdravljeni,\n{words}"


def test_an_attribution_may_be_wrapped_behind_a_companys_name():
    wrapped = "Dne pet., 27. nov. 2026 ob 10:01 je Smreka d.o.o.\n<help@smreka.example> napisal:"
    assert strip_quotes(f"Hvala!\n{wrapped}\n> old") == "Hvala!"


def test_lines_above_an_attribution_in_html_stay_too():
    words = "<div>Naročilo 12345.</div><div>Prosim za vračilo</div>"
    body = f"{words}<div>Dne 27. 11. 2026 ob 10:01 je Smreka napisal:</div>"
    found = read_mail(mail(f"{body}<div>Katera številka?</div>".encode(), b"Content-Type: text/html", REPLY))
    assert " ".join(found.text.split()) == "Naročilo 12345. Prosim za vračilo"


FIRST = "Pozdravljeni,\n\nkurir mi je 24. 11. napisal:\n\nPaketa ni bilo mogoče dostaviti.\n\nKako dobim 80 EUR nazaj?"


@pytest.mark.parametrize("headers", [(), (b"Subject: Paket vrnjen",)])
def test_a_mail_that_answers_nothing_quotes_nothing(headers):
    assert read_mail(mail(FIRST.encode(), *headers)).text == FIRST
    assert read_mail(mail(f"{FIRST}\n> old".encode(), *headers)).text == FIRST


@pytest.mark.parametrize(
    "header",
    [REPLY, b"References: x", b"Subject: Re: Paket", b"Subject: Odp: Paket", b"To: help+" + b"a2" * 16 + b"@x.example"],
)
def test_in_an_answer_only_what_is_ours_or_marked_is_quoted(header):
    ours = "Dne 27. 11. 2026 ob 10:01 je Smreka <help@smreka.example> napisal:"
    assert read_mail(mail(FIRST.encode(), header)).text == FIRST
    assert read_mail(mail(f"{FIRST}\n\n{ours}\n\nPaket je na poti.".encode(), header)).text == FIRST


def parts(*each: tuple[bytes, bytes], boundary: bytes = b"b") -> bytes:
    """The parts, each with its type, between boundaries."""
    bodies = b"".join(b"--%s\r\nContent-Type: %s\r\n\r\n%s\r\n" % (boundary, *part) for part in each)
    return b"%s--%s--\r\n" % (bodies, boundary)


def mixed(*each: tuple[bytes, bytes]) -> bytes:
    return mail(parts(*each), b"Content-Type: multipart/mixed; boundary=b")


def alternative(*each: tuple[bytes, bytes]) -> tuple[bytes, bytes]:
    return b"multipart/alternative; boundary=a", parts(*each, boundary=b"a")


PLAIN, HTML_TYPE = b"text/plain", b"text/html"
MESSAGE = (HTML_TYPE, b"<p>My tent is torn, order 778899.</p>")
ASKED = "My tent is torn, order 778899."


@pytest.mark.parametrize(
    ("raw", "text", "original"),
    [
        (mixed(MESSAGE, (PLAIN, b"Sent from my iPhone")), ASKED, f"{ASKED}\n\nSent from my iPhone"),
        (mixed((PLAIN, b"One"), MESSAGE, (PLAIN, b"Two")), *2 * (f"One\n\n{ASKED}\n\nTwo",)),
        (mixed(alternative((PLAIN, b"one"), (HTML_TYPE, b"<b>one</b>")), (PLAIN, b"List")), *2 * ("one\n\nList",)),
        (mixed(alternative((PLAIN, b" \r\n"), MESSAGE), (PLAIN, b"List")), *2 * (f"{ASKED}\n\nList",)),
        (mixed((PLAIN, ASKED.encode()), MESSAGE), *2 * (ASKED,)),  # twice the same, without an alternative
        (mixed((PLAIN, b""), (HTML_TYPE, b"<p></p>"), MESSAGE), *2 * (ASKED,)),
    ],
)  # fmt: skip
def test_all_texts_are_shown_in_their_order_and_one_of_alternatives(raw, text, original):
    found = read_mail(raw)
    assert (found.text, found.original) == (text, original)


def test_each_text_loses_its_own_quotes_only():
    quoting = (HTML_TYPE, b"<p>Torn.</p><blockquote type=cite>What is it?</blockquote>")
    body = parts(quoting, (PLAIN, b"See the photo\n\nOn 1 May 2026, A wrote:\nold"), (PLAIN, b"Thanks"))
    found = read_mail(mail(body, b"Content-Type: multipart/mixed; boundary=b", REPLY))
    assert found.text == "Torn.\n\nSee the photo\n\nThanks" and "What is it?" in found.original


def test_files_in_an_alternative_that_is_not_shown_are_kept():
    inside = parts(MESSAGE, (b"application/pdf; name=a.pdf", b"%PDF"), (HTML_TYPE, b"<p>Thanks</p>"), boundary=b"m")
    apple = alternative((PLAIN, f"{ASKED} Thanks".encode()), (b"multipart/mixed; boundary=m", inside))
    found = read_mail(mixed(apple))
    assert (found.text, found.attachments) == (f"{ASKED} Thanks", ("a.pdf",))


def test_answers_between_and_below_quotes_stay():
    assert strip_quotes("On 1 May 2026, A wrote:\n> Size?\n\n42\n> Colour?\n\nred") == "42\n\nred"


@pytest.mark.parametrize(
    "signature",
    [
        *("-- \nAna\nTel. 1", "--\nAna", "Sent from my iPhone", "Poslano z mojega iPhona", "Wysłano z iPhone'a"),
        *("Poslano iz Pošte za Windows", "Poslano s pametnega telefona Samsung Galaxy", "Sent from Outlook for iOS"),
        *(
            "Wysłane z mojego urządzenia Galaxy",
            "Poslano s mog mobitela",
            "Von meinem iPhone gesendet",
            "Gesendet mit Proton",
        ),
        *("Prenesite Outlook za iOS<https://aka.ms/o0ukef>", "Pobierz aplikację Outlook dla systemu Android"),
    ],
)
def test_signatures_are_left_out(signature):
    assert strip_quotes(f"Hvala\n\n{signature}") == "Hvala"


@pytest.mark.parametrize(
    "text",
    [
        "Od 3. 5. čakam.",
        "I wrote: nothing",
        "He wrote: 5 times",
        "To: me, that is odd",
        "- one\n- two",
        "a > b",
        "Data: 5",
        "Poslano s pošto 24. 11., a ni prispelo",
        "Wysłano z Warszawy tydzień temu",
        "Sent from Zagreb on Monday",
    ],
)
def test_what_only_looks_like_a_quote_stays(text):
    assert strip_quotes(text) == text


def test_a_mail_of_quotes_alone_keeps_them():
    assert read_mail(mail(b"> only this")).text == "> only this"


BOMBS = {
    "nothing": b"",
    "noise": bytes(range(256)) * 1000,
    "no body": b"From: a@b.example",
    "angle brackets": b"From: " + b"<" * 100_000 + b"\n\nx",
    "comments": b"From: " + b"(" * 100_000 + b"\n\nx",
    "backslashes": b'From: "' + b"\\" * 100_000 + b"\n\nx",
    "encoded words": b"Subject: " + b"=?utf-8?q?a?= " * 50_000 + b"\n\nx",
    "references": b"References: " + b"<a@b> " * 100_000 + b"\n\nx",
    "recipients": b"To: " + b"a@b.example, " * 50_000 + b"\n\nx",
    "parameters": b"Content-Type: multipart/mixed; " + b'a="b"; ' * 50_000 + b"\n\nx",
    "parameters of a part": b"Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/plain; "
    + b'a="b"; ' * 50_000 + b"\n\nx\n--x--",
    "continuations": b"Content-Type: text/plain; " + b"".join(b"name*%d*=a;" % n for n in range(20_000)) + b"\n\nx",
    "parts": b"Content-Type: multipart/mixed; boundary=x\n\n" + b"--x\n\nx\n" * 100_000,
    "parts in parts": b"".join(b"Content-Type: multipart/mixed; boundary=x%d\n\n--x%d\n" % (n, n) for n in range(3000)),
    "mails in mails": b"Content-Type: message/rfc822\n\n" * 3000,
    "headers": b"X: y\n" * 200_000 + b"\nx",
    "deep HTML": b"Content-Type: text/html\n\n" + b"<table><tr><td>" * 20_000,
    "open tags": b"Content-Type: text/html\n\n" + b"<" * 300_000,
    "pages": b"Content-Type: multipart/mixed; boundary=x\n\n"
    + b"".join(b"--x\nContent-Type: text/html\n\n%d%s\n" % (n, b"<p>a</p>" * 30_000) for n in range(90)),
    "attributions": b"From: a@b.example\n\n" + b"On 1 " * 100_000 + b"wrote:\n",
    "lines of attributions": b"From: a@b.example\n\n" + b"On 1 x wrote\n" * 50_000,
    "30 MB": b"Content-Type: text/plain\n\n" + b"0123456789 abcdef\n" * 1_750_000,
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("raw", BOMBS.values(), ids=BOMBS)
def test_a_bomb_is_read_in_seconds(raw):
    began = time.process_time()
    found = read_mail(raw)
    assert time.process_time() - began < 8
    assert len(found.text) <= MOST_TEXT + 4 and len(found.original) <= 200_000


@pytest.mark.slow
def test_damaged_mails_never_raise_and_can_be_stored():
    whole = mail(
        b"--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>\xc4\x8d</p>\r\n"
        b"--b\r\nContent-Type: image/png; name=x\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\nAAAA\r\n--b--\r\n",
        b"Content-Type: multipart/mixed; boundary=b",
        b"Subject: =?utf-8?b?xI0=?=",
        b"References: <x@y> <z@w>",
    )
    chance = random.Random(7)
    for _ in range(1500):
        damaged = bytearray(whole)
        for _ in range(chance.randrange(1, 12)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        found = read_mail(bytes(damaged))
        for each in (found.text, found.original, found.subject, found.name, found.message_id or "", found.sender or ""):
            each.encode("utf-8")  # no half surrogates: the store would refuse them
        "".join([*found.attachments, *found.references, *found.recipients]).encode("utf-8")
