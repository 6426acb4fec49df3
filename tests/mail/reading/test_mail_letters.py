"""Letters arrive as they were written, whatever charset a mail says they are in."""

from __future__ import annotations

import random
import time
from base64 import b64encode, encodebytes
from quopri import encodestring

import pytest

from odziv.mail.parse import read_mail
from odziv.mail.reading.headers import decode_header_text
from odziv.mail.reading.letters import count_odd, decode_bytes, find_codec

SL = "Pozdravljeni, kupil sem šotor za 80 € – še ga ni. Želim vračilo „takoj“, čakam že dolgo. ŠČŽ"
HR = "Poštovani, kupio sam šator i još nije stigao. Želim povrat, čekam već tjedan. Đurđica Šćitaroci, 80 €"
PL = "Dzień dobry, kupiłam namiot i wciąż go nie ma. Proszę o zwrot: źle się zapiął, żółć, ŁÓDŹ, ść ćma. 80 €"
EN = "Hello, I paid €80 – “the tent” hasn’t come yet… naïve café"
DE = "Grüße, das Zelt für 80 € fehlt noch. Größe ÄÖÜ, heißen"
WITHOUT_SIGNS = {
    "sl": "Pozdravljeni, šotor je raztrgan. Želim vračilo, čakam že tri tedne. Naročilo ŠČŽ",
    "hr": "Poštovani, šator je poderan. Želim povrat, čekam već tri tjedna. Đurđa Ćosić",
    "pl": "Dzień dobry, namiot jest podarty. Proszę o zwrot, czekam już trzy tygodnie: żółć, źdźbło, ŁÓDŹ, ąę",
}
LATIN_2 = {language: text.encode("iso-8859-2") for language, text in WITHOUT_SIGNS.items()}
WINDOWS = {language: text.encode("cp1250") for language, text in {"sl": SL, "hr": HR, "pl": PL}.items()}
UTF_8 = {language: text.encode() for language, text in {"sl": SL, "hr": HR, "pl": PL, "en": EN, "de": DE}.items()}
TEXTS = {"sl": SL, "hr": HR, "pl": PL, "en": EN, "de": DE}
LABELS_OF_UTF_8 = ["utf-8", "UTF8", "windows-1250", "iso-8859-2", "iso-8859-1", "us-ascii", "windows-1252", None,
                   "unknown-8bit", "x-unknown", "utf-7", "base64", "no-such-thing", "\"utf-8\"", "utf-8;x"]  # fmt: skip
LABELS_OF_WINDOWS = ["windows-1250", "cp1250", "x-cp1250", "WINDOWS-1250", "win-1250", "windows1250", "iso-8859-2",
                     "ISO8859-2", "latin2", "utf-8", "us-ascii", "iso-8859-1", "windows-1252", None, "unknown-8bit",
                     "ansi", "rot13", "unicode_escape"]  # fmt: skip
LABELS_OF_LATIN_2 = ["iso-8859-2", "ISO_8859-2", "iso8859-2", "8859-2", "latin2", "l2", "windows-1250", "utf-8", None,
                     "us-ascii", "x-user-defined"]  # fmt: skip

