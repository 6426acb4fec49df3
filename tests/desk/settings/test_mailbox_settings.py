"""What is set of further mailboxes at the desk, and what stays the file's alone."""

from __future__ import annotations

import pytest

from odziv.settings import Settings
from odziv.store.settings.changes import read_values
from tests.desk.writing.test_new_mail import text_of
from tests.fixtures import with_two_mailboxes

SALES = "sales@hrast.example"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return with_two_mailboxes(settings)


@pytest.fixture
def send(boss, store):
    def send(**fields):
        keys = [f"mail/mailboxes/{key}" for key in fields]
        values = {f"mail/mailboxes/{key}": value for key, value in fields.items()}
        return boss.post("/desk/settings/mail", edition=str(read_values(store)[0]), keys=keys, **values)

    return send


def test_names_sites_languages_and_signatures_are_set_at_the_desk(app, boss, send, send_as_shown, store):
    page = text_of(boss.get("/desk/settings/mail"))
    assert f"Mailbox “sales”: {SALES}" in page
    changed = {"sales/language": "pl", "sales/signatures/pl": "{{agent.name}}", "sales/plus_addressing": "1"}
    assert send(**changed).status_code == 303
    box = app.extensions["odziv"].settings.mailboxes["sales"]
    assert (box.language, box.signatures, box.plus_addressing) == ("pl", {"pl": "{{agent.name}}"}, True)
    assert (box.site, box.sender_name) == ("hrast", "Hrast, prodaja")
    # What the file names holds, and its servers and addresses are the file's alone.
    assert "Said in config.yml" in text_of(boss.get("/desk/settings/mail"))
    send(**{"sales/site": "demo", "sales/address": "evil@x.example", "sales/smtp/host": "evil.example"})
    assert app.extensions["odziv"].settings.mailboxes["sales"] == box
    assert send_as_shown("mail").status_code == 303
    wrong = send(**{"sales/signatures/en": "{{customer.name}}"})
    assert wrong.status_code == 422 and "placeholders" in text_of(wrong)
    assert send(**{"press/sender_name": "Nobody"}).status_code == 422
