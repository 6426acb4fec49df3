"""The mail within an S/MIME signature that holds it (`application/pkcs7-mime`); what is encrypted stays closed."""

from __future__ import annotations

CONTENT = bytes.fromhex("06092a864886f70d010701")  # says that data of no further kind follow
OCTETS, PIECES, TAGGED = 0x04, 0x24, 0xA0
DEEPEST = 6


class NotSigned(Exception):
    """The bytes are no signed mail, or not all of one."""


def open_signed(raw: bytes) -> bytes | None:
    """The signed mail's bytes; None where there are none to be read."""
    place = raw.find(CONTENT)
    if place < 0:
        return None
    try:
        content, _ = _read(raw, place + len(CONTENT), DEEPEST)
    except (NotSigned, IndexError):
        return None
    return content or None


def _read(raw: bytes, place: int, depth: int) -> tuple[bytes, int]:
    """What the octets at a place say, in one piece or several, and where they end."""
    tag, start, length = raw[place], *_read_length(raw, place + 1)
    if tag == OCTETS and length is not None:
        return raw[start : start + length], start + length
    if tag not in {PIECES, TAGGED} or depth == 0:
        raise NotSigned
    pieces, end = [], len(raw) if length is None else min(start + length, len(raw))
    while start < end and raw[start : start + 2] != b"\0\0":
        piece, start = _read(raw, start, depth - 1)
        pieces.append(piece)
    return b"".join(pieces), start + 2 if length is None else end


def _read_length(raw: bytes, place: int) -> tuple[int, int | None]:
    """Where the content begins, and how long it is; None where only its end is marked."""
    first = raw[place]
    if first < 0x80:
        return place + 1, first
    count = first & 0x7F
    if count > 4:
        raise NotSigned
    length = int.from_bytes(raw[place + 1 : place + 1 + count], "big")
    return place + 1 + count, length if count else None
