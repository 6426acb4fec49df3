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
class IncomingFile:
    """A file in a mail, under the name its sender gave it, or its type where it has none."""

    name: str
    data: bytes = field(repr=False)


@dataclass(frozen=True)
class Text:
    """A text part as a reader sees it. `own` is that up to where its HTML begins to quote; None where it does not."""

    all: str
    own: str | None = None


@dataclass
class Body:
    """A mail's texts, in their order, and its files."""

    texts: list[Text] = field(default_factory=list)
    files: list[IncomingFile] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All of it as text."""
        return "\n\n".join(text.all.strip() for text in self.texts)[:MOST_TEXT]


class _Reader:
    """Goes through the parts in their order, the first MOST_PARTS of them. Files are taken out and not looked at."""

    def __init__(self) -> None:
        self.files: list[IncomingFile] = []
        self._seen, self._html_left, self._text_left = 0, MOST_HTML, MOST_TEXT

    def read(self, part: Message) -> list[tuple[str, str]]:
        """Its texts, each with its type: of parts that say the same in different ways, one."""
        self._seen += 1
        if self._seen > MOST_PARTS:
            return []
        kind = clean(part.get_content_type())
        if part.is_multipart() and part.get_content_maintype() == "multipart":
            inside = [self.read(each) for each in part.get_payload()]
            return _choose(inside) if kind == "multipart/alternative" else [text for texts in inside for text in texts]
        name = _file_name(part)
        is_attached = name or str(part.get("Content-Disposition", "")).lower().startswith("attachment")
        if kind in {"text/plain", "text/html"} and not is_attached:
            return [(kind, decode_text(part))]
        if kind not in {"message/delivery-status", "text/rfc822-headers"}:
            data = _read_bytes(part)
            if not _is_ornament(part, data):
                self.files.append(IncomingFile(name or kind, data))
        return []

    def lay_out(self, kind: str, content: str) -> Text:
        """A text part as text. All of a mail together is bounded."""
        if kind == "text/plain":
            text = Text(content[: self._text_left])
        else:
            html = content[: self._html_left]
            self._html_left -= len(html)
            found = QUOTED_HTML.search(html)
            own = html_to_text(html[: found.start()]) if found else None
            text = Text(html_to_text(html)[: self._text_left], own)
        self._text_left -= len(text.all)
        return text


def read_body(message: Message) -> Body:
    """Its texts and files. What says the same as a text before it, as some programs send it, counts once."""
    reader, texts = _Reader(), {}
    for kind, content in reader.read(message):
        text = reader.lay_out(kind, content)
        if words := "".join(text.all.split()):
            texts.setdefault(words, text)
    return Body(list(texts.values()), reader.files)


def _choose(alternatives: list[list[tuple[str, str]]]) -> list[tuple[str, str]]:
    """Plain text where one has it, else the last that says anything: by the standard, the best."""
    spoken = [texts for texts in alternatives if any(content.strip() for _, content in texts)]
    plain = (texts for texts in spoken if any(kind == "text/plain" and content.strip() for kind, content in texts))
    return next(plain, spoken[-1] if spoken else [])


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
