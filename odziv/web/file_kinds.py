"""What a file is, by its bytes; its name and its header are only claims."""

from __future__ import annotations

import re

# Readers of PDF look for its beginning within so many bytes, and for its end among the last ones.
PDF_STARTS_WITHIN, PDF_ENDS_WITHIN = 1024, 4096
# What scanners, printers and tapes fill a file up with.
PADDING = b"\x00\t\n\x0c\r \x1a\xff"
# A page of the web with a PDF behind it is a page.
_PAGE = re.compile(rb"<(?:!doctype|html|head|body|script|iframe|svg|\?xml)\b", re.IGNORECASE)
_PDF_END = re.compile(rb"startxref\s{1,9}([1-9]\d{0,9})\s{1,9}%%EOF")
_PDF_OBJECT = re.compile(rb"\s{0,99}\d{1,10}\s{1,9}\d{1,5}\s{1,9}obj\b")
_PDF_TABLE = re.compile(rb"\s{0,9}(?:xref\b|\d{1,10}\s{1,9}\d{1,5}\s{1,9}obj\b)")
_PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a")
HEIF_BRANDS = frozenset(b"heic heix hevc hevx heim heis hevm hevs mif1 mif2 msf1 avif avis".split())
MOST_BRAND_BYTES = 256  # of the box that says what a file is


def is_pdf(data: bytes) -> bool:
    """Whether a PDF begins in it, at once or behind a printer's commands or a few stray bytes."""
    start = data[: PDF_STARTS_WITHIN + 5].find(b"%PDF-")
    return start >= 0 and not _PAGE.search(data, 0, start)


def has_pdf_end(data: bytes) -> bool:
    """Whether its end is there, so that half an upload isn't taken for a whole one."""
    return b"%%EOF" in data.rstrip(PADDING)[-PDF_ENDS_WITHIN:] or _has_table(data)


def _has_table(data: bytes) -> bool:
    """Whether its last end leads to its table of contents, and what follows, however long, is none of its objects."""
    last = _PDF_END.match(data, data.rfind(b"startxref"))
    if not last or _PDF_OBJECT.match(data, last.end()):
        return False
    return any(_PDF_TABLE.match(data, start + int(last[1])) for start in (0, data.find(b"%PDF-")))


def is_picture(data: bytes) -> bool:
    """Whether it begins as PNG, JPEG, GIF or WebP."""
    return data.startswith(_PICTURES) or (data[:4] == b"RIFF" and data[8:12] == b"WEBP")


def is_heif(data: bytes) -> bool:
    """Whether it is a picture as telephones keep them (HEIC, HEIF), or AVIF, which is built alike."""
    if data[4:8] != b"ftyp":
        return False
    named = data[8 : min(int.from_bytes(data[:4], "big"), MOST_BRAND_BYTES)]
    brands = {named[place : place + 4] for place in range(0, len(named), 4) if place != 4}  # there, a version stands
    return data[8:12] in HEIF_BRANDS or bool(brands & HEIF_BRANDS)
