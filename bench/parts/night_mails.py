"""Mails of every shape for a night of mail: of persons, lists, forms and machines, broken and hostile ones.

Each carries a mark of its own, in its subject and its text, by which it is found again.
"""

from __future__ import annotations

import base64
import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage

OURS, FORM = "help@smreka.example", "obrazec@smreka.example"
MARK = re.compile(r"night-\d+-\d{5}")
# What is to become of a mail: a conversation, which a machine may answer or only a person; else put aside, or, of what
# is hostile, one of both.
ANSWERED, QUIET, ASIDE, EITHER = "answered", "quiet", "aside", "either"
TEXTS = (
    "Pozdravljeni, kje je moj paket? Naročilo sem oddala prejšnji teden.",
    "Dobar dan, kako mogu vratiti cipele koje su mi premale?",
    "Dzień dobry, ile kosztuje wysyłka do Słowenii i jak długo trwa?",
    "Hello, can I change the delivery address of an order that I have paid for?",
)
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
HTML = "<html><body><p>{text}</p><p>{mark}</p><table><tr><td>48</td><td>19 €</td></tr></table></body></html>"


@dataclass(frozen=True)
class Sent:
    """A mail, and what is to become of it. `customer` is who may be written to; nobody else may."""

    mark: str
    kind: str
    raw: bytes
    becomes: str
    customer: str | None
    message_id: str


