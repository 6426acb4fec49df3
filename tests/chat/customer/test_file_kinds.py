"""What a file is, by its bytes, as telephones, scanners and printers really write them."""

from __future__ import annotations

import io
import random
import struct
import time
import zlib

import pytest
from PIL import Image, ImageDraw

from odziv.web.attachments import clean_name, examine
from odziv.web.drawing import pictures
from odziv.web.drawing.jpeg import MOST_SCANS, BadOutline, read_outline
from odziv.web.drawing.pictures import NoPicture, PictureTooLarge, redraw
from odziv.web.drawing.png import MOST_CHUNKS, TooManyChunks, keep_needed
from odziv.web.errors import ApiError
from tests.files import HTML, PDF, animation, photo_of_several, picture

PRINTER = b"\x1b%-12345X@PJL JOB\r\n@PJL ENTER LANGUAGE = PDF\r\n"
# Before a PDF's beginning, and after its end.
BEFORE = {
    "a line": b"\r\n",
    "mark of the byte order": b"\xef\xbb\xbf",
    "a printer's commands": PRINTER,
    "a note of PHP's": b"<br />\n<b>Notice</b>: Undefined index in <b>pdf.php</b> on line 3<br />\n",
    "headers": b"HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\n\r\n",
    "zeros": b"\x00" * 512,
    "as much as there may be": b"x" * 1024,
}
AFTER = {
    "nothing": b"",
    "zeros": b"\x00" * 3000,
    "zeros, far more": b"\x00" * 200_000,
    "lines": b"\r\n" * 4000,
    "spaces and zeros": b"  \x00\x00\r\n\t" * 2000,
    "an end of old systems": b"\x1a",
    "a printer's commands": b"\x1b%-12345X@PJL EOJ\r\n\x1b%-12345X",
    "a comment": b"% " + b"signed " * 300,
    "zeros after a comment": b"% by a scanner\n" + b"\x00" * 9000,
}


@pytest.mark.parametrize("after", AFTER)
@pytest.mark.parametrize("before", BEFORE)
def test_a_pdf_is_kept_with_what_stands_around_it(before, after):
    data = BEFORE[before] + PDF + AFTER[after]
    assert examine(data) == {"data": data, "type": "application/pdf"}


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"x" * 1025 + PDF, "attachment_type"),
        (HTML + PDF, "attachment_type"),
        (b"<svg onload=alert(1)>" + PDF, "attachment_type"),
        (b"\n\n<?xml version='1.0'?>" + PDF, "attachment_type"),
        (PDF[:-8], "attachment_damaged"),
        (PRINTER + PDF[:-8] + b"\x00" * 5000, "attachment_damaged"),
        (PDF + b"0" * 10_000, "attachment_damaged"),
        (b"%PDF-", "attachment_damaged"),
        (b"", "attachment_type"),
    ],
    ids=["too late", "page", "svg", "xml", "half", "half, padded", "an end long ago", "start", "empty"],
)
def test_what_is_no_whole_pdf_is_refused(data, code):
    with pytest.raises(ApiError) as refused:
        examine(data)
    assert refused.value.code == code


def listed_pdf(more: bytes = b"") -> bytes:
    """A PDF whose end leads to its table of contents."""
    head = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\n" + more
    table = b"xref\n0 2\n0000000000 65535 f \n0000000009 00000 n \ntrailer<</Root 1 0 R/Size 2>>\n"
    return head + table + b"startxref\n%d\n%%%%EOF\n" % len(head)


HUNG_ON = {
    "a page of the web": b"\n<html>" + b"<p>Fatal error in pdf.php</p>" * 900,
    "a ZIP": b"PK\x03\x04" + random.Random(1).randbytes(50_000),
    "anything": random.Random(2).randbytes(9_000),
    "a film": b"\x00\x00\x00\x18ftypmp42" + random.Random(3).randbytes(20_000),
}


@pytest.mark.parametrize("before", BEFORE)
@pytest.mark.parametrize("after", HUNG_ON)
def test_a_pdf_whose_end_leads_to_its_table_is_whole_whatever_hangs_on_it(before, after):
    data = BEFORE[before] + listed_pdf() + HUNG_ON[after]
    assert examine(data) == {"data": data, "type": "application/pdf"}


FIRST_HALF = (
    b"%PDF-1.5\n1 0 obj<</Linearized 1>>endobj\nxref\n0 0\nstartxref\n0\n%%EOF\n" + b"5 0 obj<<>>endobj\n" * 500
)
UPDATE = b"".join(b"%d 0 obj<</Contents(a change)>>endobj\n" % number for number in range(400))
TABLE_GONE = listed_pdf().replace(b"xref\n0 2", b"xxxx\n0 2") + HUNG_ON["anything"]


