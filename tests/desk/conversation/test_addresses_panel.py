"""A customer's other addresses in the panel beside a conversation."""

from __future__ import annotations

import re

import pytest

from odziv.store.conversations.messages import add_customer_message
from odziv.store.customers.other_addresses import add_address
from odziv.store.mail.inbound import Incoming, keep_as_conversation, keep_as_message
from odziv.store.mail.recipients import Copies
from tests.desk.conversation.test_conversation import HOSTILE, text_of
from tests.fixtures import set_contact

ANNA, WORK = "anna@customer.example", "anna@work.example"


@pytest.fixture
def annas(store, waiting):
    """A conversation of Anna's."""
    set_contact(store, waiting.id, email=ANNA, name="Anna")
    return waiting


def section(page: str) -> str:
    return page.partition('id="addresses-heading"')[2].partition("</section>")[0]


def test_one_is_added_and_removed(ana, annas):
    assert ana.post(f"{annas.path}/addresses", address=f" {WORK} ").status_code == 303
    shown = section(text_of(ana.get(annas.path)))
    assert WORK in shown and "added by Ana" in shown and "not verified" in shown
    [removing] = re.findall(r'action="/desk(/conversations/\w+/addresses/\d+/remove)"', shown)
    panel = text_of(ana.post_fragment(f"/desk{removing}" if not annas.path.startswith("/conv") else removing))
    assert 'id="customer"' in panel and "<html" not in panel and WORK not in section(panel)


@pytest.mark.parametrize("typed", ["", "nobody", "no-reply@x.example", "x" * 400])
def test_what_can_be_none_is_refused_in_a_sentence(ana, annas, typed):
    answer = ana.post(f"{annas.path}/addresses", address=typed)
    assert answer.status_code == 422 and "Not added" in text_of(answer)
    assert "added by" not in section(text_of(ana.get(annas.path)))


def test_what_is_proposed_says_why_and_is_added_by_a_press(ana, annas, store):
    mail = Incoming("m", "<m@x>", ANNA, "x", "x", reply_to=WORK, copies=Copies(cc=(("Anna", "a@home.example"),)))
    keep_as_message(store, mail, annas.id, "x", "x")
    shown = section(text_of(ana.get(annas.path)))
    assert "Reply-To" in shown and f'name="address" value="{WORK}"' in shown
    assert "Anna &lt;a@home.example&gt;" in shown and "with a similar name" in shown


def test_nothing_that_is_proposed_becomes_markup(ana, annas, store):
    set_contact(store, annas.id, name=HOSTILE)
    mail = Incoming("m", "<m@x>", ANNA, "x", "x", copies=Copies(cc=((HOSTILE, "a@home.example"),)), reply_to=HOSTILE)
    keep_as_message(store, mail, annas.id, "x", "x")
    shown = section(text_of(ana.get(annas.path)))
    assert "a@home.example" in shown and "<img src=x" not in shown


def test_a_mail_from_it_is_among_the_others_and_says_why(ana, annas, store):
    ana.post(f"{annas.path}/addresses", address=WORK)
    mail = Incoming("m", "<m@x>", WORK, "x", "Kje je šotor?")
    from_work = keep_as_conversation(store, mail, "Anna", "demo", "sl", "Kje je šotor?", "x").conversation_id
    page = text_of(ana.get(f"{annas.path}/customer"))
    assert f"/desk/conversations/{from_work}" in page and "By an e-mail address that an agent added" in page


def test_an_open_page_hears_of_a_new_one(ana, annas, store):
    mark = text_of(ana.get(annas.path)).split('id="customer" data-mark="')[1][:12]
    add_customer_message(store, annas.id, "c9", "Halo?", "x")
    assert 'id="customer"' not in text_of(ana.get(f"{annas.path}/log?after=0&contact={mark}"))
    add_address(store, annas.id, WORK, 1)
    assert WORK in text_of(ana.get(f"{annas.path}/log?after=0&contact={mark}"))


def test_a_conversation_that_is_not_there_is_a_404(ana, annas):
    for path in ("addresses", "addresses/1/remove"):
        assert ana.post(f"/desk/conversations/{'0' * 24}/{path}", address=WORK).status_code == 404
