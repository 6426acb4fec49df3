"""The outline of a JPEG, read before a decoder works on it: where its first picture ends, and what decoding takes.

Telephones put a second picture, a depth map, a gain map for HDR or a film behind the first picture's end.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from PIL.JpegImagePlugin import JpegImageFile

START, END, SCAN = 0xD8, 0xD9, 0xDA
# Within a scan, FF is followed by 00 or by a restart marker; several FF may stand before a marker.
_MARKER = re.compile(rb"\xff+([^\x00\xd0-\xd7\xff])", re.DOTALL)
# A photo has some ten of the one and a hundred of the other. Each scan passes over the whole picture once more.
MOST_SCANS, MOST_SEGMENTS = 100, 5_000


class BadOutline(Exception):
    """It has so many parts that it was made to keep a decoder busy."""


@dataclass(frozen=True)
class Outline:
    """`end` is the length of the first picture in bytes, `first_scan` how many of its components the first scan has."""

    end: int
    scans: int
    first_scan: int


def read_outline(data: bytes) -> Outline:
    """The outline of the first picture; one that is cut off ends with the data. Raises BadOutline."""
    at, scans, first_scan = 2, 0, 0
    for _ in range(MOST_SEGMENTS):
        found = _MARKER.search(data, at)
        if found is None:
            return Outline(len(data), scans, first_scan)
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


def measure_coefficients(image: JpegImageFile, outline: Outline) -> int:
    """Bytes that decoding keeps at once: none where one scan brings it all, else two for each sample."""
    if outline.first_scan >= image.layers and not image.info.get("progressive"):
        return 0
    samples = [down * across for _, down, across, _ in image.layer]
    finest = max(down for _, down, _, _ in image.layer) * max(across for _, _, across, _ in image.layer)
    return 2 * image.width * image.height * sum(samples) // max(finest, 1)