@pytest.mark.parametrize("data", [FIRST_HALF, listed_pdf() + UPDATE, TABLE_GONE], ids=["web", "update", "table"])
def test_the_half_of_a_pdf_that_has_an_end_further_up_is_none(data):
    with pytest.raises(ApiError) as refused:
        examine(data)
    assert refused.value.code == "attachment_damaged"


@pytest.mark.parametrize("brand", [b"heic", b"heix", b"mif1", b"msf1", b"avif"])
def test_pictures_that_only_telephones_read_say_what_to_do(brand):
    with pytest.raises(ApiError, match="Save a HEIC or AVIF picture as JPEG") as refused:
        examine(b"\x00\x00\x00\x18ftyp" + brand + b"\x00\x00\x00\x00mif1heic" + b"\x00" * 80)
    assert refused.value.code == "attachment_type"


def test_a_film_is_not_called_a_picture():
    with pytest.raises(ApiError) as refused:
        examine(b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00isommp42")
    assert "HEIC" not in refused.value.message


# ---- colours and positions


def halves(kind: str, size: tuple[int, int] = (48, 32), mode: str = "RGB", **more) -> bytes:
    """The left half is red, the right one blue."""
    image = Image.new("RGB", size, "red")
    ImageDraw.Draw(image).rectangle((size[0] // 2, 0, *size), fill="blue")
    out = io.BytesIO()
    image.convert(mode).save(out, kind, **more)
    return out.getvalue()


def shown(data: bytes) -> tuple[tuple[int, int], str]:
    """Size, and where red is."""
    with Image.open(io.BytesIO(redraw(data).data)) as image:
        image = image.convert("RGB")
        (w, h) = image.size
        at = {"left": (w // 4, h // 2), "right": (w * 3 // 4, h // 2)}
        at |= {"top": (w // 2, h // 4), "bottom": (w // 2, h * 3 // 4)}
        red = {place for place, point in at.items() if image.getpixel(point)[0] > 128}
        return image.size, "top" if red >= {"top"} and "bottom" not in red else (
            "bottom" if "bottom" in red and "top" not in red else "left" if "left" in red else "right"
        )


UPRIGHT = {1: "left", 2: "right", 3: "right", 4: "left", 5: "top", 6: "top", 7: "bottom", 8: "bottom"}


@pytest.mark.parametrize("orientation", UPRIGHT)
@pytest.mark.parametrize(("kind", "is_huge"), [("JPEG", False), ("JPEG", True), ("PNG", False), ("WEBP", False)])
def test_a_photo_stands_upright_however_the_camera_was_held(monkeypatch, kind, orientation, is_huge):
    monkeypatch.setattr(pictures, "MOST_PIXELS", 48 * 32 - 1 if is_huge else 48 * 32)
    exif = Image.Exif()
    exif[0x0112] = orientation
    size = (24, 16) if is_huge else (48, 32)
    wanted = size if orientation < 5 else size[::-1]
    assert shown(halves(kind, exif=exif, **({"quality": 95} if kind == "JPEG" else {}))) == (
        wanted,
        UPRIGHT[orientation],
    )


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
@pytest.mark.parametrize(
    "exif", [b"Exif\x00\x00garbage", b"Exif\x00\x00MM\x00*\xff\xff\xff\xff", b"Exif\x00\x00", b"Exif"]
)
def test_notes_that_cant_be_read_spoil_no_photo(exif):
    plain = halves("JPEG", quality=95)
    data = plain[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + plain[2:]
    assert shown(data) == ((48, 32), "left")


VARIANTS = {
    "progressive": halves("JPEG", progressive=True, quality=95),
    "grey": halves("JPEG", mode="L"),
    "CMYK": halves("JPEG", mode="CMYK", quality=95),
    "finely coloured": halves("JPEG", subsampling=0, quality=95),
    "with restarts": halves("JPEG", restart_marker_blocks=1, quality=95),
    "padded markers": halves("JPEG", quality=95).replace(b"\xff\xc0", b"\xff\xff\xff\xc0", 1),
    "palette": halves("PNG", mode="P"),
    "palette, seen through": halves("PNG", mode="P", transparency=0),
    "seen through": halves("PNG", mode="RGBA"),
    "grey, seen through": halves("PNG", mode="LA"),
    "black and white": halves("PNG", mode="1"),
    "lossless": halves("WEBP", lossless=True),
    "still gif": halves("GIF"),
    "several": photo_of_several(3),
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_kinds_within_the_kinds_are_kept(variant):
    assert redraw(VARIANTS[variant]).width > 0


def segment(code: int, data: bytes) -> bytes:
    return bytes([0xFF, code]) + struct.pack(">H", len(data) + 2) + data


XMP = b"http://ns.adobe.com/xap/1.0/\x00<x:xmpmeta xmlns:x='adobe:ns:meta/' hdrgm:Version='1.0'/>"
PHOTO = halves("JPEG", quality=95)
# What telephones and cameras put into a JPEG before its picture, and behind it.
WITHIN = {
    "nothing": b"",
    "a gain map": segment(0xE1, XMP),
    "an index cut off": segment(0xE2, b"MPF\x00II*\x00" + b"\xff" * 40),
    "an index of none": segment(0xE2, b"MPF\x00MM\x00*\x00\x00\x00\x08\x00\x00"),
    "a part of a profile": segment(0xE2, b"ICC_PROFILE\x00\x02\x05abc"),
    "a comment that begins a PDF": segment(0xFE, b"%PDF-1.4"),
    "half a marker": b"\xff" * 9,
}
BEHIND = {
    "nothing": b"",
    "a map of grey": halves("JPEG", (24, 16), mode="L"),
    "a progressive one": halves("JPEG", (24, 16), progressive=True),
    "a film": b"\x00\x00\x00\x18ftypmp42" + random.Random(6).randbytes(9_000),
    "a maker's notes": b"\x00\x00\x01\x0aImage_UTC_Data1700000000SEFHk\x00\x00\x00SEFT",
    "zeros": b"\x00" * 9_000,
    "ones": b"\xff" * 9_000,
    "a ZIP": b"PK\x03\x04" + b"x" * 3_000 + b"PK\x05\x06" + b"\x00" * 18,
    "a page": HTML,
}


@pytest.mark.parametrize("within", WITHIN)
@pytest.mark.parametrize("behind", BEHIND)
def test_of_a_jpeg_with_more_in_it_the_first_picture_is_kept(within, behind):
    data = PHOTO[:2] + WITHIN[within] + PHOTO[2:] + BEHIND[behind]
    assert shown(data) == ((48, 32), "left")
    assert redraw(data).data == redraw(PHOTO).data


def slope(**more) -> bytes:
    out = io.BytesIO()
    Image.linear_gradient("L").resize((300, 200)).convert("RGB").save(out, "JPEG", quality=80, **more)
    return out.getvalue()


@pytest.mark.parametrize("ends", [b"", b"\xff", b"\x00" * 9, b"\x00" * 900])
@pytest.mark.parametrize("data", [slope(), slope(progressive=True), PHOTO, halves("JPEG", mode="CMYK")],
                         ids=["slope", "progressive", "colours", "CMYK"])  # fmt: skip
def test_a_jpeg_without_the_mark_of_its_end_is_whole_and_with_less_it_is_not(data, ends):
    assert redraw(data[:-2] + ends).data == redraw(data).data
    for missing in (8, 12, 40, 200):
        with pytest.raises(NoPicture):
            redraw(data[:-missing] + ends)


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


# What programs write into a PNG beside its picture, in whatever state.
BESIDE = {
    "a wrong sum": chunk(b"tEXt", b"a\x00b")[:-1] + b"?",
    "long notes, packed": chunk(b"zTXt", b"XML\x00\x00" + zlib.compress(b"x" * 3_000_000)),
    "long notes of Adobe's": chunk(b"iTXt", b"XML\x00\x01\x00\x00\x00" + zlib.compress(b"x" * 3_000_000)),
    "long notes, plain": chunk(b"iTXt", b"XML\x00\x00\x00\x00\x00" + b"x" * 3_000_000),
    "short colours": chunk(b"cHRM", b"abc"),
    "a short size": chunk(b"pHYs", b"a"),
    "a broken profile": chunk(b"iCCP", b"x\x00\x00abc"),
    "a profile with a wrong sum": chunk(b"iCCP", b"x\x00\x00abc")[:-1] + b"?",
    "broken notes of a camera": chunk(b"eXIf", b"abc"),
    "Apple's": chunk(b"iDOT", b"\x00" * 28),
    "nobody's": chunk(b"vpAg", b"abc"),
    "frames that never come": chunk(b"acTL", struct.pack(">II", 9, 0)),
}
PNG = halves("PNG")


@pytest.mark.parametrize("after", [b"", b"PK\x03\x04" * 500, b"\x00" * 900], ids=["", "a ZIP", "zeros"])
@pytest.mark.parametrize("beside", BESIDE)
def test_what_stands_beside_the_picture_spoils_no_png(beside, after):
    data = PNG[:33] + BESIDE[beside] + PNG[33:] + after
    assert redraw(data).data == redraw(PNG).data and shown(data) == ((48, 32), "left")


@pytest.mark.parametrize(
    "data",
    [PNG[:-40], PNG[:33], PNG[:20], PNG[:33] + chunk(b"IDAT", b"x") + PNG[-12:], PNG.replace(b"IDAT", b"IDAx")],
    ids=["cut", "head alone", "half a head", "no data", "wrong sum"],
)
def test_a_png_whose_picture_is_damaged_is_refused(data):
    with pytest.raises(NoPicture):
        redraw(data)


def test_of_a_moving_png_its_still_is_kept():
    with Image.open(io.BytesIO(redraw(animation("PNG", 4)).data)) as image:
        assert not image.is_animated and image.size == (20, 20)


def test_a_png_of_endless_parts_is_refused_before_it_is_decoded():
    data = PNG[:33] + chunk(b"IDAT", b"") * MOST_CHUNKS + PNG[33:]
    with pytest.raises(TooManyChunks):
        keep_needed(data)
    with pytest.raises(NoPicture):
        redraw(data)


def test_sixteen_bits_of_grey_and_of_colour_are_kept():
    out = io.BytesIO()
    Image.frombytes("I;16", (2, 1), struct.pack("<2H", 60_000, 0)).save(out, "PNG")
    with Image.open(io.BytesIO(redraw(out.getvalue()).data)) as image:
        assert image.size == (2, 1) and image.getpixel((0, 0)) > image.getpixel((1, 0))


def test_cmyk_keeps_its_colours():
    assert shown(VARIANTS["CMYK"]) == ((48, 32), "left")


def test_a_moving_picture_moves_on():
    with Image.open(io.BytesIO(redraw(animation("WEBP", 4)).data)) as image:
        assert image.n_frames == 4


# ---- huge ones


@pytest.mark.slow
@pytest.mark.parametrize("size", [(8064, 6048), (6048, 8064), (12_000, 9_000), (16_384, 12_288)])
@pytest.mark.parametrize("progressive", [False, True])
def test_a_telephones_photo_is_decoded_at_a_part_of_its_size(size, progressive):
    out = io.BytesIO()
    Image.new("L", size, 90).save(out, "JPEG", progressive=progressive and size[0] < 9_000)
    drawn = redraw(out.getvalue())
    assert 10_000_000 < drawn.width * drawn.height <= pictures.MOST_PIXELS
    assert drawn.width * size[1] == drawn.height * size[0]


def with_size(data: bytes, width: int, height: int) -> bytes:
    """The JPEG as one that says it has this size."""
    at = next(i for i in range(len(data)) if data[i : i + 1] == b"\xff" and data[i + 1] in (0xC0, 0xC2))
    return data[: at + 5] + struct.pack(">HH", height, width) + data[at + 9 :]


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (with_size(halves("JPEG"), 65_500, 65_500), PictureTooLarge),
        (with_size(halves("JPEG", progressive=True, subsampling=0), 12_000, 9_000), PictureTooLarge),
        (with_size(halves("JPEG"), 0, 9), NoPicture),
    ],
    ids=["monstrous", "too much to keep at once", "nothing"],
)
def test_a_jpeg_that_would_take_too_much_is_refused(data, error):
    with pytest.raises(error):
        redraw(data)


def test_a_jpeg_of_endless_scans_is_refused_before_it_is_decoded():
    data = halves("JPEG", progressive=True)
    scan = data.rindex(b"\xff\xda")
    endless = data[:scan] + data[scan:-2] * (MOST_SCANS + 1) + b"\xff\xd9"
    with pytest.raises(BadOutline):
        read_outline(endless)
    with pytest.raises(NoPicture):
        redraw(endless)


@pytest.mark.parametrize("filling", [b"\xff", b"\x00", b"\xff\x00", b"\xff\xd0"], ids=["ff", "0", "ff 0", "restart"])
def test_the_outline_takes_no_longer_than_the_file_is_long(filling):
    data = b"\xff\xd8" + filling * (4_000_000 // len(filling)) + b"\x00\xff\xd9"
    began = time.process_time()
    assert read_outline(data).end == len(data)
    assert time.process_time() - began < 5


def test_the_outline_ends_with_the_first_picture():
    photo = picture("JPEG", (300, 200))
    film = random.Random(5).randbytes(100_000)  # has every two bytes in it
    assert read_outline(photo + film).end == len(photo)
    assert read_outline(photo_of_several(3)).scans == 1
    assert read_outline(photo[:-300]).end == len(photo) - 300


# ---- names


@pytest.mark.parametrize(
    ("given", "type", "kept"),
    [
        ("IMG_0001.JPG", "image/jpeg", "IMG_0001.JPG"),
        ("IMG_0001.JPEG", "image/jpeg", "IMG_0001.JPEG"),
        ("photo.jfif", "image/jpeg", "photo.jfif"),
        ("SCAN0001.PDF", "application/pdf", "SCAN0001.PDF"),
        ("photo.png", "image/jpeg", "photo.png.jpg"),
        ("photo", "image/webp", "photo.webp"),
    ],
)
def test_endings_in_any_case_are_right(given, type, kept):
    assert clean_name(given, type) == kept
