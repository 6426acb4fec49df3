"""Headers and file names as readable text, in whichever of the right and wrong ways they are written."""

from __future__ import annotations

import re
from base64 import b64decode
from email.message import Message
from email.utils import decode_rfc2231
from quopri import decodestring

from odziv.mail.reading.letters import decode_bytes

MOST_OF_NAME = 120
# `=?utf-8?q?=C4=8D?=`; of one that was cut off, what there is. Between two of them, white space says nothing.
WORD = re.compile(r"=\?([\w.:+-]{1,40})(?:\*[\w-]{0,20})?\?([QqBb])\?((?:(?!\?=).)*)(?:\?=|$)", re.DOTALL)
BETWEEN = re.compile(r"(\?=)[ \t\r\n]+(?==\?[\w.:+*-]{1,60}\?[QqBb]\?)")
PERCENT = re.compile(r"%[0-9A-Fa-f]{2}")
EXTENDED = re.compile(r"^([\w.:-]{0,40})'([\w-]{0,20})'(.*)$", re.DOTALL)
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069\ue000-\ue00f]")


def clean(text: str) -> str:
    """Without control characters, marks that turn the writing direction, and halves of surrogates."""
    return CONTROL.sub("", text).encode("utf-8", "replace").decode("utf-8")


def decode_header_text(value: str, most: int = 300) -> str:
    """A header as one line of readable text: no line break in it survives."""
    return " ".join(clean(decode_words(value)).split())[:most].strip()


def decode_words(value: str) -> str:
    """A header's value with its encoded words and its raw bytes as letters."""
    value = decode_bytes(value.encode("utf-8", "surrogateescape")) if has_raw_bytes(value) else value
    if "=?" not in value:
        return value
    parts, waiting, named, end = [], b"", "", 0
    value = BETWEEN.sub(r"\1", value)
    for found in WORD.finditer(value):
        is_next = found.start() == end and found[1].lower() == named
        if not is_next:  # a letter may be torn between two words of one charset
            parts.append(decode_bytes(waiting, named))
            waiting = b""
        parts.append(value[end : found.start()])
        waiting, named, end = waiting + _unwrap(found[2], found[3]), found[1].lower(), found.end()
    return "".join([*parts, decode_bytes(waiting, named), value[end:]])


def has_raw_bytes(value: str) -> bool:
    """Whether bytes beyond ASCII stand in a header as the standard library keeps them."""
    return any("\udc80" <= each <= "\udcff" for each in value)


def _unwrap(encoding: str, content: str) -> bytes:
    if encoding in "Bb":
        return decode_base64(content.encode("utf-8", "replace"))
    return decodestring(content.replace("_", " ").encode("utf-8", "replace"), header=False)


def decode_base64(raw: bytes) -> bytes:
    """What a base64 text says, whatever stands in it beside, and wherever it was cut."""
    letters = re.sub(rb"[^A-Za-z0-9+/]", b"", raw)
    letters = letters[: len(letters) - 1] if len(letters) % 4 == 1 else letters
    return b64decode(letters + b"=" * (-len(letters) % 4))


def find_file_name(part: Message) -> str | None:
    """The name a part's sender gave it; None where it has none."""
    for header, parameter in (("content-disposition", "filename"), ("content-type", "name")):
        try:
            name = part.get_param(parameter, header=header)
        except (ValueError, TypeError, LookupError):
            return "?"
        if name and (readable := read_file_name(name)):
            return readable
    return None


def read_file_name(name: str | tuple[str | None, str | None, str]) -> str:
    """The name of a file as it is shown, of whatever is written in its place."""
    if isinstance(name, tuple):  # as RFC 2231 has it: a charset, and bytes as the letters of Latin-1
        charset, _, value = name
        raw = value.encode("latin-1") if value.isascii() or max(value) <= "\xff" else value.encode("utf-8", "replace")
        text = decode_bytes(raw, charset)
    else:
        text = _read_extended(name)
    return decode_header_text(text, MOST_OF_NAME).replace("/", "_").replace("\\", "_")


def _read_extended(name: str) -> str:
    """A name whose program writes the extended form where the plain one belongs: `filename="utf-8''%C4%8D"`."""
    charset, _, value = decode_rfc2231(name) if EXTENDED.match(name) else (None, None, name)
    if charset is None or not PERCENT.search(value):
        return name
    raw = PERCENT.sub(lambda found: chr(int(found[0][1:], 16)), value)
    return decode_bytes(raw.encode("latin-1"), charset) if max(raw) <= "\xff" else name
