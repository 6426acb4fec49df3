"""Somebody in danger gets a person at once, and is told so: whatever the bot, the hour or the state of things."""

from __future__ import annotations

import pytest

from odziv.cases.targets import priority_of
from odziv.settings import LANGUAGES, Desk
from odziv.settings.hours import Hours
from odziv.store.agents.availability import renew_presence
from odziv.store.conversations.messages import NewMessage, list_messages
from odziv.store.handoffs.handoff import claim, list_handoffs_of, list_queue
from odziv.texts.notices import notice
from tests.chat.waiting.test_hours import LJUBLJANA, at
from tests.fakes import HAND_OFF

WORDS = {"sl": "Ubil se bom", "hr": "Ubit ću se", "pl": "Chcę się zabić", "en": "I want to die"}
FORBIDDEN = ("goodbye", "nasvidenje", "doviđenja", "do widzenia", "delete", "anything else", "še pri čem", "e-mail")


@pytest.fixture
def settings(settings):
    hours = Hours(time_zone=LJUBLJANA, week={"mon-fri": "8:00-16:00"})
    return settings.model_copy(update={"desk": Desk(hours=hours, undo_seconds=0)})


@pytest.fixture
def somebody_there(store, ana):
    store.clock = lambda: at("2026-11-23 10:00")
    renew_presence(store, ana.id)
    return ana


def said_to(store, visitor) -> list[tuple[str, str]]:
    return [(m.sender, m.text) for m in list_messages(store, visitor.id) if m.sender != "customer"]


def entries_of(store, visitor) -> list[str]:
    return [m.text for m in list_messages(store, visitor.id, internal=True) if m.internal]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_person_at_once_and_the_emergency_number(
    somebody_there, open_conversation, run_turns, store, services, language
):
    visitor = open_conversation(language=language)
    visitor.say(WORDS[language])
    run_turns()
    [(sender, text)] = said_to(store, visitor)
    assert sender == "system" and text.startswith(notice("danger", language)) and "112" in text
    assert notice("danger_self", language) in text and text.endswith(notice("danger_called", language))
    assert not any(word in text.lower() for word in FORBIDDEN)
    [handoff] = list_queue(store)
    assert (handoff.reason, priority_of(handoff), handoff.language) == ("danger", "urgent", language)
    assert not handoff.after_hours and not services.bot.calls


def test_danger_around_is_not_told_as_harming_oneself(somebody_there, visitor, run_turns, store):
    visitor.say("Help, our tent is on fire!")
    run_turns()
    assert said_to(store, visitor)[0][1] == f"{notice('danger', 'en')}\n\n{notice('danger_called', 'en')}"


def test_it_comes_before_everybody(open_conversation, run_turns, store, services):
    services.bot.says = [{"custom": {"handoff": {"reason": "complaint"}}}]
    angry, sad = open_conversation(), open_conversation()
    angry.say("a disgrace")
    run_turns()
    sad.say(WORDS["en"])
    run_turns()
    assert [(h.conversation_id, h.raised_by) for h in list_queue(store)] == [
        (sad.id, "danger"),
        (angry.id, "complaint"),
    ]


@pytest.mark.parametrize(
    ("time", "last"),
    [
        ("2026-11-23 10:00", notice("danger_away", "en")),
        ("2026-11-23 17:00", notice("danger_away_until", "en", when="tomorrow, Tuesday, at 8:00")),
    ],
)
def test_with_nobody_there_the_number_comes_first_and_no_address_is_asked_for(
    open_conversation, run_turns, store, time, last
):
    store.clock.now = at(time)
    visitor = open_conversation()
    visitor.say(WORDS["en"])
    run_turns()
    [(_, text)] = said_to(store, visitor)
    assert text == f"{notice('danger', 'en')}\n\n{notice('danger_self', 'en')}\n\n{last}"
    [handoff] = list_queue(store)
    assert handoff.after_hours and not handoff.asks_email and priority_of(handoff) == "urgent"


def test_it_needs_neither_rasa_nor_the_knowledge_base(visitor, run_turns, store, services):
    services.bot.fail()
    services.knowledge.direct = {"text": "Deleting your account: …"}
    services.knowledge.detect_language = None
    visitor.say("Where is my parcel? I want to die.")
    run_turns()
    assert [h.reason for h in list_queue(store)] == ["danger"] and not services.knowledge.asked


def test_in_the_middle_of_a_conversation(visitor, run_turns, store):
    visitor.say("how do I return this?")
    run_turns()
    visitor.say("I want to die", "c2")
    run_turns()
    assert [sender for sender, _ in said_to(store, visitor)] == ["bot", "system"]
    assert [h.reason for h in list_queue(store)] == ["danger"]


def test_words_in_another_language_than_the_pages(open_conversation, run_turns, store):
    visitor = open_conversation(language="sl")
    visitor.say("Chcę się zabić")
    run_turns()
    assert said_to(store, visitor)[0][1].startswith(notice("danger", "pl"))
    assert list_queue(store)[0].language == "pl"


def test_what_was_written_while_an_earlier_message_was_handed_off_is_read(visitor, run_turns, store, services):
    services.bot.says = HAND_OFF
    visitor.say("a person please")
    visitor.say("I want to die", "c2")
    run_turns()
    assert notice("danger", "en") in said_to(store, visitor)[-1][1]
    assert [(h.reason, h.priority) for h in list_queue(store)] == [("danger", "urgent")]


def test_the_bots_own_judgement_counts_too(visitor, run_turns, store, services):
    services.bot.says = [{"custom": {"handoff": {"reason": "danger"}}}]
    visitor.say("words that only the model understands")
    run_turns()
    assert notice("danger", "en") in said_to(store, visitor)[0][1]
    assert [(h.reason, h.priority) for h in list_queue(store)] == [("danger", "urgent")]


def test_whoever_waits_already_is_told_once_and_put_first(visitor, run_turns, store, services):
    services.bot.says = HAND_OFF
    visitor.say("a person please")
    run_turns()
    for number in range(2):
        visitor.say("I want to die", f"c{number + 2}")
    told = [text for _, text in said_to(store, visitor) if text.startswith(notice("danger", "en"))]
    assert len(told) == 1 == len(entries_of(store, visitor))
    assert [(h.reason, h.priority, h.raised_by) for h in list_queue(store)] == [("danger", "urgent", "danger")]


def test_whoever_has_a_person_is_left_to_them_who_are_told(somebody_there, visitor, run_turns, store, services):
    services.bot.says = HAND_OFF
    visitor.say("a person please")
    run_turns()
    claim(store, list_queue(store)[0].id, somebody_there.id, NewMessage("system", "Ana is here.", ""))
    before = said_to(store, visitor)
    visitor.say("I want to die", "c2")
    assert said_to(store, visitor) == before and len(entries_of(store, visitor)) == 1
    assert [(h.reason, h.priority) for h in list_handoffs_of(store, visitor.id)] == [("danger", "urgent")]


def test_a_complaint_about_words_that_only_sound_so_goes_its_way(visitor, run_turns, store, services):
    visitor.say("this tent is killing me")
    run_turns()
    assert len(services.bot.calls) == 1 and not list_queue(store)
