"""Conversations that a program begins by e-mail."""

from __future__ import annotations

import pytest

from odziv.store.conversations.conversation import find_conversation
from odziv.store.conversations.messages import list_messages
from odziv.store.mail.queue import list_states
from odziv.store.mail.recipients import Recipients
from tests.fixtures import with_mail

ANNA = "anna@customer.example"
MAIL = {"client_id": "c1", "to": [ANNA], "site": "demo", "language": "en", "subject": "Your order", "text": "Here."}


@pytest.fixture
def settings(settings):
    return with_mail(settings, mailboxes={"sales": {"address": "sales@smreka.example"}})


@pytest.fixture(autouse=True)
def mail_domain(store):
    store.mail_domain = "smreka.example"


def test_it_is_begun_once_and_sent(ana, store):
    answers = [ana.post("/conversations", MAIL | {"cc": ["jan@x.example"], "name": "Anna"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    conversation = answers[0].get_json()["conversation"]
    assert conversation == answers[1].get_json()["conversation"]
    assert (conversation["subject"], conversation["channel"], conversation["status"]) == ("Your order", "mail", "open")
    assert conversation["agent"]["id"] == ana.agent.id and conversation["customer"]["email"] == ANNA
    [state] = list_states(store, conversation["id"]).values()
    assert state.recipients == Recipients((ANNA,), ("jan@x.example",))


def test_it_leaves_from_the_mailbox_that_is_named(ana, store):
    begun = [ana.post("/conversations", MAIL | {"client_id": f"c{n}", "mailbox": n}) for n in (None, "", "sales")]
    ids = [answer.get_json()["conversation"]["id"] for answer in begun]
    assert [find_conversation(store, each).mailbox for each in ids] == ["", "", "sales"]
    assert [answer.get_json()["conversation"]["mailbox"] for answer in begun] == ["", "", "sales"]
    for wrong, status in (("press", 422), (7, 400), ("x" * 31, 400)):
        assert ana.post("/conversations", MAIL | {"client_id": "w", "mailbox": wrong}).status_code == status


def test_without_a_text_nothing_is_sent_yet(ana, store):
    conversation = ana.post("/conversations", MAIL | {"text": None}).get_json()["conversation"]
    assert list_messages(store, conversation["id"]) == []
    said = ana.post(f"/conversations/{conversation['id']}/messages", {"client_id": "m", "text": "Here."})
    assert said.status_code == 201 and len(list_states(store, conversation["id"])) == 1


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"to": []}, 400),
        ({"to": ["help@smreka.example"]}, 422),
        ({"subject": " "}, 400),
        ({"subject": "x" * 201}, 400),
        ({"site": "nowhere"}, 422),
        ({"language": "xx"}, 400),
        ({"client_id": "a b"}, 400),
        ({"status": "open"}, 400),
        ({"text": "\u200b"}, 400),
    ],
)
def test_what_can_not_be_is_refused(ana, wrong, status):
    assert ana.post("/conversations", MAIL | wrong).status_code == status
    assert ana.get("/conversations").get_json()["conversations"] == []
