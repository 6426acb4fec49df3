"""What has legal effect goes to a person at once, and the customer reads when it arrived."""

from __future__ import annotations

import pytest

from odziv.cases.legal.declarations import say_receipt
from odziv.cases.targets import priority_of
from odziv.settings import LANGUAGES, Desk
from odziv.settings.hours import Hours
from odziv.store.agents.availability import renew_presence
from odziv.store.conversations.messages import list_messages
from odziv.store.handoffs.handoff import claim, list_queue
from odziv.texts.notices import notice
from tests.chat.waiting.test_hours import LJUBLJANA, at
from tests.fakes import HAND_OFF

WORDS = {
    "sl": "Odstopam od pogodbe.",
    "hr": "Odustajem od ugovora.",
    "pl": "Odstępuję od umowy.",
    "en": "I withdraw from the contract.",
}
ANSWER = {"article": "orders/return", "language": "en", "title": "Returns", "url": "/help/en/x", "confidence": 0.9}


@pytest.fixture
def settings(settings):
    hours = Hours(time_zone=LJUBLJANA, week={"mon-fri": "8:00-16:00"})
    return settings.model_copy(update={"desk": Desk(hours=hours, undo_seconds=0)})


@pytest.fixture
def somebody_there(store, ana):
    store.clock.now = at("2026-11-23 10:00")
    renew_presence(store, ana.id)
    return ana


def said_to(store, visitor) -> list[str]:
    return [m.text for m in list_messages(store, visitor.id) if m.sender != "customer"]


def receipt(kind, language, time="2026-11-23 10:00"):
    return say_receipt(kind, at(time), LJUBLJANA, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_person_at_once_and_a_receipt(somebody_there, open_conversation, run_turns, store, services, language):
    visitor = open_conversation(language=language)
    visitor.say(WORDS[language])
    run_turns()
    assert said_to(store, visitor) == [receipt("withdrawal", language)]
    [handoff] = list_queue(store)
    assert (handoff.reason, priority_of(handoff), handoff.raised_by) == ("legal", "high", None)
    assert not services.bot.calls


def test_the_receipt_names_when_it_was_written_not_when_it_was_read(somebody_there, visitor, run_turns, store):
    visitor.say(WORDS["en"])
    store.clock.advance(2 * 60_000)
    run_turns()
    assert "at 10:00." in said_to(store, visitor)[0]


def test_who_withdraws_reads_how_it_is_done_where_an_article_says_it(
    somebody_there, visitor, run_turns, store, services
):
    buttons = [{"title": "Did it help?", "kind": "helped", "intent": "feedback_positive"}]
    services.knowledge.direct = {"text": "Send it back.", "answer": ANSWER, "buttons": buttons}
    visitor.say(WORDS["en"])
    run_turns()
    answer, last = [m for m in list_messages(store, visitor.id) if m.sender != "customer"]
    assert (answer.text, answer.buttons, answer.answer["article"]) == ("Send it back.", None, "orders/return")
    assert last.text == receipt("withdrawal", "en")


def test_to_a_threat_no_article_is_read_out(somebody_there, visitor, run_turns, store, services):
    services.knowledge.direct = {"text": "Send it back.", "answer": ANSWER}
    visitor.say("You will hear from my solicitor.")
    run_turns()
    assert said_to(store, visitor) == [receipt("authority", "en")] and not services.knowledge.asked


def test_with_nobody_there_they_are_told_too(open_conversation, run_turns, store):
    store.clock.now = at("2026-11-23 17:00")
    visitor = open_conversation()
    visitor.say(WORDS["en"])
    run_turns()
    [text] = said_to(store, visitor)
    assert text.startswith(receipt("withdrawal", "en", "2026-11-23 17:00"))
    assert notice("away_until", "en", when="tomorrow, Tuesday, at 8:00") in text


def test_who_waits_already_gets_the_receipt_once_and_the_reason_changes(
    somebody_there, visitor, run_turns, store, services
):
    services.bot.says = HAND_OFF
    visitor.say("a person please")
    run_turns()
    visitor.say(WORDS["en"], "c2")
    run_turns()
    assert said_to(store, visitor)[1:] == [receipt("withdrawal", "en")]
    [handoff] = list_queue(store)
    assert (handoff.reason, priority_of(handoff)) == ("legal", "high")


def test_who_is_in_danger_stays_so(somebody_there, visitor, run_turns, store):
    visitor.say("I want to die")
    run_turns()
    visitor.say(WORDS["en"], "c2")
    run_turns()
    assert [(h.reason, priority_of(h)) for h in list_queue(store)] == [("danger", "urgent")]


def test_a_person_reads_it_for_themselves(somebody_there, visitor, run_turns, store, services):
    services.bot.says = HAND_OFF
    visitor.say("a person please")
    run_turns()
    [handoff] = list_queue(store)
    claim(store, handoff.id, somebody_there.id)
    before = said_to(store, visitor)
    visitor.say(WORDS["en"], "c2")
    run_turns()
    assert said_to(store, visitor) == before


def test_a_question_about_it_is_the_bots(somebody_there, visitor, run_turns, store, services):
    visitor.say("How do I withdraw from the contract?")
    run_turns()
    assert services.bot.calls and not list_queue(store)
