"""E-mail is off by default; settings that can't work stop the start and say what to write."""

from __future__ import annotations

import pytest
import yaml

from odziv.settings import BadSetting, load_settings
from odziv.settings.mail import MailSettings

SMTP = {"host": "mail.x.example", "user": "help"}
MAILDIR = {"incoming": "maildir", "maildir": "/var/mail/help"}
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


def two(**sales):
    return ON | {"mailboxes": {"sales": {"address": "sales@shop.example", **sales}}}


@pytest.mark.parametrize(
    ("mail", "key", "hint"),
    [
        (two(address=""), "odziv.mail.mailboxes.sales", "needs an address"),
        (two(address="sales"), "odziv.mail.mailboxes.sales.address", "like help@shop.example"),
        (two(address="HELP@shop.example"), "odziv.mail", "mail itself and mailboxes.sales have the same address"),
        (two(site="other"), "odziv", "mail.mailboxes.sales.site must be one of sites (demo)"),
        (two(language="de"), "odziv", "mail.mailboxes.sales.language must be one of"),
        (two(signatures={"en": "{{customer.name}}"}), "odziv.mail.mailboxes.sales.signatures.en", "placeholders"),
        (two(hours={"week": {"mon": "8:00-16:00"}}), "odziv.mail.mailboxes.sales.hours", "time_zone"),
        (two(incoming="imap"), "odziv.mail.mailboxes.sales", "imap.host"),
        (two(poll_seconds=5), "odziv.mail.mailboxes.sales.poll_seconds", "not permitted"),
        (two(smtp=SMTP), "odziv.mail.mailboxes.sales.smtp", "ODZIV_SMTP_PASSWORD_SALES"),
        (two(incoming="imap", imap=SMTP), "odziv.mail.mailboxes.sales.imap", "ODZIV_IMAP_PASSWORD_SALES"),
        (two(**MAILDIR) | MAILDIR, "odziv.mail", "same maildir"),
        ({"mailboxes": {"sales": {"address": "a@b.example"}}}, "odziv.mail", "mailboxes.sales needs smtp.host"),
        (ON | {"mailboxes": {"Sales": {"address": "a@b.example"}}}, "odziv.mail.mailboxes.Sales", "small letters"),
        (ON | {"mailboxes": {"x" * 31: {"address": "a@b.example"}}}, "odziv.mail.mailboxes", "at most 30"),
        (ON | {"mailboxes": {f"m{n}": {"address": f"m{n}@b.c"} for n in range(51)}}, "odziv.mail.mailboxes", "50"),
    ],
)  # fmt: skip
def test_what_can_not_work_of_a_further_mailbox_is_named(load, mail, key, hint):
    with pytest.raises(BadSetting) as refused:
        load(mail)
    assert f"config.yml: {key}" in str(refused.value) and hint in str(refused.value)


def test_one_account_read_twice_is_refused_and_two_folders_of_one_are_not(load):
    imap = {"host": "imap.x.example"}
    mail = two(incoming="imap", imap=imap) | {"incoming": "imap", "imap": imap}
    with pytest.raises(BadSetting, match="same imap account and folder"):
        load(mail)
    mail["mailboxes"]["sales"]["imap"] = imap | {"folder": "Sales"}
    assert load(mail).is_on


def test_each_password_has_its_own_variable_and_no_server_gets_another_s(load):
    environment = {"ODZIV_SMTP_PASSWORD": "first", "ODZIV_SMTP_PASSWORD_B2B_SALES": "second"}
    sales = {"address": "sales@shop.example", "smtp": SMTP}
    mail = load(
        ON | {"smtp": SMTP, "mailboxes": {"b2b-sales": sales, "eu": {"address": "eu@shop.example"}}}, environment
    )
    servers = {name: box.smtp for name, box in mail.boxes("demo").items()}
    assert {name: server.password(environment) for name, server in servers.items()} == {
        "": "first", "b2b-sales": "second", "eu": "first",
    }  # fmt: skip
    assert servers["eu"] == servers[""] != servers["b2b-sales"]


def test_all_may_have_a_name(load):
    mail = load(
        {"smtp": {"host": "x.example"}, "mailboxes": {"a": {"address": "a@b.example"}, "b": {"address": "b@c.example"}}}
    )
    assert mail.is_on and list(mail.boxes("demo")) == ["a", "b"]
    assert (mail.first_address, mail.domain, mail.own) == ("a@b.example", "b.example", ("a@b.example", "b@c.example"))


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
