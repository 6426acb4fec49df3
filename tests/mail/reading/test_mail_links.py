"""Links of a mail's HTML: where they lead is read and can be copied, and neither the bot nor the search for quotes
stumbles over it."""

from __future__ import annotations

import time

import pytest

from odziv.cases.mails.question import question_of
from odziv.mail.parse import IncomingMail, read_mail
from odziv.mail.reading.links import LONGEST_ADDRESS, MOST_ADDRESSES, MOST_LINKS
from odziv.mail.reading.ours import Ours

SHOP = "https://shop.example/x"
US = Ours(["help@smreka.example", "Smreka"])
SAFE = "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fshop.example%2Fx&amp;data=05%7C02"
# Some HTML, and how it is read.
WRITTEN = {
    "words": (f'Look <a href="{SHOP}">here</a>, please', f"Look here ({SHOP}), please"),
    "words with a space behind": (f'<a href="{SHOP}">here </a>and there', f"here ({SHOP}) and there"),
    "words in boxes": (f'<a href="{SHOP}"><div><b>Buy</b> now</div></a>', f"Buy now ({SHOP})"),
    "words around others": (f'<a href="{SHOP}">a<b>b<i>c</i>d</b>e</a>f', f"abcde ({SHOP})f"),
    "words in a table": (f'<a href="{SHOP}"><table><tr><td>Buy</td></tr></table></a>', f"Buy ({SHOP})"),
    "words beside a program's comment": (f'<a href="{SHOP}"><!--[if mso]> x <![endif]-->Buy</a>', f"Buy ({SHOP})"),
    "a list": (f'<ul><li><a href="{SHOP}">here</a></li><li>b</li></ul>', f"* here ({SHOP})\n  * b"),
    "one link in pieces": (f'<a href="{SHOP}">he</a><a href="{SHOP}">re</a>', f"here ({SHOP})"),
    "the address itself": (f'<a href="{SHOP}">{SHOP}</a>', SHOP),
    "the address without its beginning": ('<a href="http://www.shop.example/">shop.example</a>', "shop.example"),
    "the address with letters": ('<a href="https://shop.example/%C5%A1otor">shop.example/šotor</a>',
                                 "shop.example/šotor"),
    "another address": (f'<a href="{SHOP}">other.example</a>', f"other.example ({SHOP})"),
    "an address that is cut": (f'<a href="{SHOP}yz">https://shop.example/…</a>',
                               f"https://shop.example/… ({SHOP}yz)"),
    "no scheme": ('<a href="//shop.example/x">a</a> <a href="www.shop.example">b</a>',
                  f"a ({SHOP}) b (https://www.shop.example)"),
    "a line break within": ('<a href=" https://shop.\nexample/x ">a</a>', f"a ({SHOP})"),
    "brackets and spaces": ('<a href="https://shop.example/a (1)">a</a>', "a (https://shop.example/a%20%281%29)"),
    "a checked link": (f'<a href="{SAFE}">here</a>', f"here ({SHOP})"),
    "a checked link under its address": (f'<a href="{SAFE}">shop.example/x</a>', "shop.example/x"),
    "a checked link to nowhere": ('<a href="https://eur01.safelinks.protection.outlook.com/?url=javascript:x">a</a>',
                                  "a (https://eur01.safelinks.protection.outlook.com/?url=javascript:x)"),
    "what only looks like one": ('<a href="https://xsafelinks.protection.outlook.com/?url=https://a.example">a</a>',
                                 "a (https://xsafelinks.protection.outlook.com/?url=https://a.example)"),
    "a mailbox": ('<a href="mailto:ana@x.example?subject=a">ana@x.example</a>', "ana@x.example"),
    "a mailbox and its name": ('Ana &lt;<a href="mailto:ana@x.example">ana@x.example</a>&gt;', "Ana <ana@x.example>"),
    "a mailbox under a name": ('<a href="mailto:ana@x.example">Ana</a>', "Ana (ana@x.example)"),
    "nowhere": ('<a href="#top">a</a> <a href="javascript:alert(1)">b</a> <a href="tel:0123">c</a> <a href="x.html">d'
                '</a> <a href="file:///c:/x">e</a> <a href="data:text/html,x">f</a> <a>g</a> <a href="https://">h</a>',
                "a b c d e f g h"),
    "a picture": ('<img src="https://x.example/a.png" alt="Red tent"> costs?', "Red tent costs?"),
    "a sign": ('Thanks<img src="cid:1" alt="👍">', "Thanks👍"),
    "pictures that say nothing": ('a<img src="cid:1" alt="Red tent"><img alt="image001.png"><img alt="" src="b.png">'
                                  '<img width="1" height="1" alt="pixel"><img style="display:none" alt="x">', "a"),
    "a linked picture": (f'<a href="{SHOP}"><img src="https://x.example/a.png" alt="Red tent"></a>',
                         f"Red tent ({SHOP})"),
    "a linked picture without words": (f'this: <a href="{SHOP}"><img src="a.png"></a>', f"this:  ({SHOP})"),
    "nothing but a linked picture": (f'<a href="{SHOP}"><img src="a.png"></a>', f"({SHOP})"),
    "a product's picture and name": (f'<a href="{SHOP}"><img src="a.png"></a><a href="{SHOP}">Tent</a>',
                                     f"Tent ({SHOP})"),
    "what is sent from somewhere": ('Hi<p>Sent from <a href="https://proton.example/mail/home">Proton Mail</a> for iOS.'
                                    "</p>", "Hi"),
}  # fmt: skip


