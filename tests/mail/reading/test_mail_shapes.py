"""A mail's words and files are found in every shape that mail programs give them."""

from __future__ import annotations

import random
import time

import pytest

from odziv.mail.parse import IncomingMail, read_mail
from tests.mail.reading.mail_shapes import ASKED, NO_HTML, SHAPES, TAIL, Shape

HEAD = b"From: Ana <ana@x.example>\nTo: help@smreka.example\nSubject: Sotor\nMIME-Version: 1.0\n"


def read(shape: Shape, ends: bytes = b"\n") -> IncomingMail:
    return read_mail((HEAD + shape.body).replace(b"\n", ends))


def test_there_are_enough():
    assert len(SHAPES) >= 50


@pytest.mark.parametrize("ends", [b"\n", b"\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_the_words_and_the_files_are_found(shape, ends):
    found = read(shape, ends)
    words = found.read_words(found.known)
    assert words.own == ASKED + shape.more
    assert words.forwarded.endswith(shape.passed_on) and bool(words.forwarded) == bool(shape.passed_on)
    assert found.attachments == shape.files
    assert all(told in found.original for told in (ASKED, shape.more.strip(), shape.passed_on))


def test_the_original_shows_what_its_reader_was_not_shown():
    assert TAIL in read(SHAPES["html, photo and a telephone's tail"]).original
    assert NO_HTML in read(SHAPES["plain part that excuses itself"]).original


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_in_an_answer_it_is_the_same(shape):
    found = read_mail(HEAD.replace(b"Sotor", b"Re: Sotor") + b"In-Reply-To: <a@b>\n" + shape.body)
    assert found.read_words(found.known).own == ASKED + shape.more


def mutate(raw: bytes, chance: random.Random) -> bytes:
    """The mail as a bad line, a bad program or somebody bad would hand it on."""
    lines = raw.split(b"\n")
    for _ in range(chance.randrange(1, 6)):
        place = chance.randrange(len(lines))
        match chance.randrange(6):
            case 0:
                del lines[place : place + chance.randrange(1, 4)]
                lines = lines or [b""]
            case 1:
                lines.insert(place, lines[chance.randrange(len(lines))])
            case 2:
                line = bytearray(lines[place] or b" ")
                line[chance.randrange(len(line))] = chance.randrange(256)
                lines[place] = bytes(line)
            case 3:
                lines[place:place] = lines[:place][-20:]
            case 4:
                lines[place] = lines[place] * chance.randrange(2, 30)
            case 5:
                lines = lines[: place + 1]
    return b"\n".join(lines)


@pytest.mark.slow
def test_damaged_ones_never_raise_and_take_no_time():
    chance = random.Random(15)
    bodies = [HEAD + b"In-Reply-To: <a@b>\n" + shape.body for shape in SHAPES.values()]
    for _ in range(3_000):
        raw = mutate(chance.choice(bodies), chance)
        began = time.process_time()
        found = read_mail(raw)
        told = [found.text, found.original, found.subject, *found.attachments]
        assert time.process_time() - began < 2, raw[:2000]
        "".join(told).encode("utf-8")
