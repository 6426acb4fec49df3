"""Replies of programs by e-mail: to whom, and not across what the customer has just written."""

from __future__ import annotations

import pytest

from odziv.store.conversations.messages import add_customer_message, list_messages
from odziv.store.mail.inbound import Incoming, keep_as_message
from odziv.store.mail.queue import list_states
from odziv.store.mail.recipients import Copies, Recipients
from tests.fixtures import set_contact, with_mail

ANNA, MARKO = "anna@customer.example", "marko@customer.example"


@pytest.fixture
def settings(settings):
    return with_mail(settings)


@pytest.fixture
def path(ana, store, waiting) -> str:
    """A conversation that Ana has, of Anna, who wrote a mail with Marko in copy."""
    store.mail_domain = "smreka.example"
    set_contact(store, waiting.id, email=ANNA)
    mail = Incoming("id", "<a@x>", ANNA, "Parcel", "Hm?", copies=Copies(cc=(("Marko", MARKO),)))
    keep_as_message(store, mail, waiting.id, "Hm?", "<p>Hm?</p>")
    path = f"/conversations/{waiting.id}"
    assert ana.post(f"{path}/claim").status_code == 200
    return path


def say(ana, path, **more):
    return ana.post(f"{path}/messages", {"client_id": f"c{len(str(more))}", "text": "Soon.", **more})


@pytest.mark.parametrize(
    ("more", "recipients"),
    [
        ({}, None),
        ({"to": [ANNA]}, None),
        ({"reply_to_all": True}, Recipients((ANNA,), (MARKO,))),
        ({"to": [MARKO], "bcc": ["b@x.example"]}, Recipients((MARKO,), bcc=("b@x.example",))),
    ],
)
def test_it_goes_to_whom_the_program_says(ana, store, waiting, path, more, recipients):
    assert say(ana, path, **more).status_code == 201
    assert list(list_states(store, waiting.id).values())[-1].recipients == recipients


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"cc": ["help@smreka.example"]}, 422),
        ({"cc": ["no-reply@x.example"]}, 422),
        ({"cc": [f"a{n}@x.example" for n in range(20)]}, 422),
        ({"cc": [f"a{n}@x.example" for n in range(21)]}, 400),
        ({"cc": ["a@x.example, b@x.example"]}, 400),
        ({"cc": ["a@x.example\r\nBcc: b@x.example"]}, 400),
        ({"cc": "a@x.example"}, 400),
        ({"reply_to_all": "yes"}, 400),
        ({"seen": -1}, 400),
    ],
)
def test_what_can_not_be_is_refused_and_nothing_is_said(ana, store, waiting, path, more, status):
    before = list_messages(store, waiting.id)
    assert say(ana, path, **more).status_code == status
    assert list_messages(store, waiting.id) == before


def test_a_note_has_no_recipients(ana, path):
    assert ana.post(f"{path}/notes", {"client_id": "n", "text": "For us.", "cc": [MARKO]}).status_code == 400


def test_what_crosses_the_customers_message_is_refused(ana, store, waiting, path):
    seen = list_messages(store, waiting.id)[-1].seq
    add_customer_message(store, waiting.id, "c9", "It came!", "<p>It came!</p>")
    answer = say(ana, path, seen=seen)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (409, "conflict")
    assert "It came!" in answer.get_json()["error"]["message"]
    assert say(ana, path, seen=seen + 1).status_code == 201


def test_who_in_copy_wrote_is_told(ana, store, waiting, path):
    mail = Incoming("id2", "<b@x>", MARKO, "Re: Parcel", "And mine?")
    keep_as_message(store, mail, waiting.id, "And mine?", "<p>And mine?</p>", author="Marko")
    told = ana.get(f"{path}/messages").get_json()["messages"]
    assert [(m["sender"], m["author"]) for m in told if m["author"]] == [("customer", "Marko")]
