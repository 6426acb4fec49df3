"""Who else gets a mail: those in copy of what comes, who of them may join in, and whom an answer goes to."""

from __future__ import annotations

import pytest

from odziv.cases.customer_data.whose import Who, find_customer
from odziv.cases.mails.recipients import choose_recipients, offer_recipients
from odziv.chat.json import message_json
from odziv.store.conversations.conversation import change_owner, find_conversation
from odziv.store.conversations.messages import list_messages
from odziv.store.mail.inbound import find_original
from odziv.store.mail.notifications import list_proven_addresses
from odziv.store.mail.queue import list_states
from odziv.store.mail.recipients import MOST_RECIPIENTS, Recipients, is_participant
from tests.mail.conftest import ANNA, MINUTE_MS, OURS, text_of, write_mail
from tests.mail.test_intake import bounce, everyone, said

MARKO, EVE, BOSS = "marko@customer.example", "eve@elsewhere.example", "boss@smreka.example"
IN_COPY = f"Marko Žagar <{MARKO}>, no-reply@customer.example, HELP+x@smreka.example"


@pytest.fixture
def to_both(deliver, store, ana, smtp_server):
    """A mail of Anna's with Marko in copy, which Ana has; the bot's answer to it is forgotten."""
    deliver(write_mail(Cc=IN_COPY, To=f"Shop <{OURS}>, {ANNA}"))
    [conversation] = everyone(store)
    with store.write() as connection:
        change_owner(connection, conversation.id, "open", agent_id=ana.id)
    smtp_server.got.clear()
    smtp_server.envelopes.clear()
    return find_conversation(store, conversation.id)


@pytest.fixture
def send(answer, clock, mail_service):
    """Ana answers to whom is said, and what is due goes out."""

    def send(conversation_id, text="It is on its way.", **to):
        recipients = Recipients(**to) if to else None
        message = answer(conversation_id, text, recipients=recipients)
        clock.advance(MINUTE_MS)
        mail_service.outbound.work_off()
        return message

    return send


def reply_of(sender: str, to_mail=None, text="And when?", **headers) -> bytes:
    about = {"In_Reply_To": str(to_mail["Message-ID"])} if to_mail else {}
    return write_mail(text, "Re: My order", From=f"Marko <{sender}>", **about, **headers)


def test_who_is_in_copy_is_kept_but_neither_we_nor_machines_nor_the_sender(to_both, store):
    assert find_original(store, to_both.id, 1).copies.all == (("Marko Žagar", MARKO),)
    assert is_participant(store, to_both.id, MARKO) and not is_participant(store, to_both.id, ANNA)


def test_the_bots_answer_goes_to_who_wrote_alone(deliver, store, smtp_server):
    deliver(write_mail(Cc=IN_COPY))
    assert smtp_server.envelopes == [(OURS, [ANNA])] and smtp_server.got[0]["Cc"] is None


def test_a_mail_of_one_in_copy_joins_the_conversation_as_theirs(to_both, deliver, store, send, smtp_server):
    send(to_both.id, to=(ANNA,), cc=(MARKO,))
    deliver(reply_of(MARKO, smtp_server.got[0]))
    joined = list_messages(store, to_both.id)[-1]
    assert (joined.sender, joined.author, joined.text) == ("customer", "Marko", "And when?")
    assert len(everyone(store)) == 1 and message_json(joined)["author"] == "Marko"
    assert find_conversation(store, to_both.id).email == ANNA


@pytest.mark.parametrize("named", ["Anna <anna@customer.example>", ""])
def test_a_name_that_looks_like_an_address_is_none(to_both, deliver, store, send, smtp_server, named):
    send(to_both.id)
    deliver(write_mail("And when?", "Re: x", From=f'"{named}" <{MARKO}>', In_Reply_To=smtp_server.got[0]["Message-ID"]))
    assert list_messages(store, to_both.id)[-1].author == MARKO


def test_a_stranger_who_has_a_mail_of_it_does_not_join(to_both, deliver, store, send, smtp_server):
    send(to_both.id)
    deliver(reply_of(EVE, smtp_server.got[0]))
    assert len(everyone(store)) == 2 and "And when?" not in said(store, to_both.id)


