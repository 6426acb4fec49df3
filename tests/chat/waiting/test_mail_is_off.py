"""While no mail goes out, nobody is promised an answer by e-mail: not by the bot, the widget, or the system."""

from __future__ import annotations

import re

import pytest

from odziv.cases.after_hours import mark_waiting_after_hours
from odziv.settings import LANGUAGES
from odziv.store.conversations.messages import list_messages
from odziv.store.handoffs.handoff import list_handoffs_of, list_queue
from odziv.store.schema import handoffs
from odziv.texts import CATALOGUE
from odziv.texts.notices import notice
from tests.fakes import HAND_OFF
from tests.fixtures import set_contact, with_mail

E_MAIL = re.compile(r"e-?mail|e-?pošt|e-?poczt", re.IGNORECASE)


@pytest.fixture
def handed_off(visitor, services, run_turns):
    """A customer who wanted a person while nobody is there; mail is off, as it is by default."""
    services.bot.says = HAND_OFF
    visitor.say("A person, please.", "c0")
    run_turns()
    return visitor


def leave(visitor, **body):
    return visitor.client.post(f"{visitor.path}/contact", json=body, headers=visitor.headers)


def last_said(store, visitor) -> str:
    return list_messages(store, visitor.id)[-1].text


def test_nobody_is_asked_for_an_address(handed_off, store):
    wait = handed_off.log()["conversation"]["wait"]
    assert wait["ticket"] and not wait["asks_email"]
    assert not E_MAIL.search(last_said(store, handed_off))
    assert [handoff.asks_email for handoff in list_queue(store)] == [False]


def test_nor_is_who_still_waits_when_the_last_one_leaves(visitor, services, store, run_turns):
    services.bot.says = HAND_OFF
    visitor.say("A person, please.", "c0")
    run_turns()
    with store.write() as connection:
        connection.execute(handoffs.update().values(after_hours=False, absence_told_at=None))
    assert mark_waiting_after_hours(store, services.settings) == 1
    assert notice("still_waiting", "en") in last_said(store, visitor) and not E_MAIL.search(last_said(store, visitor))
    assert not list_handoffs_of(store, visitor.id)[0].asks_email


def test_an_address_that_is_left_all_the_same_is_noted_and_nothing_promised(handed_off, store):
    assert leave(handed_off, email="ana@smreka.example").status_code == 200
    assert last_said(store, handed_off) == notice("email_noted", "en", email="ana@smreka.example")


def test_so_is_one_that_is_corrected_by_writing_it(handed_off, store):
    set_contact(store, handed_off.id, email="anna@smreka.example")
    handed_off.say("ana@smreka.example", "c1")
    assert last_said(store, handed_off) == notice("email_noted", "en", email="ana@smreka.example")


def test_who_was_asked_while_mail_was_on_is_asked_no_more_once_it_is_off(handed_off, store, services):
    with store.write() as connection:
        connection.execute(handoffs.update().values(asks_email=True))
    assert not handed_off.log()["conversation"]["wait"]["asks_email"]
    services.settings = with_mail(services.settings)
    assert handed_off.log()["conversation"]["wait"]["asks_email"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_other_text_of_the_bot_or_the_widget_promises_mail(language):
    """What speaks of e-mail is said only where mail is on, or promises nothing."""
    guarded = {"ask_email", "email_kept", "email_noted"}
    found = {key for key, text in CATALOGUE.of("notices", language).items() if E_MAIL.search(str(text))}
    assert found <= guarded
    assert {key for key, text in CATALOGUE.of("replies", language).items() if E_MAIL.search(text)} <= {"note_email"}
    assert not [
        text for texts in CATALOGUE.of("small_talk", language).values() for text in texts if E_MAIL.search(text)
    ]
    widget = CATALOGUE.of("widget", language)
    told = {name for name, texts in widget.items() if E_MAIL.search(str(texts))}
    assert told <= {"waiting", "transcript"}  # asked for by asks_email; offered where addresses_of names one
    for subject in ("help", "demo", "transcript"):
        assert not E_MAIL.search(str(CATALOGUE.of(subject, language)))