class Writer:
    """Writes mails; the same seed, the same mails."""

    def __init__(self, seed: int) -> None:
        self._seed, self._luck, self._number = seed, random.Random(f"{seed}-mails"), 0

    def write(self, count: int) -> list[Sent]:
        """So many mails of all shapes, in random order. Copies of a mail count as mails."""
        kinds = [kind for kind, weight in KINDS.items() for _ in range(weight)]
        written: list[Sent] = []
        while len(written) < count:
            written += self._write(self._luck.choice(kinds), written)
        del written[count:]
        self._luck.shuffle(written)
        return written

    def _write(self, kind: Callable[[Writer], Sent], earlier: list[Sent]) -> list[Sent]:
        luck = self._luck.random()
        mail = kind(self)
        if luck < 0.05:  # the same mail twice, as it is or by another way
            return [mail, mail]
        if luck < 0.1:
            return [
                mail,
                self._with_raw(mail, b"Received: by another.example; Mon, 30 Nov 2026 01:00:00 +0100\r\n" + mail.raw),
            ]
        answerable = [each for each in earlier[-50:] if each.becomes == ANSWERED and each.customer]
        if luck < 0.2 and answerable:
            return [mail, self.reply(self._luck.choice(answerable))]
        return [mail]

    def reply(self, to: Sent, answer_id: str | None = None, headers: dict[str, str] | None = None) -> Sent:
        """What a customer writes on in a conversation: to their own mail, or to our answer."""
        own = {"From": to.customer or "", "In-Reply-To": answer_id or to.message_id, **(headers or {})}
        text = f"Hvala, še nekaj bi vprašal.\n\nOn Mon, 30 Nov 2026 at 01:00, Smreka wrote:\n> {self._text()}\n"
        return self._mail("reply", EITHER, to.customer, text, subject="Re: {mark}", **own)

    def out_of_office(self, to: Sent, answer_id: str) -> Sent:
        """The machine of somebody we answered."""
        more = {"Auto-Submitted": "auto-replied", "In-Reply-To": answer_id, "From": to.customer or ""}
        return self._mail("out of office", ASIDE, to.customer, "I am away until Monday.", **more)

    def bounce(self, answer_id: str) -> Sent:
        """A mail server that could not deliver our answer."""
        mark = self._next()
        status = (
            "Reporting-MTA: dns; mx.example\r\n\r\nAction: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 no\r\n"
        )
        raw = (
            f"From: MAILER-DAEMON@mx.example\r\nTo: {OURS}\r\nSubject: Undelivered {mark}\r\nReturn-Path: <>\r\n"
            f"Message-ID: <{mark}@mx.example>\r\n"
            'Content-Type: multipart/report; report-type=delivery-status; boundary="x"\r\n\r\n'
            f"--x\r\nContent-Type: text/plain\r\n\r\nSorry. {mark}\r\n\r\n--x\r\n"
            f"Content-Type: message/delivery-status\r\n\r\n{status}\r\n--x\r\n"
            f"Content-Type: text/rfc822-headers\r\n\r\nMessage-ID: {answer_id}\r\n\r\n--x--\r\n"
        )
        return Sent(mark, "bounce", raw.encode(), ASIDE, None, f"<{mark}@mx.example>")

    def person(self) -> Sent:
        """Plain text."""
        return self._mail("person", ANSWERED, self._somebody(), self._text())

    def html(self) -> Sent:
        """HTML alone, or beside plain text."""
        mark, text = self._next(), self._text()
        mail = self._message(mark, {"From": self._somebody(mark)})
        if self._luck.random() < 0.5:
            mail.set_content(f"{text}\n{mark}\n")
            mail.add_alternative(HTML.format(text=text, mark=mark), subtype="html")
        else:
            mail.set_content(HTML.format(text=text, mark=mark), subtype="html")
        return self._sent(mark, "html", ANSWERED, mail)

    def parts(self) -> Sent:
        """HTML, then a telephone's signature as plain text; or a file beside."""
        mark, text = self._next(), self._text()
        mail = self._message(mark, {"From": self._somebody(mark)})
        mail.set_content(HTML.format(text=text, mark=mark), subtype="html")
        mail.make_mixed()
        if self._luck.random() < 0.5:
            tail = EmailMessage()
            tail.set_content("Sent from my phone")
            mail.attach(tail)
        else:
            mail.add_attachment(PDF, maintype="application", subtype="pdf", filename="račun.pdf")
        return self._sent(mark, "parts", ANSWERED, mail)

    def odd_address(self) -> Sent:
        """Addresses that nobody may make today, and names that are another's address."""
        mark = self._next()
        address, written = self._luck.choice(
            [
                (f"{mark}..x@x.example", "Ana <{a}>"),
                (f'"{mark} x"@x.example', "Ana <{a}>"),
                (f"{mark}@xn--aba-b3a.si", f"Ana <{mark}@žaba.si>"),
                (f"{mark}@x.example", "victim@podjetje.example <{a}>"),
                (f"{mark}@x.example", "Novak, Ana <{a}>"),
                (f"{mark}@x.example", "=?utf-8?q?victim=40podjetje.example?= <{a}>"),
                (f"{mark}@x.example", "Team: Ana <{a}>;"),
            ]
        )
        raw = self._raw(mark, f"From: {written.format(a=address)}\r\nSubject: {mark}", f"{self._text()}\r\n{mark}")
        return Sent(mark, "odd address", raw, ANSWERED, address, f"<{mark}@x.example>")

    def through_a_list(self) -> Sent:
        """A group address, a list, or Exchange's header: a person's, and no machine may answer."""
        more = self._luck.choice(
            [
                {"Precedence": "list", "List-ID": "<help.smreka.example>"},
                {"Mailing-List": "list help@smreka.example"},
                {"X-Auto-Response-Suppress": "DR, OOF, AutoReply"},
                {"Precedence": "bulk", "List-Id": "<help.smreka.example>"},
            ]
        )
        return self._mail("list", QUIET, self._somebody(), self._text(), **more)

    def form(self) -> Sent:
        """The website's contact form, for a customer."""
        customer = self._somebody()
        return self._mail("form", ANSWERED, customer, self._text(), **{"From": FORM, "Reply-To": customer})

    def forwarded(self) -> Sent:
        """A courier's notice, passed on."""
        notice = "---------- Forwarded message ---------\nFrom: courier@dpd.example\nSubject: Parcel\n\nNo."
        text = f"{self._text()}\n\n{notice}"
        return self._mail("forwarded", ANSWERED, self._somebody(), text, subject="Fwd: {mark}")

    def machine(self) -> Sent:
        """Of machines that say so."""
        more = self._luck.choice(
            [
                {"Auto-Submitted": "auto-replied"},
                {"Precedence": "bulk"},
                {"X-Autoreply": "yes"},
                {"Return-Path": "<>"},
                {"From": "no-reply@shop.example"},
                {"From": OURS},
                {"X-Auto-Response-Suppress": "All", "Subject": "Automatic reply: {mark}"},
            ]
        )
        return self._mail("machine", ASIDE, None, "I am away until Monday.", **{"From": "m@x.example", **more})

    def stray_bounce(self) -> Sent:
        """A bounce of something that was never ours."""
        return self.bounce(f"<odziv.{self._luck.randrange(16**24):024x}@smreka.example>")

    def broken_letters(self) -> Sent:
        """Bytes that are not in the charset they say."""
        said, real = self._luck.choice(
            [("utf-8", "cp1250"), ("cp1250", "utf-8"), ("iso-8859-2", "cp1250"), ("no-such-thing", "utf-8"),
             ("us-ascii", "utf-8"), ("utf-7", "utf-8"), ("utf-16", "utf-8")]
        )  # fmt: skip
        mark = self._next()
        head = f"From: {mark}@x.example\r\nSubject: {mark}\r\nContent-Type: text/plain; charset={said}"
        raw = self._raw(mark, head, "")[:-2] + f"\r\n{self._text()}\r\n{mark}\r\n".encode(real)
        return Sent(mark, "broken letters", raw, ANSWERED, f"{mark}@x.example", f"<{mark}@x.example>")

    def huge(self) -> Sent:
        """One to three megabytes of text, or a file of that size."""
        size = self._luck.randrange(1_000_000, 3_000_000)
        if self._luck.random() < 0.5:
            return self._mail("huge", ANSWERED, self._somebody(), f"{self._text()}\n" + "beseda " * 10 * (size // 71))
        mark = self._next()
        body = base64.encodebytes(self._luck.randbytes(size)).decode()
        kinds = ("multipart/mixed; boundary=b", "text/plain", "video/mp4; name=a.mp4")
        whole, said, film = (f"Content-Type: {kind}\r\n" for kind in kinds)
        head = f"From: {mark}@x.example\r\nSubject: {mark}\r\nMIME-Version: 1.0\r\n{whole.strip()}"
        text = f"--b\r\n{said}\r\n{self._text()} {mark}\r\n--b\r\n{film}Content-Transfer-Encoding: base64\r\n"
        text = f"{text}\r\n{body}\r\n--b--\r\n"
        return Sent(mark, "huge", self._raw(mark, head, text), ANSWERED, f"{mark}@x.example", f"<{mark}@x.example>")

    def hostile(self) -> Sent:
        """What has made parsers stumble."""
        mark = self._next()
        sender = f"From: {mark}@x.example\r\nSubject: {mark}"
        head, text = self._luck.choice(
            [
                ("X: y", mark),  # nobody to answer, no subject
                (sender + "\r\nContent-Type: multipart/mixed; boundary=b", f"{mark}\r\n" + "--b\r\n\r\n" * 5_000),
                (sender + "".join(f"\r\nX-{n}: {n}" for n in range(2_000)), mark),
                (sender + "\r\nContent-Type: text/html", "<div>" * 30_000 + mark),
                (sender + "\r\nContent-Type: text/plain; charset=base64", mark),
                (sender + "\r\nContent-Transfer-Encoding: base64", f"=={mark}"),
                (f"From: {'(' * 3_000}{mark}@x.example\r\nSubject: {mark}", mark),
                (f"From: =?utf-8?q?{'=' * 500}?= <{mark}@x.example>\r\nSubject: =?x?b?!!?= {mark}", mark),
                (sender + "\r\nReferences: " + "<a@b>" * 3_000, mark + "\x00\x1b[31m\u202e"),
                (sender + "\r\nDate: never\r\nMIME-Version: 7", mark + "\r\n" * 20_000),
                (sender + "\r\nFrom: other@x.example", mark),
                (sender, "\r\n".join(f"> {mark}" for _ in range(3_000))),
            ]
        )
        return Sent(mark, "hostile", self._raw(mark, head, text), EITHER, f"{mark}@x.example", f"<{mark}@x.example>")

    def _next(self) -> str:
        self._number += 1
        return f"night-{self._seed}-{self._number:05}"

    def _text(self) -> str:
        return self._luck.choice(TEXTS)

    def _somebody(self, mark: str | None = None) -> str:
        """An address of its own for each mail: that of its mark, or of the mail that is written next."""
        return f"{mark or f'night-{self._seed}-{self._number + 1:05}'}@x.example"

    def _mail(
        self, kind: str, becomes: str, customer: str | None, text: str, subject: str = "{mark}", **headers: str
    ) -> Sent:
        mark = self._next()
        headers = {"From": customer or "", **headers, "Subject": headers.get("Subject", subject)}
        mail = self._message(mark, {name: value.format(mark=mark) for name, value in headers.items()})
        mail.set_content(f"{mark}\n{text}\n")
        return self._sent(mark, kind, becomes, mail, customer)

    def _message(self, mark: str, headers: dict[str, str]) -> EmailMessage:
        mail = EmailMessage()
        date = f"Mon, 30 Nov 2026 {self._number % 24:02}:00:00 +0100"
        told = {"To": OURS, "Subject": mark, "Message-ID": f"<{mark}@x.example>", "Date": date, **headers}
        for name, value in told.items():
            mail[name] = value
        return mail

    def _sent(self, mark: str, kind: str, becomes: str, mail: EmailMessage, customer: str | None = None) -> Sent:
        if mail.is_multipart():
            mail.set_boundary(f"b-{mark}")
        who = customer if becomes == ASIDE or customer else f"{mark}@x.example"
        return Sent(
            mark,
            kind,
            mail.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"),
            becomes,
            who,
            str(mail["Message-ID"]),
        )

    def _raw(self, mark: str, head: str, text: str) -> bytes:
        lines = f"{head}\r\nTo: {OURS}\r\nMessage-ID: <{mark}@x.example>\r\n\r\n{text}\r\n"
        return lines.encode("utf-8", "replace")

    @staticmethod
    def _with_raw(mail: Sent, raw: bytes) -> Sent:
        return Sent(mail.mark, "copy", raw, mail.becomes, mail.customer, mail.message_id)


# How often each shape is written.
KINDS: dict[Callable[[Writer], Sent], int] = {
    Writer.person: 8, Writer.html: 5, Writer.parts: 4, Writer.odd_address: 4, Writer.through_a_list: 4, Writer.form: 4,
    Writer.forwarded: 3, Writer.machine: 5, Writer.stray_bounce: 2, Writer.broken_letters: 4, Writer.huge: 1,
    Writer.hostile: 4,
}  # fmt: skip