def test_who_had_a_blind_copy_does_not_join(to_both, deliver, store, send, smtp_server):
    send(to_both.id, to=(ANNA,), bcc=(BOSS,))
    deliver(reply_of("boss@elsewhere.example", smtp_server.got[0]))
    assert not is_participant(store, to_both.id, BOSS) and len(everyone(store)) == 2


def test_the_bot_answers_who_asked_and_not_the_customer(to_both, deliver, store, smtp_server):
    with store.write() as connection:
        change_owner(connection, to_both.id, "bot", agent_id=None)
    deliver(reply_of(MARKO, None, In_Reply_To=find_original(store, to_both.id, 1).message_id))
    assert smtp_server.envelopes == [(OURS, [MARKO])]
    assert "> And when?" in text_of(smtp_server.got[0])


def test_their_address_is_not_the_customers(to_both, deliver, store, services, send, smtp_server):
    send(to_both.id, to=(ANNA,), cc=(MARKO,))
    deliver(reply_of(MARKO, smtp_server.got[0]))
    assert list_proven_addresses(store, to_both.id) == [ANNA]
    deliver(write_mail("Mine.", "Mine", From=MARKO))
    theirs = find_customer(store, services.settings, Who(address=MARKO))
    assert to_both.id not in (*theirs.conversation_ids, *theirs.unsure) and len(theirs.conversation_ids) == 1


def test_a_reply_is_offered_for_who_wrote_and_the_others_beside(to_both, deliver, store, services, send, smtp_server):
    offered = offer_recipients(store, services.settings, to_both)
    assert offered.to == (("Anna Nowak", ANNA),) and offered.others == (("Marko Žagar", MARKO),)
    assert choose_recipients(store, services.settings, to_both, to_all=True) == Recipients((ANNA,), (MARKO,))
    send(to_both.id, to=(ANNA,), cc=(MARKO,))
    deliver(reply_of(MARKO, smtp_server.got[0], Cc="Tax <tax@customer.example>"))
    offered = offer_recipients(store, services.settings, to_both)
    assert offered.to == (("Marko", MARKO), ("Anna Nowak", ANNA))
    assert offered.others == (("Tax", "tax@customer.example"),)
    assert choose_recipients(store, services.settings, to_both) == Recipients((MARKO, ANNA))


def test_a_mail_to_very_many_offers_no_more_than_can_be_written_to(deliver, store, services):
    deliver(write_mail(Cc=", ".join(f"p{number}@customer.example" for number in range(200))))
    [conversation] = everyone(store)
    assert len(find_original(store, conversation.id, 1).copies.all) == 50
    assert len(offer_recipients(store, services.settings, conversation).others) == MOST_RECIPIENTS - 1


def test_one_mail_goes_to_all_and_nobody_sees_the_blind_copy(to_both, store, send, smtp_server):
    send(to_both.id, to=(ANNA,), cc=(MARKO,), bcc=(BOSS,))
    [mail] = smtp_server.got
    assert smtp_server.envelopes == [(OURS, [ANNA, MARKO, BOSS])]
    assert (mail["To"], mail["Cc"], mail["Bcc"]) == (ANNA, MARKO, None) and BOSS not in mail.as_string()
    state = list_states(store, to_both.id)[list_messages(store, to_both.id)[-1].seq]
    assert (state.status, state.recipients) == ("sent", Recipients((ANNA,), (MARKO,), (BOSS,)))


def test_what_the_customer_wrote_is_quoted_to_those_who_have_it(to_both, send, smtp_server):
    send(to_both.id, to=(ANNA,), cc=(MARKO,))
    send(to_both.id, to=(ANNA,), cc=(EVE,))
    assert ["> " in text_of(mail) for mail in smtp_server.got] == [True, False]
    assert "Where is my parcel" not in smtp_server.got[1].get_body(("html",)).get_content()


