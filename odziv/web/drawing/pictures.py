"""Pictures are drawn anew before they are kept: pixels come out, and no GPS position, comment or stowaway."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from PIL import Image, ImageFile, ImageOps
from PIL.JpegImagePlugin import JpegImageFile

from odziv.web.drawing.jpeg import Outline, close, measure_coefficients, read_outline
from odziv.web.drawing.png import SIGNATURE, keep_needed

TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "GIF": "image/gif", "WEBP": "image/webp"}
# 40 megapixels take some 250 MB while they are drawn anew; a phone's photo has 12.
MOST_PIXELS = 40_000_000
# A JPEG that has more is decoded at a half, a quarter or an eighth; some phones' photos have 200 megapixels.
MOST_JPEG_PIXELS, MOST_COEFFICIENT_BYTES = 250_000_000, 320_000_000
SCALES = (1, 2, 4, 8)
# An animation that has more, over all its frames, keeps its first frame: encoding it would hold up the others.
MOST_MOVING_PIXELS = 10_000_000
MOST_FRAMES = 200
LONGEST_PROFILE = 16 * 1024
PORTRAIT = 160  # pixels, across and down
# One picture at a time: ten at once would take the memory the assistant needs.
_turn = threading.Lock()


class NoPicture(Exception):
    """It is not a picture of a kind we take, or it is damaged."""


class PictureTooLarge(Exception):
    """It has more pixels than we draw."""


@dataclass(frozen=True)
class Picture:
    """A picture drawn anew."""

    data: bytes
    type: str
    width: int
    height: int


def redraw(data: bytes) -> Picture:
    """The same picture, upright, in the same format, smaller where it is huge. Raises NoPicture or PictureTooLarge."""
    with _opened(data) as image:
        return _redraw(image)


def draw_portrait(data: bytes) -> bytes:
    """The middle of a picture as a small square JPEG, upright, on white. Raises NoPicture or PictureTooLarge."""
    with _opened(data) as image:
        image.seek(0)
        image.thumbnail((4 * PORTRAIT, 4 * PORTRAIT))
        drawn = ImageOps.fit(_upright(image).convert("RGBA"), (PORTRAIT, PORTRAIT))
        ground = Image.new("RGB", drawn.size, "white")
        ground.paste(drawn, mask=drawn.getchannel("A"))
        out = io.BytesIO()
        ground.save(out, "JPEG", quality=85, exif=b"", comment=b"")
        return out.getvalue()


@contextmanager
def _opened(data: bytes) -> Iterator[ImageFile.ImageFile]:
    """The picture, alone; whatever goes wrong with it is NoPicture or PictureTooLarge."""
    with _turn:
        try:
            with _open(data) as image:
                _check_size(image)
                yield image
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            raise PictureTooLarge from error
        except PictureTooLarge:
            raise
        except Exception as error:  # a decoder fed with hostile bytes raises nearly anything
            raise NoPicture from error


def _open(data: bytes) -> ImageFile.ImageFile:
    """Its head alone is read.

    A JPEG is opened as such, and its first picture counts. Image.open would make it another format (MPO) where its
    index names more of them, as in telephones' portraits and 3D photos, and stumble where that index is wrong.
    """
    if data.startswith(b"\xff\xd8"):
        return _open_jpeg(data)
    return Image.open(io.BytesIO(keep_needed(data) if data.startswith(SIGNATURE) else data), formats=tuple(TYPES))


def _open_jpeg(data: bytes) -> JpegImageFile:
    """One that lacks no more than the mark of its end is taken as whole. Raises NoPicture where more is missing."""
    outline = read_outline(data)

    def draw(picture: bytes) -> JpegImageFile:
        image = JpegImageFile(io.BytesIO(picture))
        _make_small(image, outline)
        return image

    first = data[: outline.end]
    image = draw(first) if outline.is_closed else close(first, draw)
    if image is None:
        raise NoPicture
    return image


def _make_small(image: JpegImageFile, outline: Outline) -> None:
    """Has a huge one decoded at a part of its size. Raises PictureTooLarge."""
    pixels = image.width * image.height
    if pixels > MOST_JPEG_PIXELS or measure_coefficients(image, outline) > MOST_COEFFICIENT_BYTES:
        raise PictureTooLarge
    scale = next(scale for scale in SCALES if pixels <= MOST_PIXELS * scale**2)
    if scale > 1:
        image.draft(None, (image.width // scale, image.height // scale))


def _check_size(image: Image.Image) -> None:
    if image.width * image.height > MOST_PIXELS:
        raise PictureTooLarge


def _redraw(image: ImageFile.ImageFile) -> Picture:
    kind = image.format or ""
    frames = _read_frames(image) if kind in ("GIF", "WEBP") and getattr(image, "is_animated", False) else []
    if len(frames) > 1:
        drawn, more = frames[0], {"save_all": True, "append_images": frames[1:], "loop": 0, "duration": _pace(image)}
    else:
        image.seek(0)
        drawn, more = _upright(_plain(image)), {}
    out = io.BytesIO()
    drawn.save(out, kind, **_how(kind, image), **more)
    return Picture(out.getvalue(), TYPES[kind], drawn.width, drawn.height)


def _plain(image: Image.Image) -> Image.Image:
    """Decoded as a whole (a cut-off file raises here), in colours its format can hold."""
    image.load()
    if image.format == "JPEG" and image.mode not in ("RGB", "L"):
        return image.convert("RGB")  # CMYK, which browsers show in wrong colours or not at all
    return image


def _upright(image: Image.Image) -> Image.Image:
    """Turned as the camera was held; left as it is where what says so can't be read."""
    try:
        ImageOps.exif_transpose(image, in_place=True)
    except Exception:  # notes of any maker, in any state: the picture itself is whole
        return image
    return image


def _read_frames(image: ImageFile.ImageFile) -> list[Image.Image]:
    """Every frame of a short animation; none when there is only one, or too much of it."""
    frames: list[Image.Image] = []
    try:
        while True:
            image.seek(len(frames))
            # Asked for each frame: those of a GIF can grow.
            if len(frames) >= MOST_FRAMES or (len(frames) + 1) * image.width * image.height > MOST_MOVING_PIXELS:
                return []
            frames.append(image.convert("RGBA"))
    except EOFError:
        return frames


def _pace(image: Image.Image) -> int:
    """Milliseconds a frame; the last one's for all."""
    return min(max(int(image.info.get("duration") or 100), 20), 10_000)


def _how(kind: str, image: Image.Image) -> dict[str, Any]:
    if kind == "JPEG":
        return {"quality": 90, "icc_profile": _profile(image), "exif": b"", "comment": b""}
    if kind == "WEBP":
        return {"quality": 88, "icc_profile": _profile(image) or "", "exif": b"", "xmp": b"", "method": 2}
    if kind == "PNG":
        # Level 4 takes a third of the time of the usual 6, for a file a seventh larger.
        return {"icc_profile": _profile(image), "exif": b"", "pnginfo": None, "compress_level": 4}
    return {"comment": b""}


def _profile(image: Image.Image) -> bytes | None:
    """The colour profile: it says nothing about anybody, and photos look pale without."""
    profile = image.info.get("icc_profile")
    return profile if profile and len(profile) <= LONGEST_PROFILE and image.mode in ("RGB", "RGBA") else None
