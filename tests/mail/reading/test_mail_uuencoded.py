"""Files that stand uuencoded in a plain text are files, and neither the reader nor the bot sees their lines."""

from __future__ import annotations

import re
import time
from base64 import encodebytes
from binascii import b2a_uu

import pytest

from odziv.mail.parse import read_mail
from odziv.mail.reading.uuencoded import MOST_FILES, take_out_files
from tests.files import PDF, picture

PHOTO = picture(size=(300, 200))
ZEROS = PDF + b"\x00" * 500


def write(data: bytes, name: str = "racun.pdf", *, has_grave: bool = True, end: str = "`\nend") -> str:
    lines = [b2a_uu(data[place : place + 45], backtick=has_grave).decode() for place in range(0, len(data), 45)]
    return f"begin 644 {name}\n{''.join(lines)}{end}"


def write_base64(data: bytes, name: str = "racun.pdf") -> str:
    return f"begin-base64 644 {name}\n{encodebytes(data).decode()}===="


def trim(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.split("\n"))


FOUND = {
    "as the standard has it": (write(PDF), "racun.pdf", PDF),
    "with spaces for zeros": (write(ZEROS, has_grave=False, end=" \nend"), "racun.pdf", ZEROS),
    "whose spaces a server took away": (trim(write(ZEROS, has_grave=False, end=" \nend")), "racun.pdf", ZEROS),
    "without its last empty line": (write(PDF, end="end"), "racun.pdf", PDF),
    "that was cut off": (write(PDF, end=""), "racun.pdf", PDF),
    "with blank lines between": (write(PDF).replace("\n", "\n\n"), "racun.pdf", PDF),
    "with a letter for a checksum": (re.sub("^M.*", r"\g<0>Z", write(PDF), flags=re.MULTILINE), "racun.pdf", PDF),
    "a photo": (write(PHOTO, "slika.png"), "slika.png", PHOTO),
    "a name with spaces and letters": (write(PDF, "moj račun 1.pdf"), "moj račun 1.pdf", PDF),
    "a name with a path": (write(PDF, "../../etc\\racun.pdf"), ".._.._etc_racun.pdf", PDF),
    "an encoded name": (write(PDF, "=?utf-8?q?ra=C4=8Dun=2Epdf?="), "račun.pdf", PDF),
    "in base64": (write_base64(PDF), "racun.pdf", PDF),
}  # fmt: skip


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize(("written", "name", "data"), FOUND.values(), ids=FOUND)
def test_a_file_in_a_text_is_a_file(written, name, data, ends):
    text, files = take_out_files(f"See this.\n\n{written}\n\nThank you!\nBEST WISHES".replace("\n", ends))
    assert text.split() == ["See", "this.", "Thank", "you!", "BEST", "WISHES"]
    assert [(name, data)] == [(told, found[: len(data)]) for told, found in files]


def test_several_are_several():
    text, files = take_out_files(
        f"One\n{write(PDF, 'a.pdf')}\n{write_base64(PHOTO, 'b.png')}\n{write(PDF, 'c.pdf')}\nTwo"
    )
    assert text == "One\nTwo" and files == [("a.pdf", PDF), ("b.png", PHOTO), ("c.pdf", PDF)]


NONE = [
    "begin 644 racun.pdf",
    "begin 644 racun.pdf\nHello, where is my parcel?\nend",
    "begin 2026 well\nM\nend",
    "We begin 644 x\nM\nend",
    "begin 644 \nMM\nend",
    f"> {write(PDF)}",
    "begin-base64 644 a.pdf\nHello, world\n====",
    "end",
    "",
]


@pytest.mark.parametrize("text", NONE)
def test_what_is_none_stays_text(text):
    assert take_out_files(text) == (text, [])


def test_a_damaged_one_is_no_noise_either():
    lines = write(PHOTO).split("\n")
    lines[3:6] = ["some line that a server has put in", lines[4][:9], "ž"]
    text, [(name, data)] = take_out_files("\n".join(["See this.", *lines]))
    assert (text, name) == ("See this.", "racun.pdf") and data.startswith(b"\x89PNG")


def test_the_words_and_the_files_of_a_mail():
    head = "From: ana@x.example\nSubject: Racun\nContent-Type: text/plain; charset=utf-8; format=flowed\n\n"
    mail = read_mail(f"{head}Kje je paket?\n\n{write(PHOTO * 9, 'slika.png')}\n-- \nAna".encode())
    assert (mail.text, mail.original, mail.attachments) == ("Kje je paket?", "Kje je paket?\n\n--\nAna", ("slika.png",))
    assert mail.files[0].data == PHOTO * 9


HOSTILE = {
    "begins": "begin 644 a\n" * 100_000,
    "files": f"begin 644 a\n{b2a_uu(b'x').decode()}end\n" * 20_000,
    "no end": "begin 644 a\n" + "M\n" * 300_000,
    "begins with a line": f"begin 644 a\n{b2a_uu(b'x').decode()}\n" * 20_000,
    "a long line": "begin 644 " + "a" * 500_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_ones_take_little_time(text):
    began = time.process_time()
    assert len(take_out_files(text)[1]) <= MOST_FILES
    assert time.process_time() - began < 8
