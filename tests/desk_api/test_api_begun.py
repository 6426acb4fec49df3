"""Conversations that a program begins by e-mail, and what an agent has only begun to write."""

from __future__ import annotations

import pytest

from odziv.store.agents.mail_drafts import find_mail_draft
from odziv.store.agents.reply_drafts import find_draft
from odziv.store.conversations.conversation import find_conversation
from odziv.store.conversations.messages import list_messages
from odziv.store.mail.queue import list_states
from odziv.store.mail.recipients import Recipients
from tests.fixtures import with_mail

ANNA = "anna@customer.example"
MAIL = {"client_id": "c1", "to": [ANNA], "site": "demo", "language": "en", "subject": "Your order", "text": "Here."}

DRAFT = {"client_id": "m1", "version": 0, "to": "Anna <anna@customer.example>", "text": "It is on", "mailbox": ""}


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


# ---- Only begun ------------------------------------------------------------------------------------------------------


def test_a_mail_is_kept_read_changed_and_thrown_away(ana, marek, store):
    assert ana.get("/begun-mail").get_json()["version"] == 0
    first = ana.call("PUT", "/begun-mail", DRAFT).get_json()
    assert first == ana.get("/begun-mail").get_json() and first["version"] and first["text"] == "It is on"
    assert marek.get("/begun-mail").get_json()["version"] == 0  # each agent has their own
    assert ana.call("PUT", "/begun-mail", DRAFT | {"text": "Another window"}).status_code == 409
    second = ana.call("PUT", "/begun-mail", {**first, "text": "It is on its way."}).get_json()
    assert second["version"] > first["version"] and find_mail_draft(store, ana.agent.id).text == "It is on its way."
    for _ in range(2):
        assert ana.call("DELETE", "/begun-mail").status_code == 204
    assert find_mail_draft(store, ana.agent.id).version == 0


def test_what_is_sent_under_its_id_at_the_desk_or_here_ends_it(ana, store):
    store.mail_domain = "smreka.example"
    ana.call("PUT", "/begun-mail", DRAFT)
    body = {"client_id": "m1", "to": ["anna@customer.example"], "site": "demo", "language": "en", "subject": "Order"}
    assert ana.post("/conversations", body).status_code == 201
    assert find_mail_draft(store, ana.agent.id).version == 0


def test_a_reply_is_kept_read_changed_and_thrown_away(ana, waiting, store):
    path = f"/conversations/{waiting.id}/begun-reply"
    assert ana.get(path).get_json() == {"kind": "reply", "text": "", "recipients": None, "version": 0}
    said = {"version": 0, "kind": "note", "text": "Call them", "recipients": {"cc": "jan@x.example"}}
    first = ana.call("PUT", path, said).get_json()
    assert (first["kind"], first["recipients"]) == ("note", {"cc": "jan@x.example"})
    assert ana.call("PUT", path, said).status_code == 409
    assert ana.call("PUT", path, {"version": first["version"]}).get_json()["version"] == 0  # empty, it is forgotten
    ana.call("PUT", path, said)
    assert ana.call("DELETE", path).status_code == 204 and find_draft(store, waiting.id, ana.agent.id).version == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_id": "a b"},
        {"client_id": None},
        {"version": -1},
        {"version": "0"},
        {"version": True},
        {"text": "x" * 20_001},
        {"to": ["anna@customer.example"]},
        {"status": "sent"},
    ],
    ids=str,
)
def test_what_can_not_be_kept_is_refused(ana, store, wrong):
    assert ana.call("PUT", "/begun-mail", DRAFT | wrong).status_code == 400
    assert find_mail_draft(store, ana.agent.id).version == 0


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_in_no_conversation_there_is_none(ana, method):
    body = {"version": 0, "text": "x"} if method == "PUT" else None
    assert ana.call(method, "/conversations/ffffffffffffffffffffffff/begun-reply", body).status_code == 404