def test_what_was_said_to_others_does_not_go_with_the_next_mail(to_both, answer, clock, mail_service, smtp_server):
    everybody = Recipients((ANNA,), (MARKO,))
    answer(to_both.id, "To both.", recipients=everybody)
    answer(to_both.id, "To Anna alone.")
    answer(to_both.id, "To both again.", recipients=everybody)
    answer(to_both.id, "And again.", recipients=everybody)
    clock.advance(MINUTE_MS)
    mail_service.outbound.work_off()
    assert [mail["Cc"] for mail in smtp_server.got] == [MARKO, None, MARKO]
    assert all("Anna alone" not in text_of(mail) for mail in smtp_server.got if mail["Cc"])
    assert "To both again.\n\nAnd again." in text_of(smtp_server.got[2])


def test_a_copy_goes_though_the_customer_reads_in_the_chat(offline, send, services, clock, smtp_server):
    services.hub.note_customer(offline.id, clock.now + MINUTE_MS)
    send(offline.id, to=(ANNA,), cc=(MARKO,))
    assert smtp_server.envelopes == [(OURS, [ANNA, MARKO])]


class TestRefusedForSome:
    """The server takes the mail for some, and not for others."""

    def test_for_good_is_told_and_the_others_have_it(self, to_both, send, store, smtp_server):
        smtp_server.refuses_some = {MARKO: "550 No such user"}
        send(to_both.id, to=(ANNA,), cc=(MARKO,))
        [entry] = [m.text for m in list_messages(store, to_both.id, internal=True) if m.internal]
        assert entry == f"The e-mail was not sent to {MARKO}: 550 No such user"
        assert self.status(store, to_both) == "sent"

    def test_for_now_is_tried_again_for_these_alone(self, to_both, send, store, clock, mail_service, smtp_server):
        smtp_server.refuses_some = {MARKO: "450 Come again"}
        send(to_both.id, to=(ANNA,), cc=(MARKO,))
        assert self.status(store, to_both) == "waiting"
        smtp_server.refuses_some = {}
        clock.advance(MINUTE_MS)
        mail_service.outbound.work_off()
        assert [rcpt for _, rcpt in smtp_server.envelopes] == [[ANNA], [MARKO]]
        assert len({mail["Message-ID"] for mail in smtp_server.got}) == 1 and smtp_server.got[1]["To"] == ANNA
        assert self.status(store, to_both) == "sent"

    def test_nobody_has_it_so_all_are_tried_again(self, to_both, send, store, clock, mail_service, smtp_server):
        smtp_server.refuses_some = {MARKO: "450 Come again", ANNA: "550 No"}
        send(to_both.id, to=(ANNA,), cc=(MARKO,))
        smtp_server.refuses_some = {MARKO: "550 No", ANNA: "550 No"}
        clock.advance(MINUTE_MS)
        mail_service.outbound.work_off()
        assert smtp_server.got == [] and self.status(store, to_both) == "failed"

    def test_given_up_for_the_last_of_them_it_was_sent_all_the_same(
        self, to_both, send, store, clock, mail_service, smtp_server
    ):
        smtp_server.refuses_some = {MARKO: "450 Come again"}
        send(to_both.id, to=(ANNA,), cc=(MARKO,))
        for _ in range(80):
            clock.advance(60 * MINUTE_MS)
            mail_service.outbound.work_off()
        entry = list_messages(store, to_both.id, internal=True)[-1].text
        assert MARKO in entry and ANNA not in entry and self.status(store, to_both) == "sent"

    def status(self, store, conversation) -> str:
        return list(list_states(store, conversation.id).values())[-1].status


def test_a_copy_that_comes_back_is_told_and_the_mail_counts_as_sent(to_both, deliver, store, send, smtp_server):
    message = send(to_both.id, to=(ANNA,), cc=(MARKO,))
    report = bounce(str(smtp_server.got[0]["Message-ID"])).replace(ANNA.encode(), MARKO.encode())
    deliver(report)
    newest = list_messages(store, to_both.id, internal=True)[-1]
    assert newest.text == f"The e-mail to {MARKO} did not arrive: 550 5.1.1 User unknown"
    assert list_states(store, to_both.id)[message.seq].status == "sent"
    deliver(bounce(str(smtp_server.got[0]["Message-ID"])))
    assert list_states(store, to_both.id)[message.seq].status == "bounced"