def read(html: str, **headers: str) -> IncomingMail:
    told = "".join(f"{name.replace('_', '-')}: {value}\n" for name, value in headers.items())
    return read_mail(f"From: ana@x.example\n{told}Content-Type: text/html; charset=utf-8\n\n{html}".encode())


@pytest.mark.parametrize(("html", "text"), WRITTEN.values(), ids=WRITTEN)
def test_a_link_is_its_words_and_where_it_leads(html, text):
    assert read(html).text == text
    assert read(html, In_Reply_To="<a@b>").text == text


def test_a_table_is_no_wider_for_what_its_links_lead_to():
    html = f'<table><tr><td>a</td><td>b</td></tr><tr><td><a href="{SHOP * 5}">Buy</a></td><td>c</td></tr></table>'
    assert read(html).text == f"a     b\nBuy ({SHOP * 5})  c"


@pytest.mark.parametrize(
    ("address", "written"),
    [
        (f"{SHOP}?{'a' * LONGEST_ADDRESS}", f"{SHOP}?…"),
        (f"{SHOP}{'a' * LONGEST_ADDRESS}?b", "https://shop.example/…"),
        (f"https://{'a' * 9_000}.example/x", f"https://{'a' * (LONGEST_ADDRESS - 8)}/…"),
    ],
)
def test_of_a_long_address_the_beginning_is_told(address, written):
    assert read(f'<a href="{address}">here</a>').text == f"here ({written})"


def test_of_many_links_the_others_are_words():
    text = read("".join(f'<p><a href="https://a.example/{number}">w{number}</a></p>' for number in range(500))).original
    assert text.count("https://") == MOST_LINKS and "w499" in text
    long = "".join(f'<p><a href="{SHOP}/{number}/{"a" * 250}">w{number}</a></p>' for number in range(9))
    assert MOST_ADDRESSES - 300 < len(read(long).text) - len("w0\n\n" * 9) < MOST_ADDRESSES + 100


def test_nobody_can_set_the_sign_that_stands_for_an_address():
    signs = "".join(f"&#x{0xF0000 + number:x};" for number in range(40))
    text = read(f'<a href="{SHOP}">here</a> {signs * 500} \U000f0000').original
    assert text.count(SHOP) == 1 and "\U000f0000" not in text and "\U000f001d" not in text


def test_nobody_can_turn_the_direction_of_an_address():
    safe = SAFE.replace("%2Fx", "%2F%E2%80%AEx%F3%B0%80%80")
    assert read(f'<a href="{safe}">here</a> <a href="https://a.example/\u202ex">b</a>').text == (
        f"here ({SHOP}) b (https://a.example/x)"
    )


ATTRIBUTIONS = [
    'On Fri, Nov 27, 2026 at 10:01 AM Smreka &lt;<a href="mailto:help@smreka.example">help@smreka.example</a>&gt; '
    "wrote:",
    'On Fri, Nov 27, 2026 at 10:01 AM <a href="mailto:help@smreka.example">Smreka</a> wrote:',
    'Dne 27. 11. 2026 ob 10:01 je <a href="mailto:help@smreka.example">Smreka</a> napisal(a):',
    'Smreka &lt;<a href="mailto:help@smreka.example">help@smreka.example</a>&gt; writes:',
    '<b>Od:</b> <a href="mailto:help@smreka.example">Smreka</a><br><b>Poslano:</b> petek, 27. november 2026 10:01<br>'
    '<b>Za:</b> <a href="mailto:ana@x.example">Ana</a><br><b>Zadeva:</b> Re: Paket',
]  # fmt: skip


@pytest.mark.parametrize("attribution", ATTRIBUTIONS)
def test_who_wrote_what_is_known_with_links_in_it(attribution):
    html = f'<p>See <a href="{SHOP}">this</a></p><div>{attribution}</div><div><a href="{SHOP}/old">Old</a></div>'
    mail = read(html, In_Reply_To="<a@b>")
    assert mail.read_words(US).own == f"See this ({SHOP})"
    assert f"Old ({SHOP}/old)" in mail.original


OURS = "Please read how to return a tent within fourteen days. Which size do you need now?"
LINKED = OURS.replace("how to return a tent", f"<a href={SHOP}>how to return a tent</a>")


