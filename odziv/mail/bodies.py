"""The texts and files of a mail, whatever they are wrapped in. The work for one is bounded."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from email import message_from_bytes
from email.message import Message
from itertools import takewhile
from quopri import decodestring
from urllib.parse import unquote

from odziv.cases.mails.question import ADDRESS
from odziv.mail.reading.headers import clean, decode_base64, decode_header_text, find_file_name
from odziv.mail.reading.letters import decode_bytes
from odziv.mail.reading.lines import Line, Place, join_lines, split_plain, unflow
from odziv.mail.reading.markup import MOST_HTML, split_html
from odziv.mail.reading.signed import open_signed
from odziv.mail.reading.uuencoded import take_out_files

MOST_PARTS = 100
MOST_TEXT = 200_000
# A smaller picture within the HTML is a logo in a signature; what a customer pasted is larger.
ORNAMENT_BYTES = 10_000
SAME_WORDS = 0.6  # of the HTML's words in the plain text, for it to say the same
FEW_WORDS, MUCH_MORE = 3, 3  # words, or times as many, for the plain text to count where they say different things
META = re.compile(
    rb"<meta\s[^>]{0,300}?charset\s*=\s*[\"']?\s*([\w.:-]{1,40})|<\?xml\s[^>]{0,100}encoding=[\"']([\w.:-]+)", re.I
)
HTML_KINDS = frozenset({"text/html", "application/xhtml+xml"})
PLAIN_KINDS = frozenset(
    {"text/plain", "text/markdown", "text/x-markdown", "text/enriched", "text/richtext", "text/x-plain"}
)
# Signatures, keys and what only programs read: nobody misses them.
SILENT_KINDS = frozenset({
    "application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature", "application/pgp-keys",
    "application/pgp-encrypted", "text/x-amp-html", "text/watch-html", "message/delivery-status", "text/rfc822-headers",
    "message/disposition-notification", "message/feedback-report", "application/x-pkcs7-crl", "application/applefile",
})  # fmt: skip
SIGNED_KINDS = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
SIGNATURE_NAME = re.compile(
    r"(?:smime\.p7s|signature\.asc|openpgp_signature(?:\.asc)?|pgp_signature(?:\.asc)?)$", re.IGNORECASE
)
TEXT_FILES = frozenset({
    "text/calendar", "text/csv", "text/vcard", "text/x-vcard", "text/directory", "text/css", "text/javascript",
    "text/xml", "text/rtf", "text/tab-separated-values", "text/x-patch", "text/x-vcalendar", "text/x-python",
})  # fmt: skip
HTML_BEGINS = re.compile(
    r"\s*(?:<!doctype html|<html[\s>]"
    r"|<(?P<tag>body|div|p|table|span|font|center|h[1-6])(?:\s[^<>]{0,500})?>.*</(?P=tag)>\s*$)",
    re.IGNORECASE | re.DOTALL,
)
A_MAIL = re.compile(rb"\s*[A-Za-z][A-Za-z-]{0,60}:[ \t]*\S")
BORDER = re.compile(rb"^--([^\s\"]{1,70})[ \t]*\r?\nContent-[A-Za-z-]+:", re.MULTILINE | re.IGNORECASE)
MOST_PREAMBLE = 200  # lines
NOT_ENCODED = re.compile(rb"[^A-Za-z0-9+/=]")
RICH_TAG = re.compile(r"<(?!<)/?[A-Za-z-]{1,40}>")
FROM_A_MAIL = ("From", "Date", "Subject", "To")


@dataclass(frozen=True)
class IncomingFile:
    """A file in a mail, under the name its sender gave it, or its type where it has none."""

    name: str
    data: bytes = field(repr=False)


@dataclass(frozen=True)
class Text:
    """A text of a mail by its lines. `is_passed_on`: a mail within it; `is_aside`: not what its reader is shown."""

    lines: tuple[Line, ...]
    is_plain: bool = True
    is_passed_on: bool = False
    is_aside: bool = False

    @property
    def all(self) -> str:
        """The whole of it, with what was quoted."""
        return join_lines(self.lines)

    @property
    def says_something(self) -> bool:
        """Whether there is a letter or a digit in it."""
        return any(character.isalnum() for line in self.lines for character in line.shown)


@dataclass
class Body:
    """A mail's texts, in their order, and its files."""

    texts: list[Text] = field(default_factory=list)
    files: list[IncomingFile] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All of it as text."""
        return "\n\n".join(text.all for text in self.texts)[:MOST_TEXT]


class _Reader:
    """Goes through the parts in their order, the first MOST_PARTS of them. Files are taken out and not looked at."""

    def __init__(self) -> None:
        self.files: list[IncomingFile] = []
        self.attached: list[tuple[Message, IncomingFile]] = []  # texts that came as files
        self._seen, self._html_left, self._text_left = 0, MOST_HTML, MOST_TEXT

    def read(self, part: Message) -> list[Text]:
        """Its texts: of parts that say the same in different ways, the others aside."""
        self._seen += 1
        if self._seen > MOST_PARTS:
            return []
        part = _with_its_border(part)
        kind = _kind_of(part)
        if part.is_multipart() and part.get_content_maintype() == "multipart":
            inside = [self.read(each) for each in part.get_payload()]
            return _choose(inside) if kind == "multipart/alternative" else [text for texts in inside for text in texts]
        if kind in {"message/rfc822", "message/global"} and (passed_on := _open(part)) is not None:
            return self._read_passed_on(passed_on)
        if kind in SIGNED_KINDS and (signed := open_signed(read_bytes(part))):
            return self.read(message_from_bytes(signed, policy=part.policy))
        return self._read_leaf(part, kind)

    def _read_leaf(self, part: Message, kind: str) -> list[Text]:
        name = find_file_name(part)
        is_attached = str(part.get("Content-Disposition", "")).lower().lstrip().startswith("attachment")
        if kind in PLAIN_KINDS | HTML_KINDS and not (name and is_attached):
            return [self.lay_out(part, kind)]
        if kind in SILENT_KINDS or (name and SIGNATURE_NAME.match(name)):
            return []
        data = read_bytes(part)
        if name and name.lower().endswith(".eml") and A_MAIL.match(data):
            return self._read_passed_on(message_from_bytes(data[:MOST_TEXT], policy=part.policy))
        if not _is_ornament(part, data):
            self.files.append(IncomingFile(name or kind, data))
            self.attached += [(part, self.files[-1])] if kind in PLAIN_KINDS | HTML_KINDS else []
        return []

    def lay_out(self, part: Message, kind: str) -> Text:
        """A text part by its lines. All of a mail together is bounded."""
        text, files = take_out_files(decode_text(part)) if kind == "text/plain" else (decode_text(part), [])
        self.files += [IncomingFile(name, data) for name, data in files]
        is_html = kind in HTML_KINDS or bool(HTML_BEGINS.match(text))
        if is_html:
            html = text[: self._html_left]
            self._html_left -= len(html)
            lines = split_html(html)
        else:
            text = text[: self._text_left]
            text = RICH_TAG.sub("", text) if kind in {"text/enriched", "text/richtext"} else text
            lines = split_plain(_unflowed(part, text))
        lines = _shorten(lines, self._text_left)
        self._text_left -= sum(len(line.shown) + 1 for line in lines)
        return Text(lines, is_plain=not is_html)

    def _read_passed_on(self, message: Message) -> list[Text]:
        """A mail within the mail, under its own head."""
        told = [(name, decode_header_text(str(message.get(name, "")))) for name in FROM_A_MAIL]
        lines = [Line(f"{name}: {value}") for name, value in told if value]
        for text in self.read(message):
            lines += [Line(""), *text.lines] if not text.is_aside else []
        return [Text(tuple(lines), is_passed_on=True)]


def read_body(message: Message) -> Body:
    """Its texts and files. What says the same as a text before it, as some programs send it, counts once."""
    reader, texts = _Reader(), {}
    found = reader.read(message)
    if reader.attached and not any(text.says_something for text in found):  # a text is no file where it is all there is
        part, file = reader.attached[0]
        reader.files.remove(file)
        found = [reader.lay_out(part, _kind_of(part))]
    if message.preamble and not any(text.says_something for text in found):
        found.append(Text(split_plain(clean(str(message.preamble)))[:MOST_PREAMBLE]))
    for text in found:
        if words := "".join(text.all.split()):
            texts.setdefault(words, text)
    return Body(list(texts.values()), reader.files)


def _kind_of(part: Message) -> str:
    """The type of a part; what is no known file and no parts, though it says it has some, is text."""
    kind = clean(part.get_content_type())
    is_unknown = kind.startswith("text/") and kind not in HTML_KINDS | TEXT_FILES | SILENT_KINDS
    if is_unknown or (part.get_content_maintype() == "multipart" and not part.is_multipart()):
        return kind if kind in PLAIN_KINDS else "text/plain"
    return kind


def _with_its_border(part: Message) -> Message:
    """The part by the border that stands in it, where it names another one or none."""
    if part.get_content_maintype() != "multipart" or part.is_multipart():
        return part
    raw = read_bytes(part)
    border = BORDER.search(raw[:MOST_TEXT])
    head = b'Content-Type: multipart/mixed; boundary="%s"\n\n' % border[1] if border else b""
    return message_from_bytes(head + raw, policy=part.policy) if border else part


def _shorten(lines: Sequence[Line], most: int) -> tuple[Line, ...]:
    """As many lines as there are characters left for."""
    result, left = [], most
    for line in lines:
        if left <= 0:
            break
        result.append(line if len(line.shown) <= left else replace(line, text=line.text[:left], linked=""))
        left -= len(line.shown) + 1
    return tuple(result)


def _choose(alternatives: list[list[Text]]) -> list[Text]:
    """Plain text where it says what the others say, else the last that says anything: what mail programs show."""
    spoken = [texts for texts in alternatives if any(text.says_something for text in texts)]
    plain = next((texts for texts in spoken if all(text.is_plain for text in texts)), None)
    rich = next((texts for texts in reversed(spoken) if texts is not plain), None)
    if plain is None or rich is None:
        return plain or rich or []
    in_plain, in_rich = _count_words(plain), _count_words(rich)
    shared = (in_plain & in_rich).total()
    if shared >= SAME_WORDS * in_rich.total():
        return rich if _lacks_links(plain, rich) else plain
    is_poor = in_rich.total() < FEW_WORDS or in_plain.total() > MUCH_MORE * in_rich.total()
    is_poor = is_poor and not (in_plain["html"] and not in_rich["html"])  # "your program can't show HTML"
    chosen, other = (plain, rich) if is_poor else (rich, plain)
    is_new = shared < SAME_WORDS * _count_words(other).total()
    return [*chosen, *(replace(text, is_aside=True) for text in other if is_new)]


def _lacks_links(plain: Sequence[Text], rich: Sequence[Text]) -> bool:
    """Whether the plain text has lost where a link leads that its writer set, and HTML tells."""
    written = unquote("".join("".join(line.text for text in plain for line in text.lines).split())).casefold()
    own = [line for text in rich for line in takewhile(lambda line: line.place is not Place.REST, text.lines)]
    linked = " ".join(line.linked for line in own if line.text and line.place is Place.OWN)
    addresses = (unquote(each.strip(" (").rstrip("…?/)")).casefold() for each in ADDRESS.findall(linked))
    return any(address.partition("://")[2].removeprefix("www.") not in written for address in addresses)


def _count_words(texts: Sequence[Text]) -> Counter[str]:
    return Counter(word for text in texts for line in text.lines for word in re.findall(r"\w+", line.text.lower()))


def _open(part: Message) -> Message | None:
    """The mail in such a part; some programs encode it, which no standard allows."""
    payload = part.get_payload()
    inner = payload[0] if isinstance(payload, list) and payload else None
    if not isinstance(inner, Message):
        return None
    if not inner.keys() and "base64" in str(part.get("Content-Transfer-Encoding", "")).lower():
        raw = decode_base64(str(inner.get_payload()).encode("utf-8", "replace"))[:MOST_TEXT]
        return message_from_bytes(raw, policy=part.policy)
    return inner


def _is_ornament(part: Message, data: bytes) -> bool:
    is_within = part.get("Content-ID") and not str(part.get("Content-Disposition", "")).lower().startswith("attachment")
    return bool(is_within) and part.get_content_maintype() == "image" and len(data) < ORNAMENT_BYTES


def read_bytes(part: Message) -> bytes:
    """What a part holds, its transfer encoding undone, however badly it was done."""
    way = re.sub(r"[^a-z0-9]", "", str(part.get("Content-Transfer-Encoding", "")).lower().partition(";")[0])
    plain = copy(part)
    if "uu" not in way:
        del plain["Content-Transfer-Encoding"]
    try:
        raw = plain.get_payload(decode=True)
    except (ValueError, AssertionError, TypeError):
        raw = str(part.get_payload()).encode("utf-8", "replace")
    if not isinstance(raw, bytes):
        return b""
    if way == "base64" and part.get_content_maintype() == "text":
        encoded, plain_end = _split_encoded(raw)
        return decode_base64(encoded) + plain_end
    if way == "base64":
        return decode_base64(raw)
    return decodestring(raw) if way == "quotedprintable" else raw


def _split_encoded(raw: bytes) -> tuple[bytes, bytes]:
    """What is base64 of a text that is called so, and the plain words that a list has put below, or that it all is.

    Plain words have spaces between them; bad signs on the way are few.
    """
    lines = raw.split(b"\n")
    plain = [number for number, line in enumerate(lines) if NOT_ENCODED.search(line.strip())]
    if not plain or len(plain) * 2 < sum(bool(line.strip()) for line in lines[plain[0] :]):
        return raw, b""
    gap = b"\n\n" if plain[0] else b""
    return b"\n".join(lines[: plain[0]]), gap + b"\n".join(lines[plain[0] :])


def decode_text(part: Message) -> str:
    """A part's text: by what its bytes are, the charset it names, and the one that its HTML names."""
    raw = read_bytes(part)
    found = META.search(raw[:4_000]) if part.get_content_type() in HTML_KINDS else None
    inside = (found[1] or found[2]).decode("ascii", "replace") if found else None
    return clean(decode_bytes(raw, _charset(part), inside))


def _charset(part: Message) -> str | None:
    try:
        charset = part.get_param("charset")
    except (ValueError, TypeError, LookupError):
        return None
    return str(charset[2] if isinstance(charset, tuple) else charset) if charset else None


def _unflowed(part: Message, text: str) -> str:
    try:
        is_flowed = str(part.get_param("format", "")).lower() == "flowed"
        return unflow(text, joins_words=str(part.get_param("delsp", "")).lower() == "yes") if is_flowed else text
    except (ValueError, TypeError, LookupError):
        return text
