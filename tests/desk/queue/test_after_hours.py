"""Who waits when the last agent leaves, or the hours end, is told so once."""

from __future__ import annotations

import pytest

from odziv.cases.queue_monitor import GRACE_MS, QueueMonitor
from odziv.settings import Desk
from odziv.settings.hours import Hours
from odziv.store.conversations.messages import list_messages
from odziv.store.handoffs.handoff import list_queue
from odziv.texts.notices import notice
from tests.chat.waiting.test_hours import LJUBLJANA, at
from tests.desk.conftest import hand_off
from tests.fixtures import set_contact, with_mail

OFFICE = Desk(hours=Hours(time_zone=LJUBLJANA, week={"mon-fri": "8:00-16:00"}), undo_seconds=0)


@pytest.fixture
def settings(settings):
    """Mail goes out: else nobody is asked for an address."""
    return with_mail(settings)


@pytest.fixture
def store(store):
    """With what the mail service tells it at its start."""
    store.mail_domain = "smreka.example"
    return store


def monitor_at(store, settings, time: str, grace: int = GRACE_MS) -> QueueMonitor:
    store.clock.now = at(time)
    monitor = QueueMonitor(store, settings.model_copy(update={"desk": OFFICE}))
    monitor._began -= grace
    return monitor


def last_said(store, waiting) -> str:
    return list_messages(store, waiting.id)[-1].text


def test_when_the_hours_end_those_who_wait_are_told_once(store, settings):
    known, first = hand_off(store, "Halo?"), hand_off(store, "Hallo?", "en")
    set_contact(store, known.id, email="ana@smreka.example")
    monitor = monitor_at(store, settings, "2026-11-27 16:00")
    for _ in range(3):
        monitor.look()
    assert [(h.after_hours, h.asks_email) for h in list_queue(store)] == [(True, False), (True, True)]
    assert "v ponedeljek, 30. novembra, ob 8.00" in last_said(store, known)
    assert notice("ask_email", "sl") not in last_said(store, known)
    said = [m.text for m in list_messages(store, first.id) if m.text.startswith(notice("still_waiting", "en"))]
    assert len(said) == 1 and said[0].endswith(notice("ask_email", "en"))


def test_while_somebody_is_there_within_hours_nothing_happens(store, settings, sign_in):
    waiting = hand_off(store, "Halo?")
    monitor = monitor_at(store, settings, "2026-11-27 15:59")
    sign_in("Ana Kovač")  # at that time: a session of another day may be over
    monitor.look()
    assert not list_queue(store)[0].after_hours and last_said(store, waiting) == "Počakajte, prosim."
    store.clock.now = at("2026-11-27 15:59") + 121_000 - 60_000 * 2
    monitor.look()
    assert not list_queue(store)[0].after_hours


def test_when_the_last_agent_leaves_no_time_is_promised(store, settings, ana):
    waiting = hand_off(store, "Halo?")
    monitor = monitor_at(store, settings, "2026-11-27 10:00")
    ana.get("/desk/alive")
    ana.post("/desk/sign-out")
    monitor.look()
    assert notice("away", "sl") in last_said(store, waiting) and list_queue(store)[0].after_hours


def test_just_after_a_start_browsers_get_the_time_to_come_back(store, settings):
    hand_off(store, "Halo?")
    monitor_at(store, settings, "2026-11-27 10:00", grace=0).look()
    assert not list_queue(store)[0].after_hours


def test_somebody_in_danger_is_told_the_emergency_number_again_and_asked_for_nothing(store, settings):
    waiting = hand_off(store, "I want to die", "en", reason="danger")
    monitor_at(store, settings, "2026-11-27 16:00").look()
    said = last_said(store, waiting)
    assert said.startswith(notice("danger", "en")) and notice("ask_email", "en") not in said
    assert [(h.after_hours, h.asks_email, h.priority) for h in list_queue(store)] == [(True, False, "urgent")]


def test_after_an_agent_passed_it_on_the_customer_is_told_again_that_nobody_is_there(store, settings, sign_in):
    waiting = hand_off(store, "Halo?")
    monitor = monitor_at(store, settings, "2026-11-27 16:00")
    monitor.look()
    store.clock.now = at("2026-11-30 09:00")
    ana = sign_in("Ana Kovač")
    ana.post(f"/desk/handoffs/{waiting.handoff}/claim")
    ana.post(f"{waiting.path}/transfer", to="queue", language="sl")
    assert list_queue(store)[0].conversation_id == waiting.id
    store.clock.now = at("2026-11-30 16:01")
    for _ in range(2):
        monitor.look()
    said = [m.text for m in list_messages(store, waiting.id) if m.text.startswith(notice("still_waiting", "sl"))]
    assert len(said) == 2 and "v ponedeljek, 30. novembra" in said[0] and "jutri, v torek" in said[1]
