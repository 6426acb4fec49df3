"""Mails of one text in many MIME shapes, as programs write them and as they get on the way."""

from __future__ import annotations

import zlib
from base64 import encodebytes
from dataclasses import dataclass

from tests.files import PDF, picture

ASKED = "Moj šotor je prišel raztrgan, naročilo 778899. Prosim za zamenjavo."
HTML = f"<html><head><style>p {{color: red}}</style></head><body><p>{ASKED}</p></body></html>"
TAIL = "Poslano z mojega iPhona"
NO_HTML = "Your e-mail program can't show HTML. Please open this message in a program that can, or in a browser."
PASSED_ON = "Paket 778899 zamuja, predvidoma do ponedeljka."
NESTED = (
    f"From: Dostava <info@dostava.example>\nSubject: Zamuda\nContent-Type: text/plain; charset=utf-8\n\n{PASSED_ON}\n"
)


@dataclass(frozen=True)
class Shape:
    """A mail without its head. `files` are those that are looked at, `more` what else its reader is shown."""

    body: bytes
    files: tuple[str, ...] = ()
    more: str = ""
    passed_on: str = ""


def part(kind: str, content: str | bytes, *headers: str) -> bytes:
    raw = content.encode() if isinstance(content, str) else content
    named = f"{kind}; charset=utf-8" if kind.startswith("text/") and "charset" not in kind else kind
    return "\n".join([f"Content-Type: {named}", *headers, "", ""]).encode() + raw


def file(kind: str, name: str, data: bytes, *headers: str, way: str = "attachment") -> bytes:
    told = (f'Content-Disposition: {way}; filename="{name}"', "Content-Transfer-Encoding: base64", *headers)
    return part(f"{kind}; name={name}", encodebytes(data), *told)


def multipart(kind: str, *parts: bytes) -> bytes:
    border = f"b{zlib.crc32(b''.join(parts))}"
    inside = b"".join(f"--{border}\n".encode() + each + b"\n" for each in parts)
    return f"Content-Type: multipart/{kind}; boundary={border}\n\n".encode() + inside + f"--{border}--\n".encode()


PLAIN_PART, HTML_PART, TAIL_PART = part("text/plain", ASKED), part("text/html", HTML), part("text/plain", TAIL)
PHOTO = file("image/png", "slika.png", picture(size=(300, 200)), way="inline")
PDF_PART = file("application/pdf", "racun.pdf", PDF)
LOGO = file("image/png", "logo.png", picture(), "Content-ID: <logo>", way="inline")
SIGNATURE = file("application/pkcs7-signature", "smime.p7s", b"data")
BOTH = multipart("alternative", PLAIN_PART, HTML_PART)
NESTED_PARTS = b"Subject: Zamuda\n" + multipart("mixed", part("text/plain", PASSED_ON), PDF_PART)
BASE64 = "Content-Transfer-Encoding: base64"


def sized(tag: int, content: bytes) -> bytes:
    """Bytes as DER has them."""
    return bytes([tag, 0x82]) + len(content).to_bytes(2, "big") + content


DATA = bytes.fromhex("06092a864886f70d010701")
SIGNED = b"0\x80..." + DATA + sized(0xA0, sized(0x04, BOTH)) + b"...certificates"
SIGNED_IN_PIECES = (
    b"0\x80"
    + DATA
    + b"\xa0\x80\x24\x80"
    + b"".join(sized(0x04, BOTH[place : place + 100]) for place in range(0, len(BOTH), 100))
    + b"\0\0\0\0"
    + b"..."
)

