"""Mails put aside at the desk: counted, listed with their reason, readable, and made a conversation by one press."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from odziv.desk.queue.aside import LABELS
from odziv.store.audit import list_entries
from odziv.store.conversations.conversation import find_conversation
from odziv.store.conversations.messages import NewMessage, list_messages
from odziv.store.conversations.turns import find_next_turn
from odziv.store.handoffs.handoff import add_agent_message, claim, list_queue
from odziv.store.mail.aside import MOST_LISTED, count_aside, find_aside, list_aside, open_aside
from odziv.store.mail.inbound import Incoming, find_original, keep_aside
from odziv.store.mail.queue import take_mail
from odziv.store.schema import mails
from tests.desk.conversation.test_conversation import HOSTILE, text_of
from tests.fixtures import with_mail

ANNA = "anna@customer.example"


@pytest.fixture
def settings(settings):
    return with_mail(settings)


def put_aside(store, number: int = 0, **more) -> int:
    """A mail put aside; returns its number."""
    told = {"sender": ANNA, "subject": f"Away {number}", "original": f"I am away. {number}", "automatic": "bulk mail"}
    told |= {"attachments": ["plan.pdf"], **more}
    keep_aside(store, Incoming(f"id{number}", f"<{number}@x.example>", **told))
    with store.read() as connection:
        return connection.execute(select(mails.c.id).where(mails.c.identity == f"id{number}")).scalar_one()


def test_it_is_counted_listed_with_its_reason_and_readable(ana, store):
    assert "Put aside" not in text_of(ana.get("/desk/inbox")) and "put aside" not in text_of(ana.get("/desk/queue"))
    number = put_aside(store)
    put_aside(store, 1)
    assert count_aside(store) == 2
    assert "2 e-mails put aside</a>" in text_of(ana.get("/desk/queue"))
    assert 'Put aside <span class="tab-count">2</span>' in text_of(ana.get("/desk/inbox"))
    page = text_of(ana.get("/desk/aside"))
    assert page.index("Away 1") < page.index("Away 0") and page.count("Bulk mail") == 2 and ANNA in page
    shown = text_of(ana.get(f"/desk/aside/{number}"))
    assert "I am away. 0" in shown and "as newsletters are" in shown and "plan.pdf" in shown
    assert "Make it a conversation" in shown and 'aria-current="true"' in shown


def test_one_press_makes_it_a_conversation_that_waits(ana, store):
    number = put_aside(store, original="Kje je paket?\n\n> staro", subject="Paket")
    done = ana.post(f"/desk/aside/{number}/conversation")
    assert done.status_code == 303
    conversation = find_conversation(store, done.location.rsplit("/", 1)[1])
    assert (conversation.channel, conversation.email, conversation.status) == ("mail", ANNA, "queued")
    [waiting] = list_queue(store)
    assert (waiting.conversation_id, waiting.reason) == (conversation.id, "mail")
    said, entry = list_messages(store, conversation.id, internal=True)
    assert said.sender == "customer" and said.text == "Paket\n\nKje je paket?\n\n> staro\n\n[plan.pdf]"
    assert entry.internal and "Ana Kovač made a conversation of this e-mail" in entry.text and "bulk mail" in entry.text
    assert find_original(store, conversation.id, said.seq).original == "Kje je paket?\n\n> staro"
    assert count_aside(store) == 0 and find_aside(store, number) is None
    [audited] = list_entries(store, action="mail_opened")
    assert (audited.agent_name, audited.object) == ("Ana Kovač", f"conversation:{conversation.id}")
    shown = text_of(ana.get(done.location))
    assert "It waits in the queue now." in shown and "By e-mail" in shown


def test_nothing_is_answered_by_itself_and_the_agents_reply_goes_out(ana, store):
    number = put_aside(store)
    ana.post(f"/desk/aside/{number}/conversation")
    store.clock.advance(60 * 60_000)
    assert find_next_turn(store) is None and take_mail(store) is None
    [waiting] = list_queue(store)
    claim(store, waiting.id, ana.agent.id, NewMessage("system", "Ana has joined.", ""))
    reply = NewMessage("agent", "Hello.", "<p>Hello.</p>", agent_id=ana.agent.id)
    add_agent_message(store, waiting.conversation_id, ana.agent.id, reply)
    store.clock.advance(60_000)
    assert take_mail(store).recipient == ANNA


def test_whoever_presses_second_is_led_to_the_same_one(ana, marek, store):
    number = put_aside(store)
    first, second = (person.post(f"/desk/aside/{number}/conversation") for person in (ana, marek))
    assert (second.status_code, second.location) == (303, first.location)
    assert "made a conversation of it already" in text_of(marek.get(second.location))
    assert len(list_queue(store)) == 1 and len(list_entries(store, action="mail_opened")) == 1


def test_of_two_at_the_very_same_moment_one_wins(store, ana):
    number = put_aside(store)
    message, entry = NewMessage("customer", "a", "a"), NewMessage("system", "b", "b", internal=True)
    opened = {"site": "demo", "language": "en", "email": ANNA}
    found = [open_aside(store, number, ana.agent.id, opened, message, entry, after_hours=False) for _ in range(2)]
    assert found[0] and found[1] is None and len(list_queue(store)) == 1


def test_our_own_mail_gets_no_address_that_would_come_back_to_us(ana, store):
    for number, sender in enumerate(("help@smreka.example", "help+abc@smreka.example", None)):
        done = ana.post(f"/desk/aside/{put_aside(store, number, sender=sender)}/conversation")
        assert find_conversation(store, done.location.rsplit("/", 1)[1]).email is None


@pytest.mark.parametrize("number", [0, 999, 2**62])
def test_what_is_not_there_is_not_found(ana, number):
    assert ana.get(f"/desk/aside/{number}").status_code == 404
    assert ana.post(f"/desk/aside/{number}/conversation").status_code == 404


def test_a_mail_in_a_conversation_is_not_read_here(ana, store):
    number = put_aside(store)
    ana.post(f"/desk/aside/{number}/conversation")
    assert ana.get(f"/desk/aside/{number}").status_code == 404


def test_whatever_it_holds_is_text(ana, store):
    number = put_aside(store, original=HOSTILE, subject=HOSTILE[:200], sender="<script>@x", attachments=[HOSTILE[:90]])
    for page in ("/desk/aside", f"/desk/aside/{number}", "/desk/queue"):
        shown = text_of(ana.get(page))
        assert "<img src=x" not in shown and "<script>alert" not in shown
    done = ana.post(f"/desk/aside/{number}/conversation")
    assert "<script>alert" not in text_of(ana.get(done.location))


def test_an_empty_one_and_a_very_long_one_can_be_read_and_opened(ana, store):
    empty = put_aside(store, 0, original="", subject="", sender=None, attachments=[])
    long = put_aside(store, 1, original="word " * 40_000, subject="s" * 300)
    assert "(no subject)" in text_of(ana.get(f"/desk/aside/{empty}"))
    assert ana.get(f"/desk/aside/{long}").status_code == 200
    for number in (empty, long):
        assert ana.post(f"/desk/aside/{number}/conversation").status_code == 303
    texts = [list_messages(store, each.conversation_id)[0].text for each in list_queue(store)]
    assert texts[0] == "(—)" and len(texts[1]) < 4_000


def test_older_ones_are_a_page_further(ana, store):
    for number in range(MOST_LISTED + 3):
        put_aside(store, number)
    page = text_of(ana.get("/desk/aside"))
    last = list_aside(store)[-1].id
    assert f"/desk/aside?before={last}" in page and "Away 2<" not in page
    older = text_of(ana.get(f"/desk/aside?before={last}"))
    assert older.count('class="card-link"') == 3 and ">Older<" not in older
    assert ana.get("/desk/aside?before=x").status_code == 200


def test_whoever_is_not_signed_in_reads_nothing(client, store):
    number = put_aside(store)
    for path in ("/desk/aside", f"/desk/aside/{number}"):
        assert "I am away" not in text_of(client.get(path))
    assert client.post(f"/desk/aside/{number}/conversation").status_code in (302, 303, 400, 401, 403)
    assert count_aside(store) == 1


def test_every_reason_is_a_sentence():
    assert all(label and sentence.endswith(".") for label, sentence in LABELS.values())