@pytest.mark.parametrize(
    "quote",
    [
        f"<div>{LINKED}</div>",
        f"<blockquote>{LINKED}</blockquote>",
        f'<a href="{SHOP}"><img src="logo.png"></a><div>{OURS}</div><a href="{SHOP}/y">{OURS}</a>',
    ],
)
def test_what_our_links_lead_to_is_no_word_of_the_customers(quote):
    html = f'<p>The <a href="{SHOP}/z">large one</a></p><div>S Novak çeviri 27.11.2026 10:01:</div>{quote}'
    words = read(html, In_Reply_To="<a@b>").read_words(Ours(["Smreka"], [OURS]))
    assert (words.own.split("\n")[0], words.is_unsure) == (f"The large one ({SHOP}/z)", False)
    assert OURS not in words.own and f"{SHOP}/y" not in words.own


def test_what_they_typed_into_our_quote_keeps_its_link():
    html = f'<blockquote type="cite">{OURS}<br>The <a href="{SHOP}">large one</a><br>{OURS}</blockquote>'
    assert read(html, In_Reply_To="<a@b>").read_words(Ours(["Smreka"], [OURS])).own == f"The large one ({SHOP})"


def test_what_is_passed_on_keeps_its_links():
    html = f'Kje je?<div>Begin forwarded message:</div><p>From: D<br></p><p><a href="{SHOP}">Sledite</a></p>'
    assert read(html).read_words(US).forwarded.endswith(f"Sledite ({SHOP})")


TWO_WAYS = (
    "From: ana@x.example\nContent-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\n{}\n"
    "--b\nContent-Type: text/html\n\n{}\n--b--\n"
)


@pytest.mark.parametrize(
    ("plain", "html", "text"),
    [
        ("Is it here, in red?", f'Is it <a href="{SHOP}">here</a>, in red?', f"Is it here ({SHOP}), in red?"),
        (f"Is it here <{SHOP}>?", f'Is it <a href="{SHOP}">here</a>?', f"Is it here <{SHOP}>?"),
        (f"Is it here <{SHOP[:20]}\n{SHOP[20:]}>?", f'Is it <a href="{SHOP}">here</a>?',
         f"Is it here <{SHOP[:20]}\n{SHOP[20:]}>?"),
        (f"Is it here <{SHOP}?{'a' * 400}>?", f'Is it <a href="{SHOP}?{"a" * 400}">here</a>?',
         f"Is it here <{SHOP}?{'a' * 400}>?"),
        ("Is it red?", f'Is it red? <a href="{SHOP}"><img src="a.png"></a>', f"Is it red?  ({SHOP})"),
        ("Is it red?", f'Is it red?<div><a href="{SHOP}"><img src="a.png"></a></div>', "Is it red?"),
        ("Is it red?\n> See this", f'Is it red?<blockquote type="cite">See <a href="{SHOP}">this</a></blockquote>',
         "Is it red?"),
    ],
)  # fmt: skip
def test_a_plain_part_that_has_lost_a_link_does_not_count(plain, html, text):
    mail = read_mail(TWO_WAYS.format(plain, html).encode())
    assert mail.read_words(US).own == text


@pytest.mark.parametrize(
    ("text", "question"),
    [
        (f"Is the tent (here {SHOP}) red?", f"Is the tent (here {SHOP}) red?"),
        (f"Is this ({SHOP}) waterproof?", "Is this waterproof?"),
        (f"Is this<{SHOP}> waterproof?", "Is this waterproof?"),
        (f"Is this <{SHOP}> or that ({SHOP}/a) waterproof?", "Is this or that waterproof?"),
        ("Ask Ana (ana@x.example) <mailto:ana@x.example> too", "Ask Ana too"),
        (f"Is {SHOP} waterproof?", f"Is {SHOP} waterproof?"),
        (f"({SHOP})", f"({SHOP})"),
        ("Is it (x@) or (@) or (a b@x.example)?", "Is it (x@) or (@) or (a b@x.example)?"),
    ],
)
def test_the_bot_is_asked_without_the_addresses(text, question):
    assert question_of(text, "", "en") == question


HOSTILE = {
    "links in links": f'<a href="{SHOP}">' * 20_000 + "x",
    "links in a row": f'<a href="{SHOP}/a">x</a><a href="{SHOP}/b">y</a>' * 5_000,
    "one link of many elements": f'<a href="{SHOP}">{"<b>x</b>" * 30_000}</a>',
    "deep in a link": f'<a href="{SHOP}">{"<b>" * 30_000}x',
    "long addresses": f'<a href="{SHOP}?{"a=1&" * 20_000}">x</a>' * 3,
    "many pictures": '<img src="a.png" alt="a tent">' * 8_000,
    "open brackets": "(https://a" * 20_000,
    "open mailboxes": "(a@" * 60_000,
}


@pytest.mark.parametrize("html", HOSTILE.values(), ids=HOSTILE)
def test_hostile_links_take_little_time(html):
    began = time.process_time()
    text = read(f"<p>Answer</p>{html}").text
    question_of(text, "", "en")
    assert time.process_time() - began < 8 and len(text) < 4_000
