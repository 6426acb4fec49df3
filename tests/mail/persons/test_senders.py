"""Whom a mail is answered to, as mail programs and those who pretend write it; and that nobody real is unheard."""

from __future__ import annotations

import time
from base64 import b64encode

import pytest

from odziv.cases.mail_addresses import read_sender_address
from odziv.mail.address_lists import read_mailboxes
from odziv.mail.addresses import Own, find_sender
from odziv.mail.parse import read_mail

OWN = Own(("help@smreka.example",), frozenset({"smreka.example"}), ("podpora@smreka.example",))
ANA = "ana@x.example"


def encode(text: str) -> str:
    return f"=?utf-8?b?{b64encode(text.encode()).decode()}?="


def fold(text: str) -> str:
    """Letters torn between words that are too short for any of it, an address too."""
    return "\r\n ".join(encode(text[place : place + 9]) for place in range(0, len(text), 9))


# From as it is written: the address that is answered, and the name that agents see.
WRITTEN = {
    "plain": (ANA, ANA, ""),
    "brackets": (f"<{ANA}>", ANA, ""),
    "name": (f"Ana Novak <{ANA}>", ANA, "Ana Novak"),
    "comment": (f"{ANA} (Ana Novak)", ANA, "Ana Novak"),
    "name with a comma": (f"Novak, Ana <{ANA}>", ANA, "Novak, Ana"),
    "name with two commas": (f"Novak, Ana, Ljubljana <{ANA}>", ANA, "Novak, Ana, Ljubljana"),
    "name with a colon": (f"Ana: Novak <{ANA}>", ANA, "Novak"),
    "quoted name": (f'"Novak, Ana" <{ANA}>', ANA, "Novak, Ana"),
    "quotes within": (f'Ana "Anči" Novak <{ANA}>', ANA, "Ana Anči Novak"),
    "quote left open": (f'Ana "Novak <{ANA}>', ANA, 'Ana "Novak'),
    "empty name": (f'"" <{ANA}>', ANA, ""),
    "name of spaces": (f'"  " <{ANA}>', ANA, ""),
    "without brackets": (f"Ana Novak {ANA}", ANA, "Ana Novak"),
    "bracket left open": (f"Ana <{ANA}", ANA, "Ana"),
    "bracket left shut": (f"{ANA}>", ANA, ""),
    "brackets in brackets": (f"Ana <<{ANA}>>", ANA, "Ana"),
    "apostrophes": (f"'{ANA}'", ANA, ""),
    "scheme": (f"<mailto:{ANA}>", ANA, ""),
    "scheme alone": (f"mailto:{ANA}", ANA, ""),
    "route": (f"<@a.example,@b.example:{ANA}>", ANA, ""),
    "spaces of the oldest standard": ("ana @ x . example", ANA, ""),
    "group": (f"Team: Ana <{ANA}>, Bo <bo@x.example>;", ANA, "Ana"),
    "group of one": (f"Team: {ANA};", ANA, ""),
    "folded": (f"Ana\r\n Novak\r\n <{ANA}>", ANA, "Ana Novak"),
    "trailing dot": ("Ana <ana@x.example.>", ANA, "Ana"),
    "encoded name": (f"=?utf-8?q?=C5=BDiga_Novak?= <{ANA}>", ANA, "Žiga Novak"),
    "encoded name with a comma": (f"=?utf-8?q?Novak,_=C5=BDiga?= <{ANA}>", ANA, "Novak, Žiga"),
    "all of it encoded": ("=?utf-8?q?Ana_Novak_<ana=40x.example>?=", ANA, "Ana Novak"),
    "all of it encoded, with spaces": (encode("Žiga Novak < ana @ x.example >"), ANA, "Žiga Novak"),
    "an address alone, encoded with spaces": (encode(" ana @ x.example "), ANA, ""),
    "all of it in folded words": (fold("Žiga Novak <ana.novak@x.example>"), "ana.novak@x.example", "Žiga Novak"),
    "encoded and cut off": ("=?utf-8?b?YW5hQHguZXhhbXBsZQ==", ANA, ""),
    "encoded in a language": ("=?utf-8*en?q?ana=40x.example?=", ANA, ""),
    "encoded in brackets": (f"Ana <{encode(ANA)}>", ANA, "Ana"),
    "encoded in brackets, and the name": (f"{encode('Žiga')} <{encode('ana @ x.example')}>", ANA, "Žiga"),
    "encoded before the sign": (f"Ana <{encode('ana')}@x.example>", ANA, "Ana"),
    "encoded before the sign, without brackets": (f"{encode('ana')}@x.example", ANA, ""),
    "encoded behind the sign": (f"ana@{encode('x.example')}", ANA, ""),
    "name and address encoded in brackets": (f"<{encode(f'Ana <{ANA}>')}>", ANA, "Ana"),
    "name and address encoded apart": (f"{encode('Žiga')} {encode(ANA)}", ANA, "Žiga"),
    "all of it quoted": (f'"Novak, Ana <{ANA}>"', ANA, "Novak, Ana"),
    "all of it encoded and quoted": (f'"=?utf-8?q?Novak,_Ana?= <{ANA}>"', ANA, "Novak, Ana"),
    "unseen signs from a copy": (f"Ana <\u200b{ANA}\ufeff>", ANA, "Ana"),
    "unseen signs from a copy, without brackets": (f"\u200b{ANA}\u200e", ANA, ""),
    "raw name": (f"Žiga Novak <{ANA}>", ANA, "Žiga Novak"),
    "capitals": ("Ana <ANA@X.Example>", ANA, "Ana"),
    # Odd, and real.
    "two dots": ("Ana <ana..n@x.example>", "ana..n@x.example", "Ana"),
    "dot at the end": ("ana.@x.example", "ana.@x.example", ""),
    "dot at the start": ("<.ana@x.example>", ".ana@x.example", ""),
    "quoted local part": ('"ana novak"@x.example', '"ana novak"@x.example', ""),
    "quoted and in brackets": ('Ana <"ana novak"@x.example>', '"ana novak"@x.example', "Ana"),
    "quoted for nothing": ('<"ana"@x.example>', ANA, ""),
    "quoted dots": ('<"ana..n"@x.example>', "ana..n@x.example", ""),
    "quoted sign": ('Ana <"ana@doma"@x.example>', '"ana@doma"@x.example', "Ana"),
    "letters": ("žiga@x.example", "žiga@x.example", ""),
    "letters of another script": ("Ана <ана@x.example>", "ана@x.example", "Ана"),
    "domain with letters": ("Ana <ana@žaba.si>", "ana@xn--aba-b3a.si", "Ana"),
    "domain in its ASCII form": ("Ana <ana@xn--aba-b3a.si>", "ana@xn--aba-b3a.si", "Ana"),
    "underscore in the domain": ("ana@my_host.x.example", "ana@my_host.x.example", ""),
    "odd signs": ("o'neil+a=b/c{d}@x.example", "o'neil+a=b/c{d}@x.example", ""),
    # Names that are addresses: what stands in the brackets counts, and the name is shown to nobody.
    "unquoted address as a name": (f"vodja@podjetje.example <{ANA}>", ANA, ""),
    "quoted address as a name": (f'"vodja@podjetje.example" <{ANA}>', ANA, ""),
    "address and a title as a name": (f"Direktor vodja@podjetje.example <{ANA}>", ANA, ""),
    "address in brackets as a name": (f'"Vodja <vodja@podjetje.example>" <{ANA}>', ANA, ""),
    "two in brackets": (f"<vodja@podjetje.example> <{ANA}>", ANA, ""),
    "address with a comma as a name": (f"vodja@podjetje.example, Direktor <{ANA}>", ANA, "Direktor"),
    "address as a comment": (f"(vodja@podjetje.example) <{ANA}>", ANA, ""),
    "encoded address as a name": (f"=?utf-8?q?vodja=40podjetje.example?= <{ANA}>", ANA, ""),
    "encoded brackets as a name": (f"=?utf-8?b?PHZvZGphQHBvZGpldGplLmV4YW1wbGU+LA==?= <{ANA}>", ANA, ""),
    "encoded address in brackets as a name": (f"<{encode('vodja@podjetje.example')}> <{ANA}>", ANA, ""),
    "two encoded addresses in brackets": (f"<{encode('vodja@podjetje.example, eve@x.example')}>, {ANA}", ANA, ""),
    "quoted address in brackets beside": (f'"Vodja <vodja@podjetje.example>", {ANA}', ANA, ""),
    "homoglyphs as a name": (f"vоdjа@podjetje.example <{ANA}>", ANA, ""),
    "full-width sign as a name": (f"vodja＠podjetje.example <{ANA}>", ANA, ""),
    "our address as a name": (f"help@smreka.example <{ANA}>", ANA, ""),
    "comment within the address": (f"vodja@podjetje.example (x) <{ANA}>", ANA, ""),
}  # fmt: skip


