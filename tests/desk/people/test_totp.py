"""One-time codes against the tables of RFC 6238 (appendix B) and RFC 4226 (appendix D)."""

from __future__ import annotations

import base64
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from odziv.desk.people import totp

SECRET = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_the_rfcs_times_give_the_rfcs_codes(seconds, code):
    assert totp.code_at(SECRET, seconds // totp.STEP_SECONDS, digits=8) == code
    assert totp.find_step(SECRET, code[2:], seconds) == seconds // totp.STEP_SECONDS


def test_the_rfcs_counters_give_the_rfcs_codes():
    codes = ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"]
    assert [totp.code_at(SECRET, step) for step in range(10)] == codes


@pytest.mark.parametrize(("off", "is_taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_one_step_off(off, is_taken):
    now = 1_700_000_010
    step = now // totp.STEP_SECONDS + off
    assert totp.find_step(SECRET, totp.code_at(SECRET, step), now) == (step if is_taken else None)


@pytest.mark.parametrize("code", ["", "1", "12345", "1234567", "١٢٣٤٥٦", "abcdef", "\0" * 6, "-12345", "287082" * 50])
def test_what_is_no_code_fits_no_step(code):
    assert totp.find_step(SECRET, totp.normalise_code(code), 1_700_000_000) is None


def test_spaces_and_dashes_are_how_it_is_shown():
    assert totp.normalise_code(" 287 082\n") == "287082"
    code = totp.new_recovery_codes()[0]
    assert totp.normalise_code(code.lower()) == code.replace("-", "")


def test_secrets_and_codes_are_long_and_differ():
    assert len(base64.b32decode(totp.new_secret())) == 20 and totp.new_secret() != totp.new_secret()
    codes = totp.new_recovery_codes()
    assert len(set(codes)) == 10 and all(len(code.replace("-", "")) == 16 for code in codes)


def test_the_uri_keeps_what_is_in_an_address():
    uri = urlsplit(totp.enrolment_uri(SECRET, "ana+x@smreka.example", "Odziv"))
    assert (uri.scheme, uri.netloc, unquote(uri.path)) == ("otpauth", "totp", "/Odziv:ana+x@smreka.example")
    assert parse_qs(uri.query)["secret"] == [SECRET]
