"""Files that customers send, made on the spot: good ones, and the kinds that should never get in."""

from __future__ import annotations

import io
import struct
import zlib

from PIL import Image
from PIL.ExifTags import GPS, IFD, Base

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
HTML = b"<!doctype html><script>alert(1)</script>"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
# Which files are what they claim is found by their first bytes; each of these has others.
REFUSED = {
    "html": HTML,
    "svg": SVG,
    "svg-gzip": b"\x1f\x8b\x08\x00" + b"\x00" * 40,
    "xml": b"<?xml version='1.0'?><a/>",
    "javascript": b"alert(1)//" + b"GIF89a",
    "windows-program": b"MZ\x90\x00" + b"\x00" * 60,
    "zip": b"PK\x03\x04" + b"\x00" * 60,
    "bmp": b"BM" + b"\x00" * 60,
    "tiff": b"II*\x00" + b"\x00" * 60,
    "heic": b"\x00\x00\x00\x18ftypheic" + b"\x00" * 60,
    "text": b"hello",
    "empty": b"",
    "zeros": b"\x00" * 100,
    "html-before-pdf": HTML + PDF,
}


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 30), **more) -> bytes:
    """A small picture of a format Pillow writes."""
    out = io.BytesIO()
    Image.new("RGB", size, "#1f5c4a").save(out, kind, **more)
    return out.getvalue()


def photo_with_position() -> bytes:
    """A photo as a phone makes it: on its side, with the place it was taken at."""
    exif = Image.Exif()
    exif[Base.Orientation], exif[Base.Model] = 6, "SecretPhone"
    exif.get_ifd(IFD.GPSInfo)[GPS.GPSLatitude] = (46.0, 3.0, 5.0)
    return picture("JPEG", exif=exif, comment=b"secret comment")


def photo_of_several(pictures: int = 2, size: tuple[int, int] = (40, 30), **more) -> bytes:
    """A photo as a phone makes portraits: a JPEG with an index (MPF) of more pictures, which follow it."""
    colours = ["#1f5c4a", "#c04020", "#2040c0"]
    first, *others = (Image.new("RGB", size, colours[number % 3]) for number in range(pictures))
    out = io.BytesIO()
    first.save(out, "MPO", save_all=True, append_images=others, **more)
    return out.getvalue()


def animation(kind: str, frames: int = 3, size: tuple[int, int] = (20, 20)) -> bytes:
    """A few frames that differ."""
    pictures = [Image.new("RGB", size, (number * 90 % 256, 40, 40)) for number in range(frames)]
    out = io.BytesIO()
    pictures[0].save(out, kind, save_all=True, append_images=pictures[1:], duration=40)
    return out.getvalue()


def bomb(width: int = 60_000, height: int = 60_000) -> bytes:
    """A PNG of a few bytes that says it has billions of pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(b"\x00" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def form(data: bytes, name: str, type: str) -> dict:
    """A multipart body with one file, as a browser makes it, for a test client's `post`."""
    escaped = name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
    head = f'--x\r\nContent-Disposition: form-data; name="file"; filename="{escaped}"\r\nContent-Type: {type}\r\n\r\n'
    return {"data": head.encode() + data + b"\r\n--x--\r\n", "content_type": "multipart/form-data; boundary=x"}