def read(**headers: str | bytes):
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return read_mail("\r\n".join([*lines, "", "Where is my parcel?"]).encode("utf-8", "surrogateescape"), OWN)


@pytest.mark.parametrize(("written", "address", "name"), WRITTEN.values(), ids=WRITTEN)
def test_the_address_in_the_brackets_is_answered_and_no_name_passes_for_one(written, address, name):
    found = read(From=written)
    assert (found.sender, found.name, found.automatic, found.quiet) == (address, name, None, None)


@pytest.mark.parametrize("encoding", ["utf-8", "cp1250"])
def test_a_domain_in_raw_letters_is_read_in_either_encoding(encoding):
    raw = "From: Žana <ana@žaba.si>\r\n\r\nHi".encode(encoding)
    assert (read_mail(raw, OWN).sender, read_mail(raw, OWN).name) == ("ana@xn--aba-b3a.si", "Žana")


NOBODY = ["", "Ana", "<>", "<<>>", "@", "ana@", "<@>", "undisclosed-recipients:;", "ana@localhost", "<script>@x",
          "a@b@c.example", "vodja@podjetje.example ana@x.example", "ana@x.example\u202e.example <>", '"" <>',
          "ana@x..example", f"{'a' * 65}@x.example", "ana\x00@x.example", "ana@-x.example",
          "ana@[127.0.0.1]", '"Ana" "ana@x.example"', '"""', '"<>"']  # fmt: skip


