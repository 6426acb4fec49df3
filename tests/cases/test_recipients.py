"""What agents type as recipients: which addresses it means, and what is refused."""

from __future__ import annotations

import time

import idna
import pytest

from odziv.cases.mails.recipients import (
    check_recipients,
    choose_recipients,
    offer_recipients,
    write_list,
)
from odziv.cases.refused import Refused
from odziv.settings.mail import MailSettings
from odziv.store.conversations.conversation import create_conversation, find_conversation
from odziv.store.customers.other_addresses import add_address
from odziv.store.mail.recipients import MOST_RECIPIENTS, Recipients
from tests.fixtures import set_contact

OURS, ANNA, WORK = "help@smreka.example", "anna@customer.example", "anna@work.example"


@pytest.fixture
def by_mail(settings):
    """The settings with mail on."""
    imap = {"host": "mail.smreka.example", "user": "inbox@smreka.example"}
    mail = {"address": OURS, "smtp": {"host": "mail.smreka.example"}, "incoming": "imap", "imap": imap}
    return settings.model_copy(update={"mail": MailSettings.model_validate(mail)})


@pytest.fixture
def conversation(store):
    created = create_conversation(store, "demo", "en")
    set_contact(store, created.id, email=ANNA, name='Anna "A." <Nowak>')
    return find_conversation(store, created.id)


@pytest.mark.parametrize(
    ("typed", "addresses"),
    [
        ("anna@x.example", ["anna@x.example"]),
        (
            "Anna <anna@x.example>, jan@x.example; ŽIGA@X.example\n",
            ["anna@x.example", "jan@x.example", "žiga@x.example"],
        ),
        ('"Žagar, Marko" <marko@x.example>', ["marko@x.example"]),
        ("a@x.example, A@X.EXAMPLE, <a@x.example>", ["a@x.example"]),
        ("ana@žaba.si", ["ana@" + idna.encode("žaba.si").decode()]),
        ("a@x.example\r\nBcc: b@x.example", ["a@x.example", "b@x.example"]),
        ("Team: a@x.example, b@x.example;", ["a@x.example", "b@x.example"]),
        (" , ;; a@x.example ,", ["a@x.example"]),
    ],
)
def test_what_is_typed_is_a_list_of_addresses(by_mail, typed, addresses):
    assert check_recipients(by_mail, [typed], [], []).to == tuple(addresses)


@pytest.mark.parametrize(
    "typed",
    [
        "anna",
        "a@x.example b@x.example",
        "<a@x.example\x00>",
        "@x.example",
        "a@@x.example",
        "undisclosed-recipients:;",
        "a" * 65 + "@x.example",
        "Žagar, Marko <marko@x.example>",
        OURS,
        "HELP+secret@smreka.example",
        "inbox@smreka.example",
        "no-reply@x.example",
        "mailer-daemon@x.example",
        "x" * 6001,
    ],
)
def test_what_mail_can_not_go_to_is_refused_by_name(by_mail, typed):
    with pytest.raises(Refused, match="Not sent: "):
        check_recipients(by_mail, ["ok@x.example"], [typed], [])


def test_an_injected_header_is_never_an_address(by_mail):
    chosen = check_recipients(by_mail, ['"x\r\nBcc: eve@x.example" <a@x.example>'], [], [])
    assert chosen == Recipients(("a@x.example",))


def test_each_stands_once_and_where_most_see_it(by_mail):
    chosen = check_recipients(by_mail, ["a@x.example"], ["b@x.example, a@x.example"], ["b@x.example, c@x.example"])
    assert chosen == Recipients(("a@x.example",), ("b@x.example",), ("c@x.example",))


def test_there_is_a_limit_over_all_fields(by_mail):
    many = [f"a{number}@x.example" for number in range(MOST_RECIPIENTS)]
    assert len(check_recipients(by_mail, many[:2], many[2:4], many[4:]).all) == MOST_RECIPIENTS
    with pytest.raises(Refused, match="20 recipients; this has 21"):
        check_recipients(by_mail, many, [], ["one.more@x.example"])


def test_somebody_stands_in_to(by_mail):
    with pytest.raises(Refused, match="in To"):
        check_recipients(by_mail, [" "], ["a@x.example"], [])


def test_where_mail_is_off_there_are_none(settings, store, conversation):
    assert offer_recipients(store, settings, conversation) is None
    with pytest.raises(Refused, match="off"):
        choose_recipients(store, settings, conversation, cc=["a@x.example"])


def test_a_reply_to_the_customer_alone_follows_their_address(by_mail, store, conversation):
    assert choose_recipients(store, by_mail, conversation) is None
    assert choose_recipients(store, by_mail, conversation, to=[ANNA.upper()]) is None
    chosen = choose_recipients(store, by_mail, conversation, bcc=["boss@x.example"])
    assert chosen == Recipients((ANNA,), bcc=("boss@x.example",))


def test_a_name_can_not_break_out_of_its_place_in_the_field(by_mail, store, conversation):
    shown = write_list(offer_recipients(store, by_mail, conversation).to)
    assert shown == f"Anna A. Nowak <{ANNA}>"
    assert check_recipients(by_mail, [shown], [], []).to == (ANNA,)


def test_a_long_hostile_list_takes_no_time(by_mail):
    begun = time.process_time()
    for typed in ('"' * 6000, "<" * 6000, ('"a' * 3000), "a<" * 3000, ":" * 6000):
        with pytest.raises(Refused):
            check_recipients(by_mail, [typed], [], [])
    assert time.process_time() - begun < 2


def test_other_addresses_are_offered_beside_but_never_written_to_by_themselves(by_mail, store, conversation, ana):
    for address in (WORK, OURS):
        add_address(store, conversation.id, address, ana.id)
    offered = offer_recipients(store, by_mail, conversation)
    assert offered.known == (WORK,) and [address for _name, address in offered.to] == [ANNA]
    assert choose_recipients(store, by_mail, conversation, to_all=True) is None
    assert choose_recipients(store, by_mail, conversation, to=[WORK]) == Recipients((WORK,))
