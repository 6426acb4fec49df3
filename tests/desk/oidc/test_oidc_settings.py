"""The `oidc:` section: what can't be stops the start and says what to write."""

from __future__ import annotations

import pytest
import yaml

from odziv.settings import BadSetting, load_settings
from odziv.settings.oidc import OIDC_SECRET, OidcSettings

GOOD = {"issuer": "https://id.example/realms/shop", "client_id": "odziv"}


def load(tmp_path, environment=None, **oidc: object):
    path = tmp_path / "config.yml"
    path.write_text(yaml.safe_dump({"odziv": {"sites": {"a": {"name": "A"}}, "oidc": oidc}}), encoding="utf-8")
    return load_settings(path, environment or {}).oidc


def test_it_is_off_unless_an_issuer_is_named(tmp_path):
    assert not load(tmp_path).is_on and load(tmp_path).allows_password("ana@smreka.example")
    told = load(tmp_path, **GOOD)
    assert told.is_on and told.label == "id.example"


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"issuer": "http://id.example"}, "https"),
        ({"issuer": "https://id.example?x=1"}, "https"),
        ({"issuer": "https://u:p@id.example"}, "https"),
        ({"issuer": "id.example"}, "https"),
        ({"issuer": ""}, "both issuer and client_id"),
        ({"client_id": ""}, "both issuer and client_id"),
        ({"name": "a\nb"}, "one line"),
        ({"scopes": ["email"]}, "openid"),
        ({"scopes": ["openid", "a b"]}, "openid"),
        ({"roles": {"it": "admin"}}, "write both"),
        ({"role_claim": "groups"}, "write both"),
        ({"role_claim": "groups", "roles": {"it": "king"}}, "agent"),
        ({"other_role": "king"}, "agent"),
        ({"make_accounts": True}, "needs a role"),
        ({"email_domains": ["@shop.example"]}, "behind the @"),
        ({"break_glass": ["root"]}, "e-mail address"),
        ({"only": True}, "break_glass"),
        ({"second_factor": "no"}, "amr"),
        ({"secret_file": "/nowhere/secret"}, "secret_file /nowhere/secret can't be read"),
        ({"issuers": "x"}, "issuers"),
    ],
    ids=str,
)
def test_what_cannot_be_is_named_with_its_fix(tmp_path, change, word):
    with pytest.raises(BadSetting, match="odziv.oidc") as refused:
        load(tmp_path, **{**GOOD, **change})
    assert word in str(refused.value)


@pytest.mark.parametrize("issuer", ["http://localhost:8081", "http://127.0.0.1:8081/a", "http://[::1]:8081"])
def test_this_machine_may_do_without_https(issuer):
    assert OidcSettings(issuer=issuer, client_id="odziv").is_on


def test_the_secret_comes_from_the_environment_or_a_file(tmp_path):
    (tmp_path / "secret").write_text(" from the file\n")
    told = load(tmp_path, **GOOD, secret_file=str(tmp_path / "secret"))
    assert told.secret({}) == "from the file" and told.secret({OIDC_SECRET: "other"}) == "other"
    assert load(tmp_path, **GOOD).secret({}) == ""
    (tmp_path / "secret").write_text("\n")
    with pytest.raises(BadSetting, match="is empty"):
        load(tmp_path, **GOOD, secret_file=str(tmp_path / "secret"))
