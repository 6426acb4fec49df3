"""Raw bytes from a mailbox to a mail that can be judged. Whatever comes in, this returns something."""

from __future__ import annotations

import hashlib
import re
from codecs import BOM_UTF8
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import Compat32
from itertools import islice

from odziv.mail.addresses import TOKEN, Own, find_copies, find_reply_to, find_sender, read_addresses, read_name
from odziv.mail.bodies import Body, IncomingFile, Text, read_body
from odziv.mail.loops import Bounce, automatic_reason, find_bounce, quiet_reason
from odziv.mail.quotes import Words, mark_quoted, read_words, strip_signature
from odziv.mail.reading.headers import clean, decode_header_text, has_raw_bytes
from odziv.mail.reading.letters import decode_bytes
from odziv.mail.reading.lines import split_plain
from odziv.mail.reading.ours import Ours
from odziv.store.mail.recipients import Copies

# What costs the parser more than its size tells: beyond this, only the head and the beginning of the text are read.
MOST_NESTED, MOST_SEPARATORS, LONGEST_HEAD = 50, 20_000, 262_144
MOST_TEXT = 3_900  # characters of a message; Rasa's channel takes 4,000. The rest is in the original
MOST_LINES = 20_000  # of a text that quotes are looked for in
MOST_REFERENCES = 30
MOST_HEADERS, LONGEST_HEADER = 500, 4_000  # the standard library takes quadratic time for some
MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,300}>")
NESTED = re.compile(rb"boundary\s*=|content-type:\s*message/", re.IGNORECASE)
REPLY, FORWARD = r"re|odg|odp|sv|vs|aw|antw|ref|r", r"fwd?|pd|tr|wg|posr|prosl|i|tov|rv|enc|vb|vl"
RE_PREFIX = re.compile(rf"^(?:(?:{REPLY}|{FORWARD})\.?(?:\[\d+\]|\(\d+\))?[:：]\s*)+", re.IGNORECASE)
FORWARD_PREFIX = re.compile(rf"^(?:{FORWARD})\.?(?:\[\d+\])?[:：]", re.IGNORECASE)


@dataclass(frozen=True)
class IncomingMail:
    """A mail that came in. `is_reply`: it says it answers something; `is_forward`: its subject says it passes it on.

    `sender` is who it is answered to, `through` the contact form or list of ours it came from on their behalf.
    `copies` are the others who got it, `reply_to` is where else it asks for answers. `automatic` is why it counts as a
    machine's, `quiet` why a person's gets no automatic answer.
    """

    identity: str
    message_id: str | None
    sender: str | None
    through: str | None
    name: str
    subject: str
    references: tuple[str, ...]
    recipients: tuple[str, ...]
    copies: Copies
    reply_to: str | None
    is_reply: bool
    is_forward: bool
    body: Body
    known: Ours = field(repr=False)
    files: tuple[IncomingFile, ...]
    automatic: str | None
    quiet: str | None
    bounce: Bounce | None

    @property
    def text(self) -> str:
        """Its sender's own words and what they passed on, as far as that can be told without knowing what we wrote."""
        words = self.read_words(self.known)
        return "\n\n".join(part for part in (words.own, words.forwarded) if part)

    @property
    def original(self) -> str:
        """Everything it says."""
        return self.body.text

    def read_words(self, ours: Ours) -> Words:
        """Part by part without quotes of ours; where nothing else is there, not even a file, with them, marked as such.

        Of bounded length together.
        """
        texts = [text for text in self.body.texts if not text.is_aside]
        read = [self._read_text(text, ours) for text in texts]
        own = "\n\n".join(words.own for words in read if words.own)
        forwarded = "\n\n".join(words.forwarded for words in read if words.forwarded)
        if not own and not forwarded and not (self.is_reply and self.files):
            own = strip_signature("\n\n".join(text.all for text in texts))
            own = mark_quoted(own) if self.is_reply else own
        is_unsure = any(words.is_unsure for words in read) and not own.startswith(">")
        own = _shorten(own, MOST_TEXT)
        return Words(own, _shorten(forwarded, max(MOST_TEXT - len(own), 0)), is_unsure)

    def _read_text(self, text: Text, ours: Ours) -> Words:
        if text.is_passed_on:
            return Words("", text.all)
        return read_words(text.lines[:MOST_LINES], is_reply=self.is_reply, is_forward=self.is_forward, ours=ours)

    @property
    def attachments(self) -> tuple[str, ...]:
        """The names of its files."""
        return tuple(file.name for file in self.files)