@pytest.mark.parametrize("written", NOBODY)
def test_what_is_no_address_is_answered_to_nobody(written):
    assert find_sender({"from": [written]}, OWN).address is None


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("ana@x.example, b@x.example", None),
        ("ana@x.example\r\nBcc: b@x.example", None),
        ("ana b@x.example", None),
        ("ana\u200b@x.example", None),
        ("žiga\u202e@x.example", None),
        ('"ana\r\n"@x.example', None),
        ('"a"b"@x.example', None),
        ("ana@x.example", ANA),
        ("z\u030ciga@x.example", "žiga@x.example"),
    ],
)
def test_only_one_whole_address_is_one(text, address):
    assert read_sender_address(text) == address


REPLY_TO = {
    "a form's customer": ({"From": "form@smreka.example", "Reply-To": f"Ana <{ANA}>"}, ANA, None),
    "a form's customer with our address beside": (
        {"From": "form@smreka.example", "Reply-To": f"Ana <{ANA}>, help@smreka.example"}, ANA, None),
    "a form's customer twice": ({"From": "form@smreka.example", "Reply-To": f"{ANA}, Ana <{ANA}>"}, ANA, None),
    "a form's customer with letters": ({"From": "form@smreka.example", "Reply-To": "žiga@x.example"},
                                       "žiga@x.example", None),
    "a form's customer whose name is our address": (
        {"From": "form@smreka.example", "Reply-To": f"help@smreka.example <{ANA}>"}, ANA, None),
    "a form on a web server of ours": ({"From": "www-data@www.smreka.example", "Reply-To": ANA}, ANA, None),
    "a form that writes to itself": ({"From": "a@b.example", "To": "a@b.example", "Reply-To": ANA}, ANA, None),
    "a form that writes as ourselves": ({"From": "help@smreka.example", "Reply-To": ANA}, ANA, None),
    "two customers": ({"From": "form@smreka.example", "Reply-To": f"{ANA}, bo@x.example"}, "form@smreka.example", None),
    "two customers, one of them encoded": (
        {"From": "form@smreka.example", "Reply-To": f"<{encode(ANA)}>, bo@x.example"}, "form@smreka.example", None),
    "a form's customer, encoded with spaces": (
        {"From": "form@smreka.example", "Reply-To": encode("Ana < ana @ x.example >")}, ANA, None),
    "a form's customer, as it was copied": ({"From": "form@smreka.example", "Reply-To": f"\u200b{ANA}\xa0"}, ANA, None),
    "ourselves": ({"From": ANA, "Reply-To": "help@smreka.example"}, ANA, None),
    "ourselves, of a form": ({"From": "form@smreka.example", "Reply-To": "HELP+abc@smreka.example"},
                             "form@smreka.example", None),
    "the mailbox we fetch from": ({"From": "form@smreka.example", "Reply-To": "podpora@smreka.example"},
                                  "form@smreka.example", None),
    "a stranger's": ({"From": "eve@x.example", "Reply-To": ANA}, "eve@x.example", None),
    "a service for forms": ({"From": "Forms <no-reply@forms.example>", "Reply-To": ANA}, ANA,
                            "sent by a machine for somebody"),
    "a machine's machine": ({"From": "no-reply@forms.example", "Reply-To": "noreply@x.example"},
                            "no-reply@forms.example", None),
    "From that can't be read": ({"From": "Ana Novak", "Reply-To": ANA}, ANA, "an unreadable From"),
    "an address in round brackets": ({"From": f"Ana Novak ({ANA})"}, ANA, "an unreadable From"),
    "an address in square brackets": ({"From": f"Ana Novak [{ANA}]"}, ANA, "an unreadable From"),
    "a rule of a mailbox": ({"From": ANA, "Auto-Submitted": "auto-forwarded"}, ANA, "no automatic answers wanted"),
    "only Sender": ({"Sender": f"Ana <{ANA}>"}, ANA, "an unreadable From"),
    "a secretary": ({"From": f"Ana <{ANA}>", "Sender": "secretary@x.example"}, ANA, None),
    "several authors, one of whom sent it": (
        {"From": f"bo@x.example, {ANA}", "Sender": ANA}, ANA, None),
    "several authors": ({"From": f"Ana <{ANA}>, Bo <bo@x.example>"}, ANA, None),
    "a group of ours that sends for a member": (
        {"From": "'Ana' via Help <help@smreka.example>", "List-Id": "<help.smreka.example>",
         "X-Original-From": f"Ana <{ANA}>"}, ANA, "a mailing list"),
    "a group of ours without a name for the member": (
        {"From": "help@smreka.example", "Precedence": "list", "X-Original-Sender": ANA}, ANA, "a mailing list"),
}  # fmt: skip