CASES = (
    [(f"utf-8 {language} as {label}", raw, label, TEXTS[language]) for language, raw in UTF_8.items()
     for label in LABELS_OF_UTF_8]
    + [(f"windows {language} as {label}", raw, label, TEXTS[language]) for language, raw in WINDOWS.items()
       for label in LABELS_OF_WINDOWS]
    + [(f"latin 2 {language} as {label}", raw, label, WITHOUT_SIGNS[language]) for language, raw in LATIN_2.items()
       for label in LABELS_OF_LATIN_2]
    + [
        ("windows sl with č alone as windows-1252", "Rad bi naročil čoln".encode("cp1250"), "windows-1252",
         "Rad bi naročil čoln"),
        ("windows hr with ć alone as iso-8859-1", "Hoću platiti, ćao".encode("cp1250"), "iso-8859-1",
         "Hoću platiti, ćao"),
        ("french as windows-1252", "Très chère Hélène, père et mère".encode("cp1252"), "windows-1252",
         "Très chère Hélène, père et mère"),
        ("italian as windows-1252", "È arrivato, perché è già qui".encode("cp1252"), "windows-1252",
         "È arrivato, perché è già qui"),
        ("pounds without a name", "Please refund £20 – “now”".encode("cp1252"), None, "Please refund £20 – “now”"),
        ("utf-16 with its mark", SL.encode("utf-16"), "utf-8", SL),
        ("utf-16 big end first, with its mark", b"\xfe\xff" + SL.encode("utf-16-be"), None, SL),
        ("utf-16 without its mark", SL.encode("utf-16-le"), "utf-16", SL),
        ("utf-16 big, without its mark or name", SL.encode("utf-16-be"), None, SL),
        ("utf-32", SL.encode("utf-32"), None, SL),
        ("utf-8 with its mark", b"\xef\xbb\xbf" + SL.encode(), "windows-1250", SL),
        ("windows-1252 as latin 1", EN.encode("cp1252"), "iso-8859-1", EN),
        ("windows-1252", DE.encode("cp1252"), "windows-1252", DE),
        ("latin 1", "Grüße aus Köln".encode("latin-1"), "iso-8859-1", "Grüße aus Köln"),
        ("latin 1 in French", "Très bien, à bientôt".encode("latin-1"), "iso-8859-1", "Très bien, à bientôt"),
        ("latin 9", "Preis: 5 €, Größe".encode("iso-8859-15"), "iso-8859-15", "Preis: 5 €, Größe"),
        ("Cyrillic", "Где је мој пакет?".encode("cp1251"), "windows-1251", "Где је мој пакет?"),
        ("Cyrillic without a name", "Где мой пакет, пожалуйста?".encode("cp1251"), None, "Где мой пакет, пожалуйста?"),
        ("KOI8", "Где мой пакет?".encode("koi8-r"), "koi8-r", "Где мой пакет?"),
        ("DOS", "Želim vračilo".encode("cp852"), "ibm852", "Želim vračilo"),
        ("Macintosh", "Želim vračilo".encode("mac-latin2"), "x-mac-ce", "Želim vračilo"),
        ("Chinese", "你好，我的包裹在哪里".encode("gb18030"), "gb2312", "你好，我的包裹在哪里"),
        ("Japanese", "荷物はどこですか".encode("iso-2022-jp"), "iso-2022-jp", "荷物はどこですか"),
        ("a short word", "Čevlji".encode("cp1250"), "iso-8859-2", "Čevlji"),
        ("a short word as latin 1", "Žal še ni".encode("cp1250"), "iso-8859-1", "Žal še ni"),
        ("capitals that look like utf-8", "KÓŁKO ŁÓŻKO".encode("cp1250"), "windows-1250", "KÓŁKO ŁÓŻKO"),
        ("one word that is valid utf-8", "KÓŁKO".encode("cp1250"), "windows-1250", "KÓŁKO"),
        ("a letter cut off at the end", "Želim vračilo š".encode()[:-1], "utf-8", "Želim vračilo \ufffd"),
        ("a bad byte", b"\xc5\xbdelim \xff vra\xc4\x8dilo, \xc5\xa1otor", "utf-8", "Želim \ufffd vračilo, šotor"),
        ("a bad byte under another name", "Želim vračilo, še šotor".encode() + b" \x80", "windows-1250",
         "Želim vračilo, še šotor \ufffd"),
        ("half a letter in the middle", b"\xc5\xbdelim vra\xc4ilo, \xc5\xa1otor \xc5\xa1e", None,
         "Želim vra\ufffdilo, šotor še"),
        ("utf-7 is not read", b"+AGE-lert+ADw-script+AD4-", "utf-7", "+AGE-lert+ADw-script+AD4-"),
    ]
)  # fmt: skip


