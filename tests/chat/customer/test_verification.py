"""A site's word on who its customer is: believed when signed with its secret, for it, and fresh; else not at all."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time

import jwt
import pytest

from odziv.chat.verification import (
    VerifiedPerson,
    check_keys,
    key_file,
    make_secret,
    read_identity,
    read_keys,
    retire_secret,
)
from odziv.settings import BadSetting, Settings, Site
from odziv.web.errors import ApiError


@pytest.fixture
def key(settings) -> tuple[str, str]:
    """The kid and the secret of the site `demo`."""
    return make_secret(settings, "demo")


def claims(**more):
    return {"sub": "c-7", "aud": "demo", "exp": int(time.time()) + 600, **more}


def sign(secret: str, kid: str | None = None, algorithm: str = "HS256", headers: dict | None = None, **more) -> str:
    given = {key: value for key, value in claims(**more).items() if value is not ...}
    return jwt.encode(given, secret, algorithm, headers={**({"kid": kid} if kid else {}), **(headers or {})})


def by_hand(header: dict | bytes, payload: dict | bytes, secret: str | None = None) -> str:
    """A token as no library would make it."""
    parts = [part if isinstance(part, bytes) else json.dumps(part).encode() for part in (header, payload)]
    signed = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)
    signature = hmac.new(secret.encode(), signed, hashlib.sha256).digest() if secret is not None else b""
    return f"{signed.decode()}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def refused(token: str, settings: Settings, site: str = "demo") -> str:
    with pytest.raises(ApiError) as caught:
        read_identity(token, settings, site)
    assert (caught.value.status, caught.value.code) == (403, "identity_refused")
    return caught.value.message


def test_a_signed_token_says_who_it_is(settings, key):
    kid, secret = key
    token = sign(secret, kid, name="Ana  Novak ", email="ana@example.com", iat=int(time.time()))
    assert read_identity(token, settings, "demo") == VerifiedPerson("c-7", "Ana Novak", "ana@example.com")


def test_name_and_email_may_be_missing_or_odd(settings, key):
    assert read_identity(sign(key[1]), settings, "demo") == VerifiedPerson("c-7")
    odd = sign(key[1], name=["x"], email="not an address")
    assert read_identity(odd, settings, "demo") == VerifiedPerson("c-7")
    assert read_identity(sign(key[1], name="ž" * 500), settings, "demo").name == "ž" * 120


def test_clocks_may_differ_a_little(settings, key):
    now = int(time.time())
    assert read_identity(sign(key[1], exp=now - 30, iat=now + 30), settings, "demo").customer == "c-7"


WRONG = {
    "expired": {"exp": 1_700_000_000},
    "no exp": {"exp": ...},
    "exp too far ahead": {"exp": 9_999_999_999},
    "no sub": {"sub": ...},
    "empty sub": {"sub": ""},
    "sub with a number": {"sub": 7},
    "huge sub": {"sub": "x" * 121},
    "sub that looks like another": {"sub": "c-7 "},
    "sub with a null": {"sub": "c-7\0"},
    "sub that can't be stored": {"sub": "c\ud800"},
    "no audience": {"aud": ...},
    "another site": {"aud": "other"},
    "several sites": {"aud": ["demo", "other"]},
    "made in the future": {"iat": 9_999_999_999},
    "not yet": {"nbf": 9_999_999_999},
    "exp is text": {"exp": "soon"},
}


@pytest.mark.parametrize("more", WRONG.values(), ids=WRONG)
def test_wrong_claims_are_refused(settings, key, more):
    given = {name: value for name, value in claims(**more).items() if value is not ...}
    refused(by_hand({"alg": "HS256"}, given, key[1]), settings)


@pytest.mark.parametrize("payload", [b'{"sub":"c-7","aud":"demo","exp":1e999}', b"[]", b"null", b"{", b"\xff"])
def test_a_signature_doesnt_make_nonsense_good(settings, key, payload):
    refused(by_hand({"alg": "HS256"}, payload, key[1]), settings)


@pytest.mark.parametrize("alg", ["none", "None", "nOnE", "", "RS256", "ES256", "HS512", None, 5])
def test_only_one_algorithm_counts(settings, key, alg):
    refused(by_hand({"alg": alg}, claims()), settings)
    refused(by_hand({"alg": alg}, claims(), key[1]), settings)


def test_other_algorithms_with_the_right_secret(settings, key):
    for algorithm in ("HS384", "HS512"):
        refused(sign(key[1] * 2, algorithm=algorithm), settings)


def test_another_key_and_another_sites_key(settings, key):
    _, others = make_secret(settings, "other")
    assert "ignature" in refused(sign("k" * 64), settings)
    refused(sign(others), settings)
    refused(sign(key[1], key[0], aud="other"), settings, "other")


def test_a_changed_token(settings, key):
    head, _, tail = sign(key[1]).split(".")
    other = base64.urlsafe_b64encode(json.dumps(claims(sub="c-8")).encode()).rstrip(b"=").decode()
    refused(f"{head}.{other}.{tail}", settings)


KIDS = ["../../secrets/visitors", "/etc/passwd", "", "nobody", "a\0b", 7, ["demo"], {"a": 1}, None]


@pytest.mark.parametrize("kid", KIDS, ids=str)
def test_a_kid_only_chooses_among_the_sites_own(settings, key, kid):
    settings.secret("visitors")
    token = by_hand({"alg": "HS256", "kid": kid}, claims(), settings.secret("visitors"))
    refused(token, settings)


NONSENSE = ["", ".", "..", "a.b", "a.b.c", "....", "ž.ž.ž", "\ud800", "eyJ9.e30.", "x" * 4096]


@pytest.mark.parametrize("token", [*NONSENSE, by_hand(b"[" * 1400, b"{}"), by_hand(b"[]", b"{}")], ids=range(12))
def test_what_is_no_token(settings, key, token):
    refused(token, settings)


def test_keys_in_the_header_are_not_believed(settings, key):
    mine = base64.urlsafe_b64encode(b"k" * 64).decode()
    for header in (
        {"jwk": {"kty": "oct", "k": mine}},
        {"jku": "https://evil.example/k"},
        {"x5u": "https://evil.example"},
    ):
        refused(by_hand({"alg": "HS256", **header}, claims(), "k" * 64), settings)


def test_a_site_without_a_secret_believes_nobody(settings):
    assert "make-secret" in refused(sign("k" * 64), settings)
    refused(by_hand({"alg": "HS256"}, claims(), "x"), settings)


def test_two_secrets_count_until_one_is_retired(settings, key):
    old_kid, old = key
    kid, new = make_secret(settings, "demo")
    for token in (sign(old), sign(new), sign(old, old_kid), sign(new, kid)):
        assert read_identity(token, settings, "demo").customer == "c-7"
    refused(sign(old, kid), settings)
    assert retire_secret(settings, "demo", old_kid)
    refused(sign(old), settings)
    refused(sign(old, old_kid), settings)
    assert read_identity(sign(new), settings, "demo").customer == "c-7"
    assert not retire_secret(settings, "demo", old_kid)


def test_the_file_is_for_its_owner_only_and_bounded(settings, key):
    path = key_file(settings, "demo")
    assert path.stat().st_mode & 0o077 == 0
    for _ in range(4):
        make_secret(settings, "demo")
    with pytest.raises(BadSetting, match="retire one"):
        make_secret(settings, "demo")
    assert len(read_keys(settings, "demo")) == 5


@pytest.mark.parametrize("text", ["kid short", "no-secret", "a b c", "k " + "x" * 31])
def test_a_damaged_file_stops_the_start(settings, text):
    path = key_file(settings, "demo")
    path.parent.mkdir(parents=True)
    path.write_text(text)
    with pytest.raises(BadSetting, match="identity-demo"):
        check_keys(settings)


def test_secrets_of_the_environment(settings, monkeypatch):
    site = Site(name="Demo", identity={"secrets_env": ["SHOP_JWT"]})
    settings = settings.model_copy(update={"sites": {"demo": site}})
    for value in ({}, {"SHOP_JWT": "short"}):
        with pytest.raises(BadSetting, match="SHOP_JWT"):
            check_keys(settings, value)
    check_keys(settings, {"SHOP_JWT": "e" * 32})
    monkeypatch.setenv("SHOP_JWT", "e" * 32)
    assert read_identity(sign("e" * 32, "SHOP_JWT"), settings, "demo").customer == "c-7"
    monkeypatch.delenv("SHOP_JWT")
    refused(by_hand({"alg": "HS256", "kid": "SHOP_JWT"}, claims(), ""), settings)
    refused(by_hand({"alg": "HS256"}, claims(), ""), settings)
