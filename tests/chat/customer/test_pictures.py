"""Pictures are drawn anew: nothing but the pixels gets through, and no bytes make it fail in another way."""

from __future__ import annotations

import io
import random

import pytest
from PIL import Image

from odziv.web.drawing import pictures
from odziv.web.drawing.pictures import NoPicture, PictureTooLarge, redraw
from tests.files import animation, bomb, photo_of_several, photo_with_position, picture


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


SECOND = picture("JPEG", (16, 12))
FILM = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00isommp42" + b"\x00\x00\x04\x00mdat" + bytes(range(256)) * 4
# What phones write behind the end of a photo: its film, a second picture, notes of their own, padding.
BEHIND = {
    "film": FILM,
    "second picture": SECOND,
    "notes and film": b"\x00\x00\x30\x0a\x10\x00\x00\x00MotionPhoto_Data"
    + FILM
    + b"SEFH\x6b\x00\x00\x00\x01\x00\x00\x00SEFT",
    "an end once more": b"\xff\xd9",
    "padding": b"\x00" * 5000,
}


@pytest.mark.parametrize("pictures", [1, 2, 3])
def test_of_a_photo_with_several_pictures_the_first_is_kept(pictures):
    drawn = redraw(photo_of_several(pictures))
    assert (drawn.type, drawn.width, drawn.height) == ("image/jpeg", 40, 30)
    with Image.open(io.BytesIO(drawn.data)) as image:
        assert image.format == "JPEG" and "mp" not in image.info
        red, green, blue = image.getpixel((20, 15))
        assert green > red and green > blue
    assert b"MPF\x00" not in drawn.data and drawn.data.count(b"\xff\xd8\xff") == 1


def test_such_a_photo_loses_its_place_and_stands_upright_too():
    exif = Image.Exif()
    exif[0x0112], exif[0x0110] = 6, "SecretPhone"
    photo = photo_of_several(exif=exif)
    assert b"SecretPhone" in photo
    drawn = redraw(photo)
    assert (drawn.width, drawn.height) == (30, 40) and b"SecretPhone" not in drawn.data


@pytest.mark.parametrize("behind", BEHIND)
@pytest.mark.parametrize("photo", [picture("JPEG"), photo_of_several()], ids=["one", "several"])
def test_what_a_phone_writes_behind_a_photo_is_left_out(photo, behind):
    drawn = redraw(photo + BEHIND[behind])
    assert (drawn.type, drawn.width, drawn.height) == ("image/jpeg", 40, 30)
    assert b"ftyp" not in drawn.data and b"SEFT" not in drawn.data


# Where the index lies within its segment: the entry that counts the pictures, then where the list of them is.
WRONG_INDEX = {
    "counts more than there are": (b"\x01\xb0\x04\x00\x01\x00\x00\x00\x02", b"\x01\xb0\x04\x00\x01\x00\x00\x00\x09"),
    "has no count": (b"\x01\xb0\x04\x00", b"\x07\xb0\x04\x00"),
    "has no list": (b"\x02\xb0\x07\x00", b"\x08\xb0\x07\x00"),
    "is of nobody's byte order": (b"MPF\x00II*\x00", b"MPF\x00XX*\x00"),
    "is empty": (b"\x08\x00\x00\x00\x03\x00", b"\x08\x00\x00\x00\x00\x00"),
}


@pytest.mark.parametrize("wrong", WRONG_INDEX)
def test_a_wrong_index_of_pictures_spoils_none(wrong):
    photo, (right, written) = photo_of_several(), WRONG_INDEX[wrong]
    assert photo.count(right) == 1
    drawn = redraw(photo.replace(right, written))
    assert (drawn.type, drawn.width, drawn.height) == ("image/jpeg", 40, 30)


def test_a_photo_whose_second_picture_is_cut_off_is_whole_and_one_cut_in_the_first_is_not():
    photo = photo_of_several(2, (320, 240))
    second = photo.rindex(b"\xff\xd8\xff")
    assert redraw(photo[: second + 200]).width == 320
    assert redraw(photo[:second]).width == redraw(photo[: second - 2]).width == 320  # also without the mark of its end
    for end in (second - 9, second // 2, 700):  # within its picture, within its head
        with pytest.raises(NoPicture):
            redraw(photo[:end])


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
