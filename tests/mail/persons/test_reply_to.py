"""Where else a mail asks for answers: kept for agents to judge, and followed by nobody."""

from __future__ import annotations

import pytest

from odziv.mail.addresses import Own
from odziv.mail.parse import read_mail
from odziv.store.customers.other_addresses import add_address
from odziv.store.mail.inbound import find_original
from tests.mail.conftest import ANNA, OURS, write_mail
from tests.mail.test_intake import everyone, said

WORK, OWN = "anna@work.example", Own((OURS,), frozenset({"smreka.example"}), ("inbox@smreka.example",))


@pytest.mark.parametrize(
    ("headers", "kept"),
    [
        ({"Reply_To": WORK}, WORK),
        ({"Reply_To": f"Anna Novak <{WORK.upper()}>"}, WORK),
        ({"Reply_To": f"{ANNA}, {WORK}"}, WORK),
        ({}, None),
        ({"Reply_To": ANNA}, None),
        ({"Reply_To": f"{WORK}, eve@x.example"}, None),
        ({"Reply_To": OURS}, None),
        ({"Reply_To": "help+token@smreka.example"}, None),
        ({"Reply_To": "inbox@smreka.example"}, None),
        ({"Reply_To": "no-reply@x.example"}, None),
        ({"Reply_To": "undisclosed-recipients:;"}, None),
        ({"Reply_To": "<" * 500}, None),
        ({"Reply_To": WORK, "List_Id": "<list.x.example>"}, None),
        ({"Reply_To": WORK, "From": "form@smreka.example"}, None),  # there, it is who is answered
    ],
)
def test_the_single_other_address_is_kept(headers, kept):
    assert read_mail(write_mail(**headers), OWN).reply_to == kept


def test_it_stays_beside_the_mail_and_answers_go_to_from(deliver, store, smtp_server):
    deliver(write_mail(Reply_To=WORK))
    [conversation] = everyone(store)
    assert find_original(store, conversation.id, 1).reply_to == WORK
    assert conversation.email == ANNA and smtp_server.envelopes == [(OURS, [ANNA])]


def test_from_an_address_that_was_added_a_reply_opens_its_own_conversation(deliver, store, smtp_server, ana):
    deliver(write_mail())
    [first] = everyone(store)
    add_address(store, first.id, WORK, ana.id)
    about = str(smtp_server.got[0]["Message-ID"])
    deliver(write_mail("And when?", "Re: My order", From=WORK, In_Reply_To=about))
    assert len(everyone(store)) == 2 and "And when?" not in said(store, first.id)
