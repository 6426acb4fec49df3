"""Contact forms: written by our own website for a customer, who stands in Reply-To and gets the answer."""

from __future__ import annotations

import pytest

from odziv.mail.addresses import Own, find_sender
from odziv.store.conversations.messages import list_messages
from tests.mail.conftest import ANNA, MINUTE_MS, OURS, text_of, write_mail
from tests.mail.test_intake import EVE, claim_it, everyone, said

FORM = "obrazec@smreka.example"


def form(text: str = "How do I return shoes?", customer: str = f"Anna Nowak <{ANNA}>", **headers: str) -> bytes:
    """What the website sends: its own address, the customer's in Reply-To."""
    return write_mail(text, "Message from the site", **{"From": f"Shop <{FORM}>", "Reply-To": customer, **headers})


def test_the_customer_gets_the_bots_answer_and_the_agents(
    deliver, store, smtp_server, answer, ana, clock, mail_service
):
    deliver(form())
    [conversation] = everyone(store)
    assert (conversation.email, conversation.name, conversation.channel) == (ANNA, "Anna Nowak", "mail")
    claim_it(store, conversation.id, ana)
    answer(conversation.id, "Here I am.")
    clock.advance(MINUTE_MS)
    mail_service.outbound.work_off()
    assert [mail["To"] for mail in smtp_server.got] == [ANNA, ANNA]
    assert text_of(smtp_server.got[1]).startswith("Here I am.")


def test_their_reply_goes_on_in_the_conversation(deliver, store, smtp_server):
    deliver(form())
    deliver(write_mail("And the postage?", "Re: Message", In_Reply_To=smtp_server.got[0]["Message-ID"]))
    [conversation] = everyone(store)
    assert said(store, conversation.id, "customer")[-1] == "And the postage?"


@pytest.mark.slow
def test_each_customer_has_a_conversation_of_their_own_however_many_write(deliver, store, smtp_server):
    deliver(*(form(f"Message {number}", f"c{number}@customer.example") for number in range(25)))
    found = everyone(store)
    assert len(found) == 25 and {c.email for c in found} == {f"c{number}@customer.example" for number in range(25)}
    assert all(len(said(store, c.id, "customer")) == 1 for c in found)
    assert {mail["To"] for mail in smtp_server.got} == {c.email for c in found}


def test_two_who_send_the_same_words_at_the_same_moment_are_two(deliver, store):
    same = {"Message-ID": None}
    deliver(form(**same), form(customer=EVE, **same), form(**same))
    assert sorted(c.email for c in everyone(store)) == [ANNA, EVE]


@pytest.mark.slow
@pytest.mark.parametrize("reply_to", [None, "Anna Nowak", OURS, f"{ANNA}, {EVE}"])
def test_a_form_that_names_no_customer_has_a_conversation_for_each_mail_too(deliver, store, reply_to):
    deliver(*(form(f"Message {number}", **{"Reply-To": reply_to}) for number in range(23)))
    assert len(everyone(store)) == 23


@pytest.mark.slow
def test_one_who_floods_through_the_form_goes_on_in_the_newest(deliver, store):
    deliver(*(form(f"Message {number}") for number in range(25)))
    assert len(everyone(store)) == 20


@pytest.mark.parametrize(
    "headers",
    [
        {"From": f"No Reply <no-reply@{OURS.partition('@')[2]}>"},
        {"From": f"Shop <{OURS}>"},  # the form writes to us as ourselves
        {"From": "info@another.example", "To": "Info <info@another.example>"},
    ],
    ids=["no-reply", "our own address", "to itself"],
)
def test_other_ways_a_form_may_write(deliver, store, smtp_server, headers):
    deliver(form(**headers))
    assert [c.email for c in everyone(store)] == [ANNA] and [mail["To"] for mail in smtp_server.got] == [ANNA]


def test_a_member_whose_domain_a_list_may_not_send_for(deliver, store, offline, answered, smtp_server):
    """A group puts its own address, which is ours, into From then, and the member's into Reply-To."""
    headers = {"From": f"'Anna' via Help <{OURS}>", "Reply-To": ANNA, "List-ID": "<help.smreka.example>"}
    deliver(write_mail("Thank you!", "Re: x", In_Reply_To=answered["Message-ID"], **headers))
    assert said(store, offline.id, "customer")[-1] == "Thank you!"
    deliver(write_mail("Something else", "New", **headers))
    assert [c.status for c in everyone(store)] == ["open", "queued"] and smtp_server.got == []


NOT_TRUSTED = {
    "a stranger's": {"From": EVE, "Reply-To": ANNA},
    "two": {"Reply-To": f"{ANNA}, {EVE}"},
    "ours": {"Reply-To": OURS},
    "ours with a token": {"Reply-To": "Help <help+abc@smreka.example>"},
    "ours in capitals": {"Reply-To": OURS.upper()},
    "none": {"Reply-To": "Anna Nowak"},
    "a domain that ends like ours": {"From": "form@notsmreka.example", "Reply-To": ANNA},
}


@pytest.mark.slow
@pytest.mark.parametrize("headers", NOT_TRUSTED.values(), ids=NOT_TRUSTED)
def test_any_other_reply_to_changes_nothing(deliver, store, smtp_server, headers):
    deliver(form(**headers))
    sender = headers.get("From", FORM)
    assert [c.email for c in everyone(store)] == [sender] and [mail["To"] for mail in smtp_server.got] == [sender]


@pytest.mark.parametrize(
    "headers",
    [
        {"From": OURS, "Reply-To": OURS},
        {"From": OURS, "Reply-To": "help+abc@smreka.example"},
        {"From": OURS, "Reply-To": ANNA, "In-Reply-To": "<something@else.example>"},
        {"Auto-Submitted": "auto-generated"},
        {"Reply-To": "no-reply@customer.example"},
    ],
)
def test_no_loop_through_reply_to(deliver, store, smtp_server, headers):
    deliver(form(**headers))
    assert everyone(store) == [] and smtp_server.got == []


def test_our_own_answers_come_back_without_an_answer(deliver, store, smtp_server):
    """Sent on to us by whom they went to: the bot's says what it is, and both are known by their Message-ID."""
    deliver(form())
    [ours] = smtp_server.got
    for header in ("Auto-Submitted", "X-Auto-Response-Suppress", "Reply-To"):
        del ours[header]
    ours["Reply-To"] = ANNA
    deliver(ours.as_bytes())
    assert len(everyone(store)) == len(smtp_server.got) == 1


def test_a_form_that_answers_itself_is_stopped_by_the_limit(deliver, smtp_server):
    """Reply-To is another address of ours that sends what it gets into the form again."""
    for number in range(9):
        deliver(form(f"Received {number}", customer="orders@smreka.example"))
    assert len(smtp_server.got) == 6 and {mail["To"] for mail in smtp_server.got} == {"orders@smreka.example"}


def test_in_anothers_name_from_anywhere_nobody_joins_a_conversation(deliver, store, offline, answered):
    headers = {"From": EVE, "To": f"{EVE}, {OURS}", "In-Reply-To": answered["Message-ID"]}
    deliver(form("It is me, Anna", **headers))
    assert [m.text for m in list_messages(store, offline.id) if m.sender == "customer"] == ["Where is my parcel?"]
    assert len(everyone(store)) == 2


def test_hostile_headers_find_nobody():
    own = Own((OURS,), frozenset({"smreka.example"}))
    for wanted in ("<" * 4000, "(" * 4000, "a@b.example\r\nBcc: x@y.example", "", "@", '"' + "\\" * 4000):
        assert find_sender({"from": [FORM], "reply-to": [wanted]}, own).address == FORM
