"""E-mail is off by default; settings that can't work stop the start and say what to write."""

from __future__ import annotations

import pytest
import yaml

from odziv.settings import BadSetting, load_settings
from odziv.settings.mail import MailSettings

SMTP = {"host": "mail.x.example", "user": "help"}
ON = {"address": "help@shop.example", "smtp": {"host": "mail.x.example"}}


@pytest.fixture
def load(tmp_path):
    def load(mail: dict, environment: dict[str, str] | None = None):
        path = tmp_path / "config.yml"
        path.write_text(yaml.safe_dump({"odziv": {"sites": {"demo": {"name": "Smreka"}}, "mail": mail}}))
        return load_settings(path, environment or {}).mail

    return load


def test_it_is_off_by_default_and_secure_once_on(load):
    assert not load({}).is_on
    mail = load(ON | {"incoming": "imap", "imap": {"host": "x.example"}})
    assert (mail.is_on, mail.smtp.security, mail.imap.security, mail.domain) == (
        True,
        "starttls",
        "tls",
        "shop.example",
    )


@pytest.mark.parametrize(
    ("mail", "key", "hint"),
    [
        ({"address": "help"}, "odziv.mail.address", "like help@shop.example"),
        ({"address": "a@b.example\r\nBcc: c@d.example"}, "odziv.mail.address", "one plain address"),
        ({"address": "Help <a@b.example>"}, "odziv.mail.address", "one plain address"),
        ({"address": "a@b.example"}, "odziv.mail", "smtp.host is empty"),
        (ON | {"sender_name": "Shop\nBcc: x"}, "odziv.mail.sender_name", "one line"),
        (ON | {"smtp": {"host": "x.example", "security": "none"}}, "odziv.mail.smtp", "starttls or tls"),
        (ON | {"smtp": {"host": "x.example", "password": "abc"}}, "odziv.mail.smtp.password", "not permitted"),
        (ON | {"incoming": "imap"}, "odziv.mail", "imap.host"),
        (ON | {"incoming": "maildir"}, "odziv.mail", "maildir"),
        ({"incoming": "imap", "imap": {"host": "x.example"}}, "odziv.mail", "address"),
        (ON | {"incoming": "pop3"}, "odziv.mail.incoming", "maildir"),
        (ON | {"site": "other"}, "odziv", "mail.site must be one of sites (demo)"),
        (ON | {"language": "de"}, "odziv", "mail.language must be one of"),
        (ON | {"address": f"{'x' * 32}@b.example", "plus_addressing": True}, "odziv.mail", "31"),
        (ON | {"smtp": SMTP}, "odziv.mail.smtp", "ODZIV_SMTP_PASSWORD"),
        (ON | {"smtp": SMTP | {"password_file": "/no/such/file"}}, "odziv.mail.smtp", "can't be read"),
        (ON | {"incoming": "imap", "imap": SMTP}, "odziv.mail.imap", "ODZIV_IMAP_PASSWORD"),
    ],
)
def test_what_can_not_work_is_named(load, mail, key, hint):
    with pytest.raises(BadSetting) as refused:
        load(mail)
    assert f"config.yml: {key}" in str(refused.value) and hint in str(refused.value)


def test_the_password_comes_from_the_environment_or_a_file(load, tmp_path):
    (tmp_path / "password").write_text("from a file\n")
    smtp = SMTP | {"password_file": str(tmp_path / "password")}
    mail = load(ON | {"smtp": smtp})
    assert mail.smtp.password("ODZIV_SMTP_PASSWORD", {}) == "from a file"
    assert mail.smtp.password("ODZIV_SMTP_PASSWORD", {"ODZIV_SMTP_PASSWORD": "mine"}) == "mine"


@pytest.mark.parametrize("where", ["password", "user"])
def test_a_refusal_quotes_no_password(load, where):
    with pytest.raises(BadSetting) as refused:
        load(ON | {"smtp": {"host": "x.example", where: ["s3cret"]}})
    assert "s3cret" not in str(refused.value)


def test_our_domains_are_those_of_the_address_and_the_accounts():
    smtp, imap = {"host": "mx.x.example", "user": "us@Host.example"}, {"user": "help"}
    assert MailSettings(address="help@Smreka.example", smtp=smtp, imap=imap).domains == {
        "smreka.example",
        "host.example",
    }


def test_a_server_without_an_address_waits_for_the_one_that_the_desk_names(load):
    assert load({"smtp": {"host": "x.example"}}).is_on is False
    assert load({"smtp": {"host": "x.example"}, "incoming": "imap", "imap": {"host": "y.example"}}).is_on is False