SHAPES = {
    "plain": Shape(PLAIN_PART),
    "html": Shape(HTML_PART),
    "no type at all": Shape(b"\n" + ASKED.encode()),
    "a type without a subtype": Shape(b"Content-Type: text\n\n" + ASKED.encode()),
    "an unknown kind of text": Shape(part("text/x-mobile", ASKED)),
    "html called plain": Shape(part("text/plain", HTML)),
    "plain called html": Shape(part("text/html", ASKED)),
    "alternative": Shape(BOTH),
    "alternative, html first": Shape(multipart("alternative", HTML_PART, PLAIN_PART)),
    "plain part of a zero-width space": Shape(multipart("alternative", part("text/plain", "\u200b"), HTML_PART)),
    "plain part of signs": Shape(multipart("alternative", part("text/plain", "-- \n* * *\n"), HTML_PART)),
    "plain part that is empty": Shape(multipart("alternative", part("text/plain", ""), HTML_PART)),
    "plain part that excuses itself": Shape(multipart("alternative", part("text/plain", NO_HTML), HTML_PART)),
    "plain part that excuses itself shortly": Shape(
        multipart("alternative", part("text/plain", "No HTML?"), HTML_PART)
    ),
    "plain part that is far shorter": Shape(multipart("alternative", part("text/plain", "Moj šotor"), HTML_PART)),
    "plain part with a link alone": Shape(
        multipart("alternative", part("text/plain", "https://x.example/1"), HTML_PART)
    ),
    "html part without a word": Shape(multipart("alternative", PLAIN_PART, part("text/html", "<img src=cid:x>"))),
    "html part that is a picture": Shape(multipart("alternative", PLAIN_PART, part("text/html", "<p>Logo</p><img>"))),
    "html, photo and a telephone's tail": Shape(multipart("mixed", HTML_PART, PHOTO, TAIL_PART), ("slika.png",)),
    "plain and html, mixed": Shape(multipart("mixed", PLAIN_PART, HTML_PART)),
    "texts around a photo": Shape(
        multipart("mixed", HTML_PART, PHOTO, part("text/html", "<p>In še to.</p>")), ("slika.png",), "\n\nIn še to."
    ),
    "a list's footer": Shape(
        multipart("mixed", BOTH, part("text/plain", "List: x@y.example")), (), "\n\nList: x@y.example"
    ),
    "a footer in html": Shape(multipart("mixed", PLAIN_PART, part("text/html", "<hr><p>Oglas</p>")), (), "\n\nOglas"),
    "mixed in mixed in mixed": Shape(
        multipart("mixed", multipart("mixed", multipart("mixed", HTML_PART), PDF_PART)), ("racun.pdf",)
    ),
    "alternative and a file": Shape(multipart("mixed", BOTH, PDF_PART), ("racun.pdf",)),
    "related": Shape(multipart("related", HTML_PART, LOGO)),
    "related, with a photo pasted": Shape(
        multipart("related", HTML_PART, file("image/png", "shot.png", b"\x89PNG" + b"x" * 20_000, "Content-ID: <a>")),
        ("shot.png",),
    ),
    "related in alternative": Shape(multipart("alternative", PLAIN_PART, multipart("related", HTML_PART, LOGO))),
    "alternative in related": Shape(multipart("related", BOTH, LOGO)),
    "Apple's": Shape(
        multipart("alternative", PLAIN_PART, multipart("mixed", HTML_PART, PDF_PART, part("text/html", "<br>"))),
        ("racun.pdf",),
    ),
    "signed": Shape(multipart("signed; protocol=x", PLAIN_PART, SIGNATURE)),
    "signed by PGP": Shape(
        multipart("signed", BOTH, file("application/pgp-signature", "signature.asc", b"-----BEGIN PGP SIGNATURE-----"))
    ),
    "a signature of no kind": Shape(multipart("mixed", BOTH, file("application/octet-stream", "smime.p7s", b"data"))),
    "signed, with a file": Shape(multipart("signed", multipart("mixed", BOTH, PDF_PART), SIGNATURE), ("racun.pdf",)),
    "signed, in one piece": Shape(
        part("application/pkcs7-mime; smime-type=signed-data; name=smime.p7m", encodebytes(SIGNED), BASE64)
    ),
    "signed, in pieces": Shape(
        part(
            "application/x-pkcs7-mime; name=smime.p7m",
            encodebytes(SIGNED_IN_PIECES),
            BASE64,
            "Content-Disposition: attachment",
        )
    ),
    "signed by PGP, within the text": Shape(
        part(
            "text/plain",
            f"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n{ASKED}\n-----BEGIN PGP SIGNATURE-----\n\niQ=\n"
            "-----END PGP SIGNATURE-----\n",
        )
    ),
    "a body with a name": Shape(part("text/plain; name=body.txt", ASKED)),
    "a body with a name, inline": Shape(
        part("text/plain", ASKED, "Content-Disposition: inline; filename=sporocilo.txt"), ()
    ),
    "a body that calls itself a file": Shape(
        part("text/plain", ASKED, "Content-Disposition: attachment; filename=a.txt")
    ),
    "a body that is attached without a name": Shape(part("text/plain", ASKED, "Content-Disposition: attachment")),
    "a body in html with a name": Shape(part("text/html; name=message.html", HTML, "Content-Disposition: inline")),
    "a named body and a file": Shape(
        multipart("mixed", part("text/html; name=m.html", HTML), PDF_PART), ("racun.pdf",)
    ),
    "an attached body and a file": Shape(
        multipart("mixed", part("text/html", HTML, "Content-Disposition: attachment; filename=m.html"), PDF_PART),
        ("racun.pdf",),
    ),
    "a body and an attached text": Shape(
        multipart("mixed", PLAIN_PART, part("text/plain", "log", "Content-Disposition: attachment; filename=a.log")),
        ("a.log",),
    ),
    "an empty text and the html": Shape(multipart("mixed", part("text/plain", "\n"), HTML_PART)),
    "an invitation": Shape(
        multipart("alternative", PLAIN_PART, part("text/calendar; method=REQUEST", "BEGIN:VCALENDAR")),
        ("text/calendar",),
    ),
    "for fast pages": Shape(
        multipart("alternative", PLAIN_PART, part("text/x-amp-html", "<html amp4email>"), HTML_PART)
    ),
    "enriched": Shape(multipart("alternative", part("text/enriched", f"<bold>{ASKED}</bold>"), part("text/plain", ""))),
    "flowed": Shape(part("text/plain; charset=utf-8; format=flowed", ASKED.replace("naročilo ", "naročilo \n"))),
    "flowed without spaces": Shape(
        part("text/plain; charset=utf-8; format=flowed; delsp=yes", ASKED.replace("naročilo", "naro \nčilo"))
    ),
    "no border at the end": Shape(multipart("mixed", HTML_PART, PLAIN_PART).rsplit(b"--", 2)[0]),
    "a border that never comes": Shape(b"Content-Type: multipart/mixed; boundary=x\n\n" + ASKED.encode()),
    "another border is named": Shape(
        multipart("mixed", HTML_PART, PDF_PART).replace(b"boundary=", b"boundary=x"), ("racun.pdf",)
    ),
    "words before the first border": Shape(
        b"Content-Type: multipart/mixed; boundary=x\n\n" + ASKED.encode() + b"\n--x--\n"
    ),
    "no border is named": Shape(b"Content-Type: multipart/alternative\n\n" + ASKED.encode()),
    "a mail passed on": Shape(
        multipart("mixed", PLAIN_PART, part("message/rfc822", NESTED)), (), "", f"Subject: Zamuda\n\n{PASSED_ON}"
    ),
    "a mail passed on, encoded": Shape(
        multipart(
            "mixed",
            PLAIN_PART,
            part("message/rfc822", encodebytes(NESTED.encode()), "Content-Transfer-Encoding: base64"),
        ),
        (),
        "",
        f"Subject: Zamuda\n\n{PASSED_ON}",
    ),
    "a mail passed on, with a file": Shape(
        multipart("mixed", PLAIN_PART, part("message/rfc822", NESTED_PARTS)),
        ("racun.pdf",),
        "",
        f"Subject: Zamuda\n\n{PASSED_ON}",
    ),
    "a mail passed on as a file": Shape(
        multipart(
            "mixed", PLAIN_PART, part("message/rfc822", NESTED, 'Content-Disposition: attachment; filename="z.eml"')
        ),
        (),
        "",
        f"Subject: Zamuda\n\n{PASSED_ON}",
    ),
    "a digest": Shape(
        multipart("mixed", PLAIN_PART, multipart("digest", b"\n" + NESTED.encode())),
        (),
        "",
        f"Subject: Zamuda\n\n{PASSED_ON}",
    ),
    "a mail passed on as a file of no type": Shape(
        multipart("mixed", PLAIN_PART, file("application/octet-stream", "Zamuda.eml", NESTED.encode())),
        (),
        "",
        f"Subject: Zamuda\n\n{PASSED_ON}",
    ),
    "a file called a mail that is none": Shape(
        multipart("mixed", PLAIN_PART, file("application/octet-stream", "slika.eml", b"\x89PNG\r\n")), ("slika.eml",)
    ),
    "a piece of html called plain": Shape(part("text/plain", f'<div dir="ltr"><p>{ASKED}</p></div>')),
    "a file with its Mac half": Shape(
        multipart(
            "mixed", PLAIN_PART, multipart("appledouble", file("application/applefile", "racun.pdf", b"x"), PDF_PART)
        ),
        ("racun.pdf",),
    ),
    "a sign sent as a picture": Shape(
        part("text/html", f'<p>{ASKED} <img alt="👍" src="https://x.example/1.png"></p>'), (), " 👍"
    ),
}
