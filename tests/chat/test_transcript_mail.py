"""The transcript by e-mail, as the widget asks for it."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from chat.mail.settings import Mail
from store.conversations import find_conversation
from store.schema import letters

MAIL = {"address": "help@smreka.example", "smtp": {"host": "127.0.0.1", "port": 25, "security": "none"}}


@pytest.fixture
def mail_on(services):
    services.settings = services.settings.model_copy(update={"mail": Mail.model_validate(MAIL)})
    services.store.mail_domain = services.settings.mail.domain


def ask(visitor, body, **headers):
    return visitor.client.post(f"{visitor.path}/transcript", json=body, headers={**visitor.headers, **headers})


def recipients(store) -> list[str]:
    with store.read() as connection:
        return list(connection.execute(select(letters.c.recipient).order_by(letters.c.id)).scalars())


def test_it_is_taken_and_the_address_is_not_the_customer_s(visitor, store, mail_on):
    visitor.say("Where is my parcel?")
    answer = ask(visitor, {"email": " Anna@Customer.example "})
    assert (answer.status_code, answer.get_json()) == (202, {"email": "anna@customer.example"})
    assert recipients(store) == ["anna@customer.example"]
    assert find_conversation(store, visitor.id).email is None


@pytest.mark.parametrize(
    "body",
    [
        None, [], {}, {"email": None}, {"email": 7}, {"email": ""}, {"email": "anna"}, {"email": "a@b"},
        {"email": "anna@x.example\r\nBcc: all@x.example"}, {"email": "anna@x.example, all@x.example"},
        {"email": '"a b"@x.example'}, {"email": "<anna@x.example>"}, {"email": "a" * 300 + "@x.example"},
        {"email": "help@smreka.example"}, {"email": "Help+abc@SMREKA.example"}, {"email": "\x00@x.example"},
    ],
)  # fmt: skip
def test_what_is_no_address_or_our_own_is_refused(visitor, store, mail_on, body):
    visitor.say("Hi")
    assert ask(visitor, body).status_code == 400
    assert recipients(store) == []


def test_where_mail_is_off_it_says_so(visitor, store):
    visitor.say("Hi")
    answer = ask(visitor, {"email": "anna@x.example"})
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (409, "conflict")


def test_before_anything_was_said_there_is_nothing_to_send(visitor, store, mail_on):
    assert ask(visitor, {"email": "anna@x.example"}).status_code == 409


def test_the_fourth_of_an_hour_is_told_when_to_come_back(visitor, store, mail_on):
    visitor.say("Hi")
    codes = [ask(visitor, {"email": f"a{number}@x.example"}).status_code for number in range(3)]
    last = ask(visitor, {"email": "a3@x.example"})
    assert codes == [202] * 3 and last.status_code == 429 and 3500 < int(last.headers["Retry-After"]) <= 3600


def test_one_address_on_the_net_cannot_write_to_everybody(open_conversation, store, mail_on):
    codes = []
    for number in range(11):
        if number % 3 == 0:
            visitor = open_conversation()
            visitor.say("Buy now")
        codes.append(ask(visitor, {"email": f"a{number}@x.example"}).status_code)
    assert codes == [202] * 10 + [429]


def test_only_for_who_has_the_conversation(visitor, open_conversation, store, mail_on):
    visitor.say("Hi")
    stranger = open_conversation()
    for headers in ({}, stranger.headers, {"Authorization": "Bearer x"}):
        answer = visitor.client.post(f"{visitor.path}/transcript", json={"email": "a@x.example"}, headers=headers)
        assert answer.status_code in {401, 404}
    assert ask(visitor, {"email": "a@x.example"}, Origin="https://evil.example").status_code == 403
    assert recipients(store) == []
