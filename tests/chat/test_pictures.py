"""Pictures are drawn anew: nothing but the pixels gets through, and no bytes make it fail in another way."""

from __future__ import annotations

import io
import random

import pytest
from PIL import Image

from chat import pictures
from chat.pictures import NoPicture, PictureTooLarge, redraw
from tests.files import animation, bomb, photo_with_position, picture


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_a_picture_stays_what_it_is(kind):
    drawn = redraw(picture(kind))
    assert (drawn.type, drawn.width, drawn.height) == (f"image/{kind.lower()}", 40, 30)
    with Image.open(io.BytesIO(drawn.data)) as image:
        assert (image.format, image.size) == (kind, (40, 30))


def test_a_photo_loses_place_and_device_and_stands_upright():
    photo = photo_with_position()
    assert b"SecretPhone" in photo and b"secret comment" in photo
    drawn = redraw(photo)
    assert (drawn.width, drawn.height) == (30, 40)
    with Image.open(io.BytesIO(drawn.data)) as image:
        assert dict(image.getexif()) == {} and "comment" not in image.info
    assert b"SecretPhone" not in drawn.data and b"secret comment" not in drawn.data


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_other_formats_lose_it_too(kind):
    exif = Image.Exif()
    exif[0x0110] = "SecretPhone"
    given = picture(kind, exif=exif)
    assert b"SecretPhone" in given and b"SecretPhone" not in redraw(given).data


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
@pytest.mark.parametrize("stowaway", [b"<script>alert(1)</script>", b"PK\x03\x04 a zip", b"%PDF-1.4 %%EOF"])
def test_what_is_hidden_behind_a_picture_does_not_come_along(kind, stowaway):
    assert stowaway not in redraw(picture(kind) + stowaway).data


@pytest.mark.parametrize("kind", ["GIF", "WEBP"])
def test_an_animation_moves_on_and_a_long_one_stands_still(kind, monkeypatch):
    with Image.open(io.BytesIO(redraw(animation(kind)).data)) as image:
        assert image.n_frames == 3
    monkeypatch.setattr(pictures, "MOST_FRAMES", 2)
    with Image.open(io.BytesIO(redraw(animation(kind)).data)) as image:
        assert image.n_frames == 1


@pytest.mark.parametrize("size", [(60_000, 60_000), (10_000, 5_000), (2_000_000, 21)])
def test_a_bomb_is_refused_before_it_is_unpacked(size):
    with pytest.raises(PictureTooLarge):
        redraw(bomb(*size))


def test_a_small_lie_about_the_size_is_a_damaged_picture():
    with pytest.raises(NoPicture):
        redraw(bomb(500, 500))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
@pytest.mark.parametrize("share", [0.05, 0.3, 0.7, 0.9])
def test_half_a_picture_is_refused(kind, share):
    noise = random.Random(3).randbytes(64 * 64 * 3)
    out = io.BytesIO()
    Image.frombytes("RGB", (64, 64), noise).save(out, kind)
    with pytest.raises(NoPicture):
        redraw(out.getvalue()[: int(len(out.getvalue()) * share)])


@pytest.mark.parametrize("seed", range(40))
def test_damaged_bytes_never_do_anything_else_than_be_refused_or_drawn(seed):
    chance = random.Random(seed)
    data = bytearray(chance.choice([photo_with_position(), picture("PNG"), animation("GIF"), animation("WEBP")]))
    for _ in range(chance.randint(1, 12)):
        data[chance.randrange(len(data))] = chance.randrange(256)
    try:
        drawn = redraw(bytes(data))
    except (NoPicture, PictureTooLarge):
        return
    assert drawn.width * drawn.height <= pictures.MOST_PIXELS


def test_cmyk_becomes_what_browsers_show():
    out = io.BytesIO()
    Image.new("CMYK", (8, 8)).save(out, "JPEG")
    with Image.open(io.BytesIO(redraw(out.getvalue()).data)) as image:
        assert image.mode == "RGB"
