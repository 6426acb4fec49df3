"""The desk says how a conversation came, where replies went, and shows a mail in its original."""

from __future__ import annotations

import pytest

from odziv.store.conversations.attachments import write_file
from odziv.store.conversations.conversation import change_owner
from odziv.store.conversations.messages import NewMessage
from odziv.store.handoffs.handoff import add_agent_message
from odziv.store.mail.inbound import Incoming, keep_as_conversation
from odziv.store.mail.queue import finish_mail, give_up_mail, take_mail, try_mail_later
from tests.desk.conftest import hand_off
from tests.files import PDF
from tests.fixtures import set_contact

ANNA = "anna@customer.example"
ORIGINAL = "Kje je paket?\n\n> <script>alert(1)</script> {{ 7 * 7 }}"


@pytest.fixture
def by_mail(store, ana) -> str:
    """A conversation Ana has, which came by mail and which she has answered."""
    store.mail_domain = "smreka.example"
    mail = Incoming("id", "<a@x>", ANNA, "Paket <b>", ORIGINAL, ["račun.pdf"])
    opened = keep_as_conversation(store, mail, "Anna", "demo", "sl", "Kje je paket?", "<p>Kje je paket?</p>")
    with store.write() as connection:
        change_owner(connection, opened.conversation_id, "open", agent_id=ana.agent.id)
    reply = NewMessage("agent", "Na poti.", "<p>Na poti.</p>", agent_id=ana.agent.id)
    add_agent_message(store, opened.conversation_id, ana.agent.id, reply)
    return opened.conversation_id


@pytest.fixture
def due(store, by_mail):
    """Ana's mail, about to be sent."""
    store.clock.advance(60_000)
    return take_mail(store)


def page(ana, conversation_id: str, path: str = "") -> str:
    return ana.get(f"/desk/conversations/{conversation_id}{path}").get_data(as_text=True)


def test_the_page_says_that_it_came_by_mail_and_from_whom(ana, by_mail):
    shown = page(ana, by_mail)
    assert "Came by e-mail" in shown and ANNA in shown
    assert "“Paket &lt;b&gt;”" in shown and f"/desk/conversations/{by_mail}/mail/1" in shown
    assert "Goes out by e-mail." in shown


def test_a_file_that_came_by_mail_is_shown_and_opens(ana, store):
    file = write_file(store, PDF, name="račun.pdf", type="application/pdf")
    mail = Incoming("id", "<a@x>", ANNA, "Paket", ORIGINAL, ["račun.pdf"])
    opened = keep_as_conversation(store, mail, "Anna", "demo", "sl", "Kje je?", "<p>Kje je?</p>", [file])
    link = f"/desk/conversations/{opened.conversation_id}/attachments/{file['id']}"
    shown = page(ana, opened.conversation_id)
    assert link in shown and "račun.pdf" in shown
    with ana.get(link) as got:
        assert (got.status_code, got.data) == (200, PDF)


def test_what_became_of_a_reply_stands_under_it(ana, store, by_mail, due):
    finish_mail(store, due, "sent")
    shown = page(ana, by_mail)
    assert 'id="mailed-2"' in shown and "Sent by e-mail" in shown and "did not arrive" not in shown


def test_a_mail_that_is_tried_again_says_why(ana, store, by_mail, due):
    try_mail_later(store, due, "451 <b>busy</b>", store.clock() + 1000)
    assert "Tried 1 time so far: 451 &lt;b&gt;busy&lt;/b&gt;" in page(ana, by_mail)


def test_a_page_that_is_open_learns_of_it(ana, store, by_mail, due):
    before = page(ana, by_mail, "/log?after=2")
    give_up_mail(
        store, due, "failed", "550 no such user", NewMessage("system", "Not sent.", "<p>Not sent.</p>", internal=True)
    )
    after = page(ana, by_mail, "/log?after=2")
    assert 'id="mailed-2" lang="en" hx-swap-oob="true">Not sent by e-mail: 550 no such user' in after
    assert "The last e-mail did not arrive." in after and "The last e-mail" not in before


def test_the_original_is_plain_text_whatever_it_holds(ana, by_mail):
    answer = ana.get(f"/desk/conversations/{by_mail}/mail/1")
    assert answer.mimetype == "text/plain" and answer.headers["X-Content-Type-Options"] == "nosniff"
    assert ORIGINAL in answer.get_data(as_text=True) and "račun.pdf" in answer.get_data(as_text=True)


def test_there_is_no_original_where_none_came(ana, by_mail):
    assert ana.get(f"/desk/conversations/{by_mail}/mail/2").status_code == 404
    assert ana.get("/desk/conversations/nothing/mail/1").status_code == 404
    assert ana.get(f"/desk/conversations/{by_mail}/mail/{10**30}").status_code == 404


def test_without_mail_the_page_says_nothing_of_it(ana, store):
    waiting = hand_off(store, "Kje je paket?")
    set_contact(store, waiting.id, email=ANNA)
    shown = ana.get(waiting.path).get_data(as_text=True)
    assert "by e-mail" not in shown.lower().split("<main")[1]
