"""A customer's other addresses, for programs."""

from __future__ import annotations

import pytest

from odziv.store.mail.inbound import Incoming, keep_as_message
from tests.fixtures import set_contact, with_mail

ANNA, WORK = "anna@customer.example", "anna@work.example"


@pytest.fixture
def settings(settings):
    return with_mail(settings)


@pytest.fixture
def path(store, waiting) -> str:
    """The addresses of Anna, whose mail asked for answers elsewhere."""
    set_contact(store, waiting.id, email=ANNA)
    mail = Incoming("id", "<a@x>", ANNA, "Parcel", "Hm?", reply_to=WORK)
    keep_as_message(store, mail, waiting.id, "Hm?", "<p>Hm?</p>")
    return f"/conversations/{waiting.id}/addresses"


def test_what_is_proposed_is_added_once_and_removed_again(ana, path):
    assert ana.get(path).get_json() == {
        "addresses": [],
        "proposed": [{"address": WORK, "name": None, "because": "reply_to"}],
    }
    for _ in range(2):
        found = ana.post(path, {"address": WORK.upper()}).get_json()
        [added] = found["addresses"]
        assert (added["address"], added["added_by"], found["proposed"]) == (WORK, "Ana Kovač", [])
    for _ in range(2):
        answer = ana.call("DELETE", f"{path}/{added['id']}")
        assert (answer.status_code, answer.get_json()["addresses"]) == (200, [])


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"address": ""}, 400),
        ({"address": 7}, 400),
        ({"address": "x" * 321}, 400),
        ({"address": ANNA, "verified": True}, 400),
        ({"address": "anna"}, 422),
        ({"address": "a@x.example\r\nBcc: b@x.example"}, 422),
        ({"address": "help@smreka.example"}, 422),
    ],
)
def test_nonsense_is_refused(ana, path, body, status):
    assert ana.post(path, body).status_code == status
    assert ana.get(path).get_json()["addresses"] == []


def test_of_no_conversation_there_are_none(ana, path):
    for method, where, body in (("GET", "", None), ("POST", "", {"address": WORK}), ("DELETE", "/1", None)):
        assert ana.call(method, f"/conversations/{'0' * 24}/addresses{where}", body).status_code == 404
