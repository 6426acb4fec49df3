"""Several mailboxes at the desk: from which a new mail leaves, where an answer goes out, and what is set of them."""

from __future__ import annotations

import re

import pytest

from odziv.settings import Settings
from odziv.store.agents.mail_drafts import find_mail_draft
from odziv.store.conversations.conversation import find_conversation
from tests.desk.writing.test_new_mail import begun, text_of, write
from tests.fixtures import with_mail, with_two_mailboxes

SALES = "sales@hrast.example"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return with_two_mailboxes(settings)


@pytest.fixture(autouse=True)
def mail_domain(store):
    store.mail_domain = "smreka.example"


def chosen_mailbox(page: str) -> list[str]:
    select = re.search(r'<select id="mailbox".*?</select>', page, re.DOTALL)[0]
    return re.findall(r'<option value="([^"]*)"[^>]* selected>', select)


def test_it_is_chosen_and_the_conversation_says_so(ana, store):
    page = text_of(ana.get("/desk/write"))
    assert chosen_mailbox(page) == [""] and f'data-site="hrast">{SALES}' in page
    conversation_id = begun(write(ana, mailbox="sales", site="hrast"))
    assert find_conversation(store, conversation_id).mailbox == "sales"
    page = text_of(ana.get(f"/desk/conversations/{conversation_id}"))
    assert f"Your e-mail leaves from {SALES}." in page
    # To the same customer, it is chosen by itself.
    assert chosen_mailbox(text_of(ana.get(f"/desk/write?conversation={conversation_id}"))) == ["sales"]


def test_it_is_kept_with_what_is_begun(ana, store):
    fields = {"to": "anna@customer.example", "subject": "Hello", "mailbox": "sales", "client_id": "m9"}
    assert ana.post("/desk/write/draft", **fields).status_code == 200
    assert find_mail_draft(store, ana.agent.id).mailbox == "sales"
    assert chosen_mailbox(text_of(ana.get("/desk/write"))) == ["sales"]


@pytest.mark.parametrize("name", ["marketing", "sales\0", "../sales", "x" * 5000, "<script>"])
def test_one_that_there_is_not_is_refused_and_nothing_lost(ana, store, name):
    answer = write(ana, mailbox=name)
    assert answer.status_code == 422 and "there is no such mailbox" in text_of(answer)
    assert "It is **here**." in text_of(answer) and "<script>" not in text_of(answer).partition("<h1>")[2]


def test_one_that_is_gone_is_told_where_its_conversations_are_answered(app, ana):
    conversation_id = begun(write(ana, mailbox="sales", site="hrast"))
    services = app.extensions["odziv"]
    services.settings = with_mail(services.settings)
    page = text_of(ana.get(f"/desk/conversations/{conversation_id}"))
    assert "no longer set up here" in page and "leaves from help@smreka.example" in page


def test_with_a_single_one_there_is_nothing_to_choose(app, ana):
    services = app.extensions["odziv"]
    services.settings = with_mail(services.settings)
    assert '<select id="mailbox"' not in text_of(ana.get("/desk/write"))
    page = text_of(ana.get(f"/desk/conversations/{begun(write(ana))}"))
    assert "Your e-mail leaves from" not in page