@pytest.mark.parametrize(("raw", "label", "text"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_each_is_read(raw, label, text):
    assert decode_bytes(raw, label) == text


def test_they_are_many():
    assert len(CASES) > 100


def encoded(raw: bytes, way: str) -> bytes:
    return {"8bit": raw, "base64": b64encode(raw), "quoted-printable": encodestring(raw)}[way]


@pytest.mark.parametrize("way", ["8bit", "base64", "quoted-printable"])
@pytest.mark.parametrize("kind", ["plain", "html"])
@pytest.mark.parametrize("case", [case for case in CASES if "utf-16" not in case[0] and "utf-32" not in case[0]][::7],
                         ids=lambda case: case[0])  # fmt: skip
def test_so_it_is_through_a_whole_mail(case, kind, way):
    _, raw, label, text = case
    named = f'; charset="{label}"' if label and '"' not in label else ""
    head = f"From: ana@x.example\nContent-Type: text/{kind}{named}\nContent-Transfer-Encoding: {way}\n\n"
    body = raw if kind == "plain" else b"<p>" + raw + b"</p>"
    assert read_mail(head.encode() + encoded(body, way)).text == text


@pytest.mark.parametrize("meta", [
    '<meta charset="{0}">', "<meta http-equiv='Content-Type' content='text/html; charset={0}'>",
    "<META HTTP-EQUIV=Content-Type CONTENT=\"text/html;charset={0}\">", '<?xml version="1.0" encoding="{0}"?>',
])  # fmt: skip
@pytest.mark.parametrize("named", ["", "; charset=us-ascii", "; charset=utf-8", "; charset=x-unknown"])
@pytest.mark.parametrize(("charset", "codec"), [("iso-8859-2", "iso-8859-2"), ("windows-1250", "cp1250")])
def test_what_the_html_says_counts_where_the_head_says_nothing(meta, named, charset, codec):
    for text in WITHOUT_SIGNS.values():
        html = f"<html><head>{meta.format(charset)}</head><body>{text}</body></html>".encode(codec)
        if meta.startswith("<?xml"):
            html = f"{meta.format(charset)}<html><body>{text}</body></html>".encode(codec)
        assert read_mail(f"From: a@b.example\nContent-Type: text/html{named}\n\n".encode() + html).text == text


HEADERS = [
    (SL[:60].encode(), SL[:60]),
    (SL[:60].encode("cp1250"), SL[:60]),
    (b"=?utf-8?q?=C5=A1otor?=", "šotor"),
    (b"=?UTF-8?B?xaFvdG9y?=", "šotor"),
    (b"=?utf-8?q?=C5?= =?utf-8?q?=A1otor?=", "šotor"),  # torn within a letter
    (b"=?utf-8?b?xQ==?= =?UTF-8?b?oW90b3I=?=", "šotor"),
    (b"=?utf-8?q?Vra=C4=8Dilo?= =?utf-8?q?_=C5=A1otora?=", "Vračilo šotora"),
    (b"=?utf-8?q?Vra=C4=8Dilo?=\n =?utf-8?q?_=C5=A1otora?=", "Vračilo šotora"),
    (b"Re: =?iso-8859-2?Q?Vra=E8ilo_=B9otora?=", "Re: Vračilo šotora"),
    (b"=?iso-8859-2?Q?Vra=E8ilo_=9Aotora?=", "Vračilo šotora"),  # a Windows page under another name
    (b"=?windows-1250?Q?Vra=C4=8Dilo_=C5=A1otora?=", "Vračilo šotora"),
    (b"=?utf-8?q?Moj =C5=A1otor?=", "Moj šotor"),  # a space where none may be
    (b"=?utf-8?q?=C5=A1otor", "šotor"),  # cut off
    (b"=?utf-8?b?xaFvdG9y", "šotor"),
    (b"=?utf-8?b?xaFvdG9?=", "šoto"),
    (b"=?utf-8*sl?q?=C5=A1otor?=", "šotor"),
    (b"=?x-unknown?q?=C5=A1otor?=", "šotor"),
    (b"=?unknown-8bit?q?=9Aotor =9Ee?=", "šotor že"),
    (b'"=?utf-8?q?=C5=A1otor?="', '"šotor"'),
    (b"=?utf-8?q?=C5=A1otor?=in=?utf-8?q?_=C4=8Dolni?=", "šotorin čolni"),
    (b"=?utf-7?q?+AGE-?=", "+AGE-"),
    (b"=?utf-8?x?nothing?=", "=?utf-8?x?nothing?="),
    (b"=??q?abc?=", "=??q?abc?="),
    (b"1 =? 2 ?= 3", "1 =? 2 ?= 3"),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "text"), HEADERS, ids=[str(raw)[:40] for raw, _ in HEADERS])
def test_headers_are_read_however_they_are_written(raw, text):
    assert read_mail(b"From: a@b.example\nSubject: " + raw + b"\n\nx").subject == text


NAMES = [
    ('filename="račun.pdf"', "račun.pdf"),
    ("filename=račun.pdf", "račun.pdf"),
    ("filename*=utf-8''ra%C4%8Dun.pdf", "račun.pdf"),
    ("filename*=UTF-8'sl'ra%C4%8Dun.pdf", "račun.pdf"),
    ("filename*=windows-1250''ra%E8un.pdf", "račun.pdf"),
    ("filename*=iso-8859-2''%9Aotor.pdf", "šotor.pdf"),
    ("filename*0*=utf-8''ra%C4%8D; filename*1=un.pdf", "račun.pdf"),
    ("filename*1=un.pdf; filename*0*=utf-8''ra%C4%8D", "račun.pdf"),
    ('filename*0="ra"; filename*1="cun.pdf"', "racun.pdf"),
    ('filename="=?utf-8?q?ra=C4=8Dun=2Epdf?="', "račun.pdf"),
    ('filename="=?utf-8?b?cmHEjXVuLnBkZg==?="', "račun.pdf"),
    ("filename==?utf-8?b?cmHEjXVuLnBkZg==?=", "račun.pdf"),
    ('filename="=?windows-1250?q?ra=E8un=2Epdf?="', "račun.pdf"),
    ("filename=\"utf-8''ra%C4%8Dun.pdf\"", "račun.pdf"),
    ('filename*="račun.pdf"', "račun.pdf"),
    ("filename*=utf-8''račun.pdf", "račun.pdf"),
    ('filename="../../etc/pasvord.pdf"', ".._.._etc_pasvord.pdf"),
    ("filename*x*=y", None),
]


@pytest.mark.parametrize(("written", "name"), NAMES, ids=[each for each, _ in NAMES])
@pytest.mark.parametrize("codec", ["utf-8", "cp1250"])
def test_names_of_files_too(written, name, codec):
    head = f"From: a@b.example\nContent-Type: application/pdf\nContent-Disposition: attachment; {written}\n\n%PDF"
    assert read_mail(head.encode(codec)).attachments == (name or "application/pdf",)


def test_the_name_in_the_type_counts_where_there_is_no_other():
    head = "From: a@b.example\nContent-Type: application/pdf; name=račun.pdf\nContent-Disposition: attachment\n\n%PDF"
    assert read_mail(head.encode()).attachments == ("račun.pdf",)


def test_quoted_printable_that_was_cut_in_a_letter_or_a_sign():
    head = (
        b"From: a@b.example\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n"
    )
    read = {b"=C5=BDelim =C5": "Želim \ufffd", b"=C5=BDelim =": "Želim", b"=C5=BDelim =C": "Želim =C",
            b"=C5=\n=BDelim": "Želim", b"=c5=bdelim": "Želim", b"\xc5\xbdelim =C5=A1e": "Želim še"}  # fmt: skip
    for body, text in read.items():
        assert read_mail(head + body).text == text


@pytest.mark.parametrize("way", ["base64 ", "Base64", "BASE64;", '"base64"'])
def test_base64_however_it_is_called_and_wherever_it_ends(way):
    head = f"From: a@b.example\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: {way}\n\n".encode()
    for cut in range(1, 6):
        text = read_mail(head + b64encode(SL.encode())[:-cut]).text
        assert text.startswith("Pozdravljeni, kupil sem šotor") and "vračilo" in text


def test_what_a_list_writes_below_base64_is_read_and_what_is_only_called_so_too():
    head = b"From: a@b.example\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n"
    footer = "_________________\nList: people@x.example\nhttps://x.example/čolni"
    assert read_mail(head + encodebytes(SL.encode()) + footer.encode()).text == f"{SL}\n\n{footer}"
    assert read_mail(head + SL.encode()).text == SL
    broken = encodebytes(SL.encode() * 20).replace(b"\n", b"\n!", 1)
    assert read_mail(head + broken).text.startswith(SL)


def test_codecs_that_make_no_letters_or_hide_them_are_not_used():
    for name in ("utf-7", "unicode_escape", "raw_unicode_escape", "idna", "punycode", "rot13", "base64", "zlib", "hex",
                 "undefined", "mbcs", "", "a" * 5000, "../x", "\x00", "cp037"):  # fmt: skip
        assert find_codec(name) is None, name


def test_odd_pairs_are_few_in_what_people_write():
    for text in [*TEXTS.values(), *WITHOUT_SIGNS.values(), "5 m², 20 °C, ½ kg, „da“, Anti­virus", "Где је пакет?"]:
        assert count_odd(text) <= 3, text  # names from another country
    for right, codec, wrong in ((SL, "cp1250", "iso-8859-2"), (PL, "utf-8", "cp1250"), (SL, "cp1250", "cp1252")):
        assert count_odd(right.encode(codec).decode(wrong, "replace")) > count_odd(right)


@pytest.mark.slow
def test_any_bytes_are_read_in_little_time():
    chance = random.Random(3)
    for _ in range(400):
        raw = chance.randbytes(chance.randrange(200))
        for label in (None, "utf-8", "windows-1250", "iso-2022-jp", "utf-16", "big5", "hz"):
            decode_bytes(raw, label).encode("utf-8", "replace")
    began = time.process_time()
    for raw in (b"\xc5" * 2_000_000, b"\xc5\xa1" * 1_000_000, b"\x9a\xff" * 1_000_000, b"\0a" * 1_000_000):
        decode_bytes(raw, "iso-8859-1")
    decode_header_text("=?utf-8?q?" * 400)
    decode_header_text("=?utf-8?q?a?= " * 300)
    assert time.process_time() - began < 4