class ShortHeaders(Compat32):
    """Cuts every header, of each part too, before the standard library takes quadratic time for it."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        """Name and value, as the base class has them."""
        name, value = super().header_source_parse(sourcelines)
        return name, value[:LONGEST_HEADER]

    def header_fetch_parse(self, name: str, value: str) -> str:
        """The value with raw bytes as letters, where the base class has signs for what it can't read."""
        return decode_bytes(value.encode("utf-8", "surrogateescape")) if has_raw_bytes(value) else value


POLICY = ShortHeaders()


def read_mail(raw: bytes, own: Own | None = None) -> IncomingMail:
    """Everything about a mail that came to this address of ours."""
    raw = raw.removeprefix(BOM_UTF8).lstrip(b"\r\n")  # what gateways put above the head
    message, body = _parse(raw)
    headers = _headers(message)
    own = own or Own()
    sender = find_sender(headers, own)
    subject = decode_header_text("".join(headers.get("subject", [])[:1]))
    automatic = automatic_reason(headers, message.get_content_type(), sender.address, subject, own.domains)
    named = "\n".join([*headers.get("in-reply-to", []), *headers.get("references", [])])
    references, recipients = tuple(MESSAGE_ID.findall(named)[-MOST_REFERENCES:]), _recipients(headers)
    is_reply = bool(named.strip() or RE_PREFIX.match(subject) or any(TOKEN.search(each) for each in recipients))
    return IncomingMail(
        identity=_identify(headers, raw, sender.address if sender.through else None),
        message_id=next(iter(MESSAGE_ID.findall("".join(headers.get("message-id", [])))), None),
        sender=sender.address,
        through=sender.through,
        name=read_name(sender.name),
        subject=subject,
        references=references,
        recipients=recipients,
        copies=find_copies(headers, own, sender),
        reply_to=find_reply_to(headers, own, sender),
        is_reply=is_reply,
        is_forward=bool(FORWARD_PREFIX.match(subject)),
        body=body,
        known=Ours(own.addresses),
        files=tuple(body.files[:50]),
        automatic=automatic,
        quiet=None if automatic else quiet_reason(headers) or sender.quiet,
        bounce=find_bounce(message, raw, automatic, sender.address),
    )


def _parse(raw: bytes) -> tuple[Message, Body]:
    head, gap, rest = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
    raw = head[:LONGEST_HEAD] + gap + rest
    try:
        if len(NESTED.findall(raw)) <= MOST_NESTED and raw.count(b"\n--") <= MOST_SEPARATORS:
            message = message_from_bytes(raw, policy=POLICY)
            return message, read_body(message)
    except (RecursionError, ValueError, LookupError, AssertionError, AttributeError, TypeError):
        pass  # no mail program makes such a mail: its head will do
    message = BytesHeaderParser(policy=POLICY).parsebytes(head[:LONGEST_HEAD] + b"\n\n")
    return message, Body([Text(split_plain(clean(decode_bytes(rest[:20_000]))))])


def _headers(message: Message) -> dict[str, list[str]]:
    """Each header's values in order, names in lower case."""
    headers: dict[str, list[str]] = {}
    for name, value in islice(message.raw_items(), MOST_HEADERS):
        headers.setdefault(name.lower(), []).append(str(value)[:LONGEST_HEADER])
    return headers


def _identify(headers: dict[str, list[str]], raw: bytes, customer: str | None) -> str:
    """The same for copies of one mail that came on two ways; another for another mail under the same Message-ID.

    With `customer`, whom a contact form names: two of them may press "send" with the same words at the same moment.
    """
    told = [" ".join("".join(headers.get(name, [])).split()) for name in ("message-id", "from", "date", "subject")]
    told += [customer] if customer else []
    body = re.split(rb"\r?\n\r?\n", raw, maxsplit=1)[-1].replace(b"\r\n", b"\n").rstrip()
    return hashlib.sha256("\0".join(told).encode("utf-8", "surrogateescape") + b"\0" + body).hexdigest()


def _recipients(headers: dict[str, list[str]]) -> tuple[str, ...]:
    values = [value for name in ("to", "cc", "delivered-to", "x-original-to") for value in headers.get(name, [])[:20]]
    return tuple(read_addresses(values)[:100])


def _shorten(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most].rstrip()} […]"