@pytest.mark.parametrize(("headers", "address", "quiet"), REPLY_TO.values(), ids=REPLY_TO)
def test_who_is_answered_of_several_who_are_named(headers, address, quiet):
    found = read(**headers)
    assert found.sender == address
    assert found.quiet == (None if found.automatic else quiet)


def test_from_twice_is_no_way_to_another_address():
    raw = f"From: Ana <{ANA}>\r\nFrom: vodja@podjetje.example\r\n\r\nHi".encode()
    assert read_mail(raw, OWN).sender == ANA


BULK_OF_OURS = [{"List-Id": "<help.smreka.example>"}, {"Mailing-List": "list help@smreka.example"},
                {"List-Post": "<mailto:help@smreka.example>"}]  # fmt: skip


@pytest.mark.parametrize("headers", BULK_OF_OURS)
def test_bulk_through_a_list_of_ours_is_a_persons(headers):
    found = read(From=ANA, Precedence="bulk", **headers)
    assert (found.automatic, found.quiet) == (None, "a mailing list")


@pytest.mark.parametrize(
    "headers",
    [
        {"Precedence": "bulk", "List-Id": "<news.notsmreka.example>"},
        {"Precedence": "auto_reply", "List-Id": "<help.smreka.example>"},
        {"X-Autoreply": "yes"},
        {"Precedence": "junk"},
    ],
)
def test_a_machines_stays_a_machines(headers):
    assert read(From=ANA, **headers).automatic is not None


@pytest.mark.parametrize(
    "headers",
    [{"X-Autoreply": "no"}, {"Auto-Submitted": "No"}, {"Auto-Submitted": ""}, {"Auto-Submitted": "no (a person)"}],
)
def test_a_header_that_says_no_is_no_machines(headers):
    assert read(From=ANA, **headers).automatic is None


@pytest.mark.parametrize("above", [b"\n", b"\r\n\r\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\r\n"])
def test_what_a_gateway_puts_above_the_head_hides_nobody(above):
    found = read_mail(above + f"From: Ana <{ANA}>\r\nSubject: Paket\r\n\r\nKje je?".encode(), OWN)
    assert (found.sender, found.subject, found.text) == (ANA, "Paket", "Kje je?")


@pytest.mark.parametrize("sign", list("<(\"\\,@;:.a' "))
def test_a_hostile_header_takes_no_time(sign):
    headers = [sign * 4000, f"a{sign}" * 2000, f"{sign}@" * 2000, f"<{sign}" * 2000, f"({sign}" * 2000]
    started = time.perf_counter()
    for header in headers:
        read_mailboxes([header])
    assert time.perf_counter() - started < 5.0
