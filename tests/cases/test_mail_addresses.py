"""Addresses as people read them, as they are written to, and what is none."""

from __future__ import annotations

import pytest

from odziv.cases.mail_addresses import check_email, clean_address

LONG = "a" * 64
READ_AND_WRITTEN = [
    ("ana@x.com", "ana@x.com", "ana@x.com"),
    ("Ana@X.COM", "Ana@x.com", "ana@x.com"),
    ("ana+shop@x.com", "ana+shop@x.com", "ana+shop@x.com"),
    ("o'neil@x.com", "o'neil@x.com", "o'neil@x.com"),
    ("ana@žaba.si", "ana@žaba.si", "ana@xn--aba-b3a.si"),
    ("ana@faß.de", "ana@faß.de", "ana@xn--fa-hia.de"),  # fass.de is somebody else's
    ("ana@ＸＹ.com", "ana@xy.com", "ana@xy.com"),
    ("ana@x。com", "ana@x.com", "ana@x.com"),
    (f"{LONG}@x.com", f"{LONG}@x.com", f"{LONG}@x.com"),
    # Mail comes from there, and goes there; whoever types it has made a slip.
    ("ana@mail.local", None, "ana@mail.local"),
    ("ana@shop.test", None, "ana@shop.test"),
    ("ana@ab--cd.com", None, "ana@ab--cd.com"),
    (" ana@x.com ", None, "ana@x.com"),
]
NONE = [
    "",
    "ana",
    "@x.com",
    "ana@",
    "ana@localhost",
    "ana@[1.2.3.4]",
    "a@b@c.com",
    "ana@x..com",
    "ana@-x.com",
    "ana@x_y.com",
    "ana@x.com.",
    "ana..n@x.com",
    ".ana@x.com",
    "ana.@x.com",
    "žiga@x.com",
    '"a b"@x.com',
    "Ana <ana@x.com>",
    "<ana@x.com>",
    "ana@x.com,b@x.com",
    "ana@x.com\r\nBcc: b@x.com",
    "ana\u200b@x.com",
    "ana@☃.net",
    "ana@\ud800.com",
    "ana@\u202ex.com",
    f"{LONG}a@x.com",
    f"ana@{'x' * 64}.com",
    f"ana@{'x' * 63}.{'x' * 63}.{'x' * 63}.{'x' * 63}.com",
    "ana@x.com\x00",
    "ana @x.com",
]


@pytest.mark.parametrize(("given", "read", "written"), READ_AND_WRITTEN)
def test_an_address_is_read_and_written_to(given, read, written):
    assert (check_email(given), clean_address(given)) == (read, written)


@pytest.mark.parametrize(("given", "read", "written"), [row for row in READ_AND_WRITTEN if row[1]])
def test_what_people_read_leads_to_the_same_place(given, read, written):
    assert check_email(read) == read and clean_address(read) == clean_address(written) == written


@pytest.mark.parametrize("given", NONE)
def test_what_is_none_is_neither(given):
    assert check_email(given) is None and clean_address(given) is None
