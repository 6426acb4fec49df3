"""The transcript by e-mail, as the widget asks for it: only to an address that is known to be the customer's."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from odziv.settings.mail import MailSettings
from odziv.store.conversations.conversation import create_conversation
from odziv.store.conversations.messages import NewMessage
from odziv.store.customers.details import change_contact
from odziv.store.customers.verified import identify_conversation
from odziv.store.handoffs.after_hours import keep_email
from odziv.store.mail.inbound import Incoming, keep_as_entry, keep_as_message
from odziv.store.schema import notifications
from tests.fixtures import set_contact

MAIL = {"address": "help@smreka.example", "smtp": {"host": "127.0.0.1", "port": 25, "security": "none"}}
ANNA = "anna@customer.example"


@pytest.fixture
def mail_on(services):
    services.settings = services.settings.model_copy(update={"mail": MailSettings.model_validate(MAIL)})
    services.store.mail_domain = services.settings.mail.domain


def verify(store, visitor, email: str | None = ANNA) -> None:
    """The site says whose address this is, not which of its customers they are: the visitor's token stays good."""
    set_contact(store, visitor.id, email=email, verified=True)


def mail_from(sender: str, identity: str = "m1", automatic: str | None = None) -> Incoming:
    return Incoming(identity, f"<{identity}@x.example>", sender, "Re: Hi", "Hello", automatic=automatic)


def ask(visitor, body, **headers):
    return visitor.client.post(f"{visitor.path}/transcript", json=body, headers={**visitor.headers, **headers})


def offered(visitor) -> list[str]:
    return visitor.client.get(f"{visitor.path}/transcript/addresses", headers=visitor.headers).get_json()["emails"]


def recipients(store) -> list[str]:
    with store.read() as connection:
        return list(connection.execute(select(notifications.c.recipient).order_by(notifications.c.id)).scalars())


def is_refused(answer) -> bool:
    return (answer.status_code, answer.get_json()["error"]["code"]) == (403, "email_not_verified")


def test_it_goes_to_the_address_the_site_verified(visitor, store, mail_on):
    visitor.say("Where is my parcel?")
    verify(store, visitor, "Anna@Customer.example")
    assert offered(visitor) == [ANNA]
    answer = ask(visitor, {"email": " Anna@Customer.example "})
    assert (answer.status_code, answer.get_json()) == (202, {"email": ANNA})
    assert recipients(store) == [ANNA]


def test_a_signed_identity_is_such_a_word_and_its_new_address_counts(visitor, store, services, mail_on):
    visitor.say("Hi")
    identify_conversation(store, visitor.id, "customer-7", name="Anna", email=ANNA)
    visitor.token = services.visitor_tokens.issue(visitor.id, "demo", is_verified=True)
    assert ask(visitor, {"email": ANNA}).status_code == 202
    identify_conversation(store, visitor.id, "customer-7", name="Anna", email="new@customer.example")
    assert is_refused(ask(visitor, {"email": ANNA})) and offered(visitor) == ["new@customer.example"]
    identify_conversation(store, visitor.id, "customer-7", name="Anna", email=None)
    assert offered(visitor) == []


def test_it_goes_to_an_address_the_customer_has_written_from(visitor, store, mail_on):
    visitor.say("Where is my parcel?")
    keep_as_message(store, mail_from(ANNA), visitor.id, "Here", "Here")
    assert offered(visitor) == [ANNA]
    assert ask(visitor, {"email": ANNA}).status_code == 202
    assert is_refused(ask(visitor, {"email": "bob@customer.example"}))
    assert recipients(store) == [ANNA]


TYPED = {
    "nothing is known": lambda store, id: None,
    "typed into the widget": lambda store, id: change_contact(store, id, email=ANNA, name="Anna"),
    "left for an answer": lambda store, id: keep_email(store, id, ANNA, None, NewMessage("system", "Noted", "")),
    "named by an automatic mail": lambda store, id: keep_as_entry(
        store, mail_from(ANNA, automatic="out of office"), id, NewMessage("system", "Away", "", internal=True)
    ),
    "named by a bounce": lambda store, id: keep_as_entry(
        store, mail_from(ANNA), id, NewMessage("system", "Came back", "", internal=True)
    ),
    "written from into another conversation": lambda store, id: keep_as_message(
        store, mail_from(ANNA), create_conversation(store, "demo", "en").id, "Hello", ""
    ),
}


@pytest.mark.parametrize("how", TYPED)
def test_to_an_address_that_may_be_anybodys_nothing_goes(visitor, store, mail_on, how):
    visitor.say("Buy cheap pills at https://pills.example")
    TYPED[how](store, visitor.id)
    refused = ask(visitor, {"email": ANNA})
    assert is_refused(refused) and "downloaded" in refused.get_json()["error"]["message"]
    assert offered(visitor) == [] and recipients(store) == []


def test_a_message_that_holds_an_address_proves_nothing(visitor, store, services, mail_on):
    visitor.say("I need a person")
    visitor.say(ANNA)
    assert is_refused(ask(visitor, {"email": ANNA})) and recipients(store) == []


@pytest.mark.slow
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
    verify(store, visitor)
    answer = ask(visitor, {"email": ANNA})
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (409, "conflict")
    assert offered(visitor) == []


def test_before_anything_was_said_there_is_nothing_to_send(visitor, store, mail_on):
    verify(store, visitor)
    assert ask(visitor, {"email": ANNA}).status_code == 409


def test_the_fourth_of_an_hour_is_told_when_to_come_back(visitor, store, mail_on):
    visitor.say("Hi")
    codes = []
    for number in range(3):
        verify(store, visitor, f"a{number}@x.example")
        codes.append(ask(visitor, {"email": f"a{number}@x.example"}).status_code)
    last = ask(visitor, {"email": "a2@x.example"})
    assert codes == [202] * 3 and last.status_code == 429 and 3500 < int(last.headers["Retry-After"]) <= 3600


def test_one_address_on_the_net_cannot_write_to_everybody(open_conversation, store, mail_on):
    codes = []
    for number in range(11):
        if number % 3 == 0:
            visitor = open_conversation()
            visitor.say("Buy now")
        verify(store, visitor, f"a{number}@x.example")
        codes.append(ask(visitor, {"email": f"a{number}@x.example"}).status_code)
    assert codes == [202] * 10 + [429]


def test_only_for_who_has_the_conversation(visitor, open_conversation, store, mail_on):
    visitor.say("Hi")
    verify(store, visitor)
    stranger = open_conversation()
    for headers in ({}, stranger.headers, {"Authorization": "Bearer x"}):
        answer = visitor.client.post(f"{visitor.path}/transcript", json={"email": ANNA}, headers=headers)
        looked = visitor.client.get(f"{visitor.path}/transcript/addresses", headers=headers)
        assert answer.status_code in {401, 404} and looked.status_code == answer.status_code
    assert ask(visitor, {"email": ANNA}, Origin="https://evil.example").status_code == 403
    assert recipients(store) == []
