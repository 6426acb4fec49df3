"""What is put aside has a reason that the desk knows, holds up nothing, and can be made a conversation."""

from __future__ import annotations

import pytest

from odziv.cases.conversations.aside import make_conversation
from odziv.desk.queue.aside import LABELS
from odziv.mail.service import MOST_TRIES
from odziv.store.handoffs.handoff import list_queue
from odziv.store.mail.aside import count_aside, list_aside
from tests.mail.conftest import write_mail
from tests.mail.test_intake import LOOPS, everyone, said


@pytest.mark.slow
@pytest.mark.parametrize("headers", LOOPS.values(), ids=LOOPS)
def test_each_can_be_read_with_a_reason_and_made_a_conversation(deliver, store, services, ana, smtp_server, headers):
    deliver(write_mail("I am away until Monday.", **headers))
    [aside] = list_aside(store)
    assert aside.reason in LABELS and "I am away until Monday." in aside.original
    found, is_new = make_conversation(store, services.settings, services.knowledge, ana, aside.id)
    assert is_new and [each.id for each in everyone(store)] == [found] and count_aside(store) == 0
    assert "I am away until Monday." in said(store, found, "customer")[0]
    deliver()
    assert smtp_server.got == [] and [each.conversation_id for each in list_queue(store)] == [found]


def test_the_same_mail_once_more_is_known_also_after_it_was_opened(deliver, store, services, ana):
    mail = write_mail("I am away.", Precedence="bulk")
    deliver(mail, mail)
    assert count_aside(store) == 1
    make_conversation(store, services.settings, services.knowledge, ana, list_aside(store)[0].id)
    deliver(mail)
    assert count_aside(store) == 0 and len(everyone(store)) == 1


def test_a_mail_that_can_not_be_taken_holds_up_nothing_and_can_be_read(deliver, store, mail_service, monkeypatch):
    real = mail_service.inbound._intake.take

    def take(raw, size=None):
        if b"poison" in raw:
            raise RecursionError("as no mail did yet")
        return real(raw, size)

    monkeypatch.setattr(mail_service.inbound._intake, "take", take)
    with pytest.raises(RecursionError):
        deliver(write_mail("poison"), write_mail("Where is my parcel?"))
    for _ in range(MOST_TRIES - 2):
        with pytest.raises(RecursionError):
            deliver()
    assert count_aside(store) == 0 and everyone(store) == []
    deliver()
    [aside] = list_aside(store)
    assert aside.reason == "unreadable" and "poison" in aside.original
    assert [said(store, each.id, "customer") for each in everyone(store)] == [["My order\n\nWhere is my parcel?"]]


@pytest.mark.parametrize("error", [OSError("the disk is full")])
def test_while_nothing_can_be_stored_nothing_is_put_aside(deliver, store, mail_service, monkeypatch, error):
    def take(raw, size=None):
        raise error

    with monkeypatch.context() as broken:
        broken.setattr(mail_service.inbound._intake, "take", take)
        for _ in range(2 * MOST_TRIES):
            with pytest.raises(OSError):
                mail_service.inbound._take(b"x", None)
    assert count_aside(store) == 0


def test_monitors_see_how_many_there_are(deliver, mail_service):
    deliver(write_mail("Away", Auto_Submitted="auto-replied"))
    assert mail_service.state()["aside"] == 1
