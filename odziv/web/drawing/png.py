"""The parts of a PNG that make its picture; a decoder stumbles over the others, which programs write in any state."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

SIGNATURE = b"\x89PNG\r\n\x1a\n"
# What a picture can't do without has a capital in front. Of the rest: what is seen through, its colours, how it stands.
NEEDED = (b"tRNS", b"iCCP", b"eXIf")
# A picture of ten megabytes has some thousand.
MOST_CHUNKS = 100_000


class TooManyChunks(Exception):
    """It has so many parts that it was made to keep a decoder busy."""


def keep_needed(data: bytes) -> bytes:
    """The same picture without notes, damaged extras, further frames and what follows its end. Raises TooManyChunks."""
    return SIGNATURE + b"".join(_needed(data))


def _needed(data: bytes) -> Iterator[bytes]:
    at = len(SIGNATURE)
    for _ in range(MOST_CHUNKS):
        size, name = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8]
        chunk = data[at : at + 12 + size]
        if name[:1].isupper() or (name in NEEDED and _is_sound(chunk)):
            yield chunk
        at += len(chunk)
        if name == b"IEND" or at >= len(data):
            return
    raise TooManyChunks


def _is_sound(chunk: bytes) -> bool:
    """Whether its checksum is right; that of what is needed, the decoder checks."""
    return zlib.crc32(chunk[4:-4]).to_bytes(4) == chunk[-4:]
