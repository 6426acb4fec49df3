"""The text of a mail, whatever it is wrapped in: charsets, HTML, parts in parts. The work for one is bounded."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from html import unescape

from inscriptis import get_text
from inscriptis.model.config import ParserConfig

MOST_PARTS = 100
MOST_HTML = 300_000  # characters; more takes seconds and is an advertisement
MOST_TEXT = 200_000
# A smaller picture within the HTML is a logo in a signature; what a customer pasted is larger.
ORNAMENT_BYTES = 10_000
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
TAG = re.compile(r"<(?:script|style)\b[^<]*|<[^<>]*>?", re.IGNORECASE)
QUOTED_HTML = re.compile(r"<(?:blockquote|div [^>]{0,100}class=[\"']gmail_quote)", re.IGNORECASE)


@dataclass(frozen=True)
class Enclosure:
    """A file in a mail, under the name its sender gave it, or its type where it has none."""

    name: str
    data: bytes = field(repr=False)


@dataclass
class Body:
    """A mail's plain and HTML texts and its files."""

    plain: list[str] = field(default_factory=list)
    html: list[str] = field(default_factory=list)
    enclosures: list[Enclosure] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All of it as text."""
        plain = "\n\n".join(part for part in self.plain if part.strip())
        return (plain or "\n\n".join(html_to_text(part) for part in self.html)).strip()[:MOST_TEXT]

    @property
    def own_html_text(self) -> str | None:
        """The HTML up to where it begins to quote, as text; None when the mail has plain text or quotes nothing so."""
        if any(part.strip() for part in self.plain) or not self.html:
            return None
        found = QUOTED_HTML.search(self.html[0])
        return html_to_text(self.html[0][: found.start()]).strip() if found else None


def read_body(message: Message) -> Body:
    """The parts in their order, the first MOST_PARTS of them. Files are taken out and not looked at."""
    body, waiting, seen = Body(), [message], 0
    while waiting and seen < MOST_PARTS:
        part, seen = waiting.pop(), seen + 1
        kind = clean(part.get_content_type())
        name = _file_name(part)
        is_attached = name or str(part.get("Content-Disposition", "")).lower().startswith("attachment")
        if part.is_multipart() and part.get_content_maintype() == "multipart":
            waiting.extend(reversed(part.get_payload()))
        elif kind in {"text/plain", "text/html"} and not is_attached:
            (body.plain if kind == "text/plain" else body.html).append(decode_text(part))
        elif kind not in {"message/delivery-status", "text/rfc822-headers"}:
            data = _read_bytes(part)
            if not _is_ornament(part, data):
                body.enclosures.append(Enclosure(name or kind, data))
    return body


def _is_ornament(part: Message, data: bytes) -> bool:
    is_within = part.get("Content-ID") and not str(part.get("Content-Disposition", "")).lower().startswith("attachment")
    return bool(is_within) and part.get_content_maintype() == "image" and len(data) < ORNAMENT_BYTES


def _read_bytes(part: Message) -> bytes:
    try:
        return part.get_payload(decode=True) or b""
    except (ValueError, AssertionError, TypeError):
        return str(part.get_payload()).encode("utf-8", "replace")


def decode_text(part: Message) -> str:
    """A part's text: by the charset it names, else UTF-8, else the one of central Europe's Windows."""
    raw = _read_bytes(part)
    charset = re.sub(r"[^A-Za-z0-9_.:-]", "", str(part.get_content_charset("utf-8")))
    return clean(decode_bytes(raw, charset))


def decode_bytes(raw: bytes, charset: str = "utf-8") -> str:
    """Bytes as text, whatever happens."""
    for attempt in (charset, "utf-8", "cp1250"):
        try:
            text = raw.decode(attempt)
        except (LookupError, ValueError):  # LookupError also for codecs that make no text, such as base64
            continue
        if isinstance(text, str):
            return text
    return raw.decode("utf-8", "replace")


def decode_header_text(value: str, most: int = 300) -> str:
    """A header as one line of readable text: no line break in it survives."""
    raw = value.encode("utf-8", "surrogateescape")
    try:
        text = str(make_header(decode_header(decode_bytes(raw))))
    except (ValueError, LookupError, MessageError):
        text = decode_bytes(raw)
    return " ".join(clean(text).split())[:most].strip()


def clean(text: str) -> str:
    """Without control characters, marks that turn the writing direction, and halves of surrogates."""
    return CONTROL.sub("", text).encode("utf-8", "replace").decode("utf-8")


def html_to_text(html: str) -> str:
    """HTML as text, with lists and tables laid out; no scripts, styles or hidden parts."""
    html = html[:MOST_HTML]
    try:
        text = get_text(re.sub(r"^\s*<\?xml[^>]*>", "", html), ParserConfig(display_links=False))
    except (ValueError, RecursionError, IndexError, KeyError, AttributeError, TypeError):
        text = ""
    if not text.strip():  # nested too deep to be laid out: then without layout
        text = unescape(TAG.sub(" ", html))
    return clean(text.replace("\xa0", " "))


def _file_name(part: Message) -> str | None:
    try:
        name = part.get_filename()
    except (ValueError, TypeError, LookupError, IndexError):
        return "?"
    return decode_header_text(str(name), 120).replace("/", "_").replace("\\", "_") if name else None
