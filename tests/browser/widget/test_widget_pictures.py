"""Files as telephones and scanners make them, chosen in the widget: made fit for keeping, or refused in plain words."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import expect

from tests.browser.widget.test_widget_uploads import (  # noqa: F401 (fixtures)
    attach,
    only,
    ready,
    served,
    settings,
    shop,
    visit,
)
from tests.files import PDF, photo_of_several, picture

pytestmark = pytest.mark.browser
HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + b"\x00" * 400


def half(kind: str, size: tuple[int, int], mode: str = "RGB", **more) -> bytes:
    """A picture whose upper half is red and lower half blue."""
    image = Image.new("RGB", size, "red")
    ImageDraw.Draw(image).rectangle((0, size[1] // 2, *size), fill="blue")
    out = io.BytesIO()
    image.convert(mode).save(out, kind, **more)
    return out.getvalue()


def sideways() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 3  # upside down
    return half("JPEG", (8064, 6048), exif=exif, quality=30)


def given(data: bytes, name: str, label: str = "") -> dict:
    return {"name": name, "mimeType": label, "buffer": data}


def kept(store) -> Image.Image:
    """The one file that came through, and its row."""
    [path] = list(store.files.folder.iterdir())
    return Image.open(io.BytesIO(path.read_bytes()))


def colours(image: Image.Image) -> list[str]:
    """Of the upper and the lower half."""
    points = [(image.width // 2, image.height * part // 4) for part in (1, 3)]
    return ["red" if image.convert("RGB").getpixel(at)[0] > 128 else "blue" for at in points]


def sent_names(page) -> list[str]:
    ready(page)
    page.locator("textarea").press("Enter")
    file = page.locator(".msg.own[data-seq] .file")
    expect(file).to_have_count(1)
    return [file.get_attribute("aria-label").split(",")[0]]


@pytest.mark.parametrize(
    ("data", "name", "size", "seen"),
    [
        (lambda: half("JPEG", (8064, 6048), quality=30), "IMG_0001.JPG", (4000, 3000), ["red", "blue"]),
        (sideways, "IMG_0002.jpeg", (4000, 3000), ["blue", "red"]),
        (lambda: half("PNG", (8064, 6048)), "scroll.png", (4000, 3000), ["red", "blue"]),
        (lambda: half("WEBP", (8064, 6048), quality=20), "huge.webp", (4000, 3000), ["red", "blue"]),
    ],
    ids=["photo", "upside down", "png", "webp"],
)
def test_a_huge_picture_is_drawn_smaller_before_it_is_sent(visit, store, data, name, size, seen):  # noqa: F811
    page = visit()
    posted = []
    page.on("request", lambda request: posted.append(request) if request.url.endswith("/attachments") else None)
    attach(page, given(data(), name))
    ready(page)
    image = kept(store)
    assert image.format == "JPEG" and colours(image) == seen
    assert all(abs(side - wanted) <= 2 for side, wanted in zip(image.size, size, strict=True))
    assert len(posted) == 1


def test_a_picture_of_too_many_bytes_is_drawn_smaller(visit, store):  # noqa: F811
    noise = io.BytesIO()
    Image.effect_noise((2400, 2000), 120).convert("RGB").save(noise, "PNG", compress_level=1)
    data = noise.getvalue()
    assert len(data) < 10_485_760 < len(data) + 9_000_000
    padded = data + b"\x00" * (10_485_760 - len(data) + 1)  # what follows a picture's end is no part of it
    page = visit()
    attach(page, given(padded, "noise.png"))
    ready(page)
    assert kept(store).format == "JPEG"


def test_a_server_that_takes_less_gets_less(visit, store, services, monkeypatch):  # noqa: F811
    noise = io.BytesIO()
    Image.effect_noise((1200, 900), 60).convert("RGB").save(noise, "JPEG", quality=98)
    monkeypatch.setitem(services.settings.limits.__dict__, "attachment_bytes", len(noise.getvalue()) - 1)
    page = visit()
    attach(page, given(noise.getvalue(), "noise.jpg"))
    ready(page)
    assert kept(store).size == (1200, 900)


def test_avif_becomes_jpeg_where_the_browser_reads_it(visit, store):  # noqa: F811
    page = visit()
    attach(page, given(half("AVIF", (64, 48)), "IMG_1.AVIF", "image/avif"))
    assert sent_names(page) == ["Open IMG_1.jpg"]
    assert (kept(store).format, kept(store).size, colours(kept(store))) == ("JPEG", (64, 48), ["red", "blue"])


def test_heic_becomes_jpeg_where_the_browser_reads_it(visit, store):  # noqa: F811
    """Safari does; here its way of reading is put in the place of Chromium's, which doesn't."""
    page = visit()
    page.evaluate(
        """() => { const read = window.createImageBitmap;
        window.createImageBitmap = (blob) => { if (blob.type !== "image/heic") return read(blob);
          const canvas = document.createElement("canvas"); canvas.width = 30; canvas.height = 20;
          canvas.getContext("2d"); return read(canvas) } }"""
    )
    attach(page, given(HEIC, "IMG_0001.HEIC"))
    assert sent_names(page) == ["Open IMG_0001.jpg"]
    assert (kept(store).format, kept(store).size) == ("JPEG", (30, 20))


UNREADABLE = {
    "en": "This browser can't read HEIC pictures. Please save the picture as JPEG, or send a screenshot of it.",
    "sl": "Slik HEIC ta brskalnik ne zna prebrati. Shranite sliko kot JPEG ali pošljite posnetek zaslona.",
    "hr": "Ovaj preglednik ne može pročitati slike HEIC. Spremite sliku kao JPEG ili pošaljite snimku zaslona.",
    "pl": "Ta przeglądarka nie odczytuje obrazów HEIC. Proszę zapisać obraz jako JPEG lub przesłać zrzut ekranu.",
}
ONLY_THESE = "You can send pictures (PNG, JPEG, GIF, WebP) and PDF."


@pytest.mark.parametrize("language", UNREADABLE)
def test_heic_that_cant_be_read_says_what_to_do(visit, store, language):  # noqa: F811
    page = visit(language)
    attach(page, given(HEIC, "IMG_0001.HEIC", "image/heic"))
    expect(page.locator(".over .wrong small")).to_have_text(UNREADABLE[language])
    assert not store.files.folder.exists()


@pytest.mark.parametrize(
    ("data", "name", "label", "shown", "kind"),
    [
        (picture("JPEG"), "IMG_0003.JPG", "", "IMG_0003.JPG", "JPEG"),
        (picture("JPEG"), "photo.png", "image/png", "photo.png.jpg", "JPEG"),
        (picture("PNG"), "IMG 4", "application/octet-stream", "IMG 4.png", "PNG"),
        (picture("WEBP"), "a.txt", "text/plain", "a.txt.webp", "WEBP"),
        (picture("GIF"), "page.html", "text/html", "page.html.gif", "GIF"),
        (photo_of_several(2), "portrait.jfif", "image/jpg", "portrait.jfif", "JPEG"),
        (picture("BMP"), "scan.bmp", "image/bmp", "scan.jpg", "JPEG"),
    ],
    ids=["capitals", "wrong ending", "none", "text", "a page", "several", "bmp"],
)
def test_what_it_is_its_bytes_say(visit, store, data, name, label, shown, kind):  # noqa: F811
    page = visit()
    attach(page, given(data, name, label))
    assert sent_names(page) == [f"Open {shown}"]
    assert kept(store).format == kind


def test_a_pdf_from_a_scanner_is_sent_whatever_it_is_called(visit, store):  # noqa: F811
    page = visit()
    attach(page, given(b"\x1b%-12345X@PJL\r\n" + PDF + b"\x00" * 6000, "SCAN0001.PDF", "application/x-pdf"))
    assert sent_names(page) == ["Save SCAN0001.PDF"]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "The file is empty."),
        (picture("JPEG", (300, 300))[:400], "The file is damaged or incomplete."),
        (PDF[:-10], "The file is damaged or incomplete."),
        (b"\x00\x00\x00\x18ftypmp42" + b"\x00" * 60, ONLY_THESE),
        (b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>", ONLY_THESE),
    ],
    ids=["empty", "cut", "half a pdf", "film", "svg"],
)  # fmt: skip
def test_what_cant_be_kept_is_told_apart(visit, store, data, words):  # noqa: F811
    page = visit()
    attach(page, given(data, "IMG_0005.JPG", "image/jpeg"))
    expect(page.locator(".over .wrong small")).to_have_text(words)
