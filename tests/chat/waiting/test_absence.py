"""A handoff while nobody is there: told so, told when, a ticket; and a live one while somebody is."""

from __future__ import annotations

import pytest

from odziv.cases.absence import find_absence
from odziv.settings import LANGUAGES, Desk
from odziv.settings.hours import Hours
from odziv.store.agents.availability import renew_presence, set_available
from odziv.store.handoffs.handoff import list_queue
from odziv.texts.notices import notice
from tests.chat.waiting.test_hours import LJUBLJANA, at, wall
from tests.fakes import HAND_OFF
from tests.fixtures import set_contact, take_turn, with_mail

HOURS = Hours(time_zone=LJUBLJANA, week={"mon-fri": "8:00-16:00"}, languages={"pl": {"week": {"sat": "9:00-12:00"}}})


@pytest.fixture
def settings(settings):
    """With hours; and mail goes out, else nobody is asked for an address."""
    return with_mail(settings).model_copy(update={"desk": Desk(hours=HOURS, undo_seconds=0)})


@pytest.fixture
def hand_off(open_conversation, services, run_turns, store):
    """Somebody asks for a person at that time in Ljubljana; gives the conversation as their browser has it."""

    def hand_off(time: str, language: str = "en", email: str | None = None):
        store.clock.now = at(time)
        services.bot.says = HAND_OFF
        visitor = open_conversation(language=language)
        if email:
            set_contact(store, visitor.id, email=email)
        visitor.say("A person, please.")
        run_turns()
        return visitor.log()

    return hand_off


def be_there(store, agent, time: str) -> None:
    store.clock.now = at(time)
    renew_presence(store, agent.id)


@pytest.mark.parametrize(
    ("language", "when"),
    [
        ("en", "We'll be back tomorrow, Tuesday, at 8:00,"),
        ("sl", "Spet bomo dosegljivi jutri, v torek, ob 8.00 in"),
        ("hr", "Ponovno smo dostupni sutra, u utorak, u 8:00 i"),
        ("pl", "Wracamy w sobotę, 28 listopada, o 9:00 i"),
    ],
)
def test_after_hours_a_customer_is_told_when_and_asked_for_an_address(hand_off, store, language, when):
    log = hand_off("2026-11-23 17:00", language)
    said = log["messages"][-1]
    assert said["text"].startswith(notice("handoff_requested", language)) and when in said["text"]
    assert said["text"].endswith(notice("ask_email", language)) and said["html"].count("<p>") == 3
    assert log["conversation"]["wait"]["ticket"] and log["conversation"]["wait"]["opens_at"]
    assert [h.after_hours for h in list_queue(store)] == [True]


def test_opens_at_is_the_moment_in_utc(hand_off):
    assert hand_off("2026-11-23 17:00")["conversation"]["wait"]["opens_at"] == "2026-11-24T07:00:00.000Z"


def test_within_hours_with_somebody_there_it_is_no_ticket(hand_off, store, ana):
    be_there(store, ana, "2026-11-23 10:00")
    log = hand_off("2026-11-23 10:01")
    assert log["messages"][-1]["text"] == notice("handoff_requested", "en")
    wait = {"place": 1, "estimate": None, "ticket": False, "asks_email": False, "opens_at": None}
    assert log["conversation"]["wait"] == wait


def test_within_hours_with_nobody_there_no_time_is_promised(hand_off, store, ana):
    be_there(store, ana, "2026-11-23 10:00")
    log = hand_off("2026-11-23 10:03")
    assert notice("away", "en") in log["messages"][-1]["text"] and log["conversation"]["wait"]["opens_at"] is None
    assert log["conversation"]["wait"]["ticket"]


def test_who_is_away_is_not_there(hand_off, store, ana):
    be_there(store, ana, "2026-11-23 10:00")
    set_available(store, ana.id, False)
    assert hand_off("2026-11-23 10:01")["conversation"]["wait"]["ticket"]


def test_after_hours_it_is_a_ticket_though_somebody_works_late(hand_off, store, ana):
    be_there(store, ana, "2026-11-23 17:00")
    assert hand_off("2026-11-23 17:01")["conversation"]["wait"]["ticket"]


def test_an_address_we_have_is_not_asked_for(hand_off):
    log = hand_off("2026-11-23 17:00", email="ana@smreka.example")
    assert notice("ask_email", "en") not in log["messages"][-1]["text"]
    assert not log["conversation"]["wait"]["asks_email"]


def test_during_the_wait_nothing_is_lost_and_nobody_answers_in_between(hand_off, open_conversation, services, store):
    hand_off("2026-11-23 17:00")
    calls = len(services.bot.calls)
    visitor = open_conversation()
    services.bot.says = HAND_OFF
    visitor.say("Person!", "c1")
    services.turns.run(take_turn(store))
    for number in range(5):
        assert visitor.say(f"more {number}", f"m{number}").status_code == 201
    assert [m["text"] for m in visitor.messages()][-5:] == [f"more {number}" for number in range(5)]
    assert len(services.bot.calls) == calls + 1 and visitor.log()["conversation"]["wait"]["place"] == 2


def test_a_business_that_never_opens_promises_no_time(store, settings):
    days = [f"{month:02}-{day:02}" for month in range(1, 13) for day in range(1, 29)]
    hours = Hours(time_zone=LJUBLJANA, week={"mon": "8:00-8:01"}, holidays=[*days, "01-29", "01-30", "01-31"])
    closed = settings.model_copy(update={"desk": Desk(hours=hours)})
    store.clock.now = at("2026-11-23 17:00")
    absence = find_absence(store, closed, "en")
    assert absence is not None and (absence.opens_at is None or wall(absence.opens_at) > "2026-11-23")


def test_every_language_has_the_new_notices():
    for key in ("away", "ask_email", "still_waiting"):
        assert len({notice(key, language) for language in LANGUAGES}) == len(LANGUAGES)
