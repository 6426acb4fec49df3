"""The outline of a JPEG, read before a decoder works on it: where its first picture ends, and what decoding takes.

Telephones put a second picture, a depth map, a gain map for HDR or a film behind the first picture's end.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile

START, END, SCAN = 0xD8, 0xD9, 0xDA
# Within a scan, FF is followed by 00 or by a restart marker; of several FF before a marker, the last one counts.
_MARKER = re.compile(rb"\xff([^\x00\xd0-\xd7\xff])", re.DOTALL)
# A photo has some ten of the one and a hundred of the other. Each scan passes over the whole picture once more.
MOST_SCANS, MOST_SEGMENTS = 100, 5_000
END_MARK = b"\xff\xd9"
# Bits that mean something in any scan that is not over.
FILLING = b"\xa5\x3c\x96\x0f" * 16
PADDED = 4  # zeros and more; fewer can belong to a scan
STRIP = 256  # rows


class BadOutline(Exception):
    """It has so many parts that it was made to keep a decoder busy."""


@dataclass(frozen=True)
class Outline:
    """`end` is the length of the first picture in bytes, `first_scan` how many of its components the first scan has.

    `is_closed` says whether its mark of the end is there.
    """

    end: int
    scans: int
    first_scan: int
    is_closed: bool = True


def read_outline(data: bytes) -> Outline:
    """The outline of the first picture; one that is cut off ends with the data. Raises BadOutline."""
    at, scans, first_scan = 2, 0, 0
    for _ in range(MOST_SEGMENTS):
        found = _MARKER.search(data, at)
        if found is None:
            return Outline(len(data), scans, first_scan, is_closed=False)
        code, at = found[1][0], found.end()
        if code == END:
            return Outline(at, scans, first_scan)
        if code < 0xC0 or code == START:
            continue
        if code == SCAN:
            scans, first_scan = scans + 1, first_scan or int.from_bytes(data[at + 2 : at + 3])
            if scans > MOST_SCANS:
                break
        at += int.from_bytes(data[at : at + 2])
    raise BadOutline


def close(data: bytes, draw: Callable[[bytes], JpegImageFile]) -> JpegImageFile | None:
    """A picture without a mark of its end, drawn with one; None where more than that is missing.

    Some cameras leave the mark out. A picture that is whole looks the same, whatever follows its last bits.
    """
    bare = _without_padding(data)
    sum_with_more = _sum_up(draw(bare + FILLING + END_MARK))
    image = draw(bare + END_MARK)
    return image if _sum_up(image) == sum_with_more else None


def _without_padding(data: bytes) -> bytes:
    """A scan without the zeros that a file was filled up with (the first may be its last value), or half a mark."""
    bare = data.rstrip(b"\0")
    return bare + b"\0" if len(data) - len(bare) >= PADDED else data.rstrip(b"\xff")


def _sum_up(image: Image.Image) -> int:
    """A checksum of all pixels, made a strip at a time so that they are not in memory twice."""
    total = 0
    for top in range(0, image.height, STRIP):
        strip = image.crop((0, top, image.width, min(top + STRIP, image.height)))
        total = zlib.crc32(strip.tobytes(), total)
    return total


def measure_coefficients(image: JpegImageFile, outline: Outline) -> int:
    """Bytes that decoding keeps at once: none where one scan brings it all, else two for each sample."""
    if outline.first_scan >= image.layers and not image.info.get("progressive"):
        return 0
    samples = [down * across for _, down, across, _ in image.layer]
    finest = max(down for _, down, _, _ in image.layer) * max(across for _, _, across, _ in image.layer)
    return 2 * image.width * image.height * sum(samples) // max(finest, 1)
