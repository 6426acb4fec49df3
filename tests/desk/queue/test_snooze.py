"""Snoozing at the desk: times in the agent's own zone, the list, and coming back."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from odziv.cases.conversations.snooze import choose_moment
from odziv.cases.queue_monitor import QueueMonitor
from odziv.cases.refused import Refused
from odziv.store.conversations.messages import list_messages
from odziv.store.handoffs.handoff import list_handoffs_of, list_snoozed
from tests.desk.conversation.test_conversation import text_of

HOME = ZoneInfo("Europe/Ljubljana")
NOW = datetime(2026, 3, 27, 14, 30, tzinfo=UTC)  # a Friday, 15:30 in Ljubljana; the clock changes on Sunday


@pytest.mark.parametrize(
    ("choice", "at", "expected"),
    [
        ("later", "", "2026-03-27T17:30"),
        ("tomorrow", "", "2026-03-28T08:00"),
        ("week", "", "2026-03-30T07:00"),  # in summer time already
        ("at", "2026-03-30T10:15", "2026-03-30T08:15"),
        ("at", "2026-03-29T02:30", "2026-03-29T01:30"),  # a time the changed clock leaves out
    ],
)
def test_times_are_the_agents_own(choice, at, expected):
    assert f"{choose_moment(choice, at, HOME, NOW).astimezone(UTC):%Y-%m-%dT%H:%M}" == expected


@pytest.mark.parametrize(
    "at",
    ["", "soon", "2026-03-27T15:30", "2020-01-01T00:00", "2027-12-01T00:00", "9999-12-31T23:59", "0001-01-01T00:00"],
)
def test_what_is_no_time_ahead_is_refused(at):
    with pytest.raises(Refused):
        choose_moment("at", at, HOME, NOW)


def test_the_holder_snoozes_and_everybody_sees_who_and_until_when(ana, marek, taken, store):
    response = ana.post(f"{taken.path}/snooze", until="tomorrow", zone="Europe/Warsaw")
    assert (response.status_code, response.location) == (303, "/desk/inbox")
    assert "Your inbox is empty." in text_of(ana.get("/desk/inbox"))
    for page in (marek.get("/desk/snoozed"), marek.get("/desk/list/snoozed"), marek.get(taken.path)):
        assert "Ana Kovač" in text_of(page) and "nooze" in text_of(page)
    entry = list_messages(store, taken.id, internal=True)[-1]
    assert entry.internal and "09:00 (Europe/Warsaw)" in entry.text
    assert 'id="snooze"' not in text_of(ana.get(taken.path))


def test_anybody_brings_it_back(ana, marek, taken, store):
    ana.post(f"{taken.path}/snooze", until="later")
    assert marek.post(f"{taken.path}/wake").status_code == 303
    assert list_snoozed(store) == [] and taken.id in text_of(ana.get("/desk/inbox"))
    assert marek.post(f"{taken.path}/wake").status_code == 409


def test_the_monitor_brings_it_back_at_its_time(ana, taken, store, settings):
    ana.post(f"{taken.path}/snooze", until="later")
    monitor = QueueMonitor(store, settings)
    monitor.look()
    assert len(list_snoozed(store)) == 1
    store.clock.advance(3 * 3_600_000 + 1000)
    monitor.look()
    monitor.look()
    assert [h.status for h in list_handoffs_of(store, taken.id)] == ["claimed"]
    assert [m.text for m in list_messages(store, taken.id, internal=True)].count("Snooze over.") == 1


def test_nobody_else_snoozes_it(marek, taken, store):
    assert marek.post(f"{taken.path}/snooze", until="later").status_code == 409
    assert list_snoozed(store) == []


@pytest.mark.parametrize("fields", [{}, {"until": "never"}, {"until": "at"}, {"until": "at", "at": "x" * 9000}])
def test_nonsense_is_refused(ana, taken, store, fields):
    assert ana.post(f"{taken.path}/snooze", zone="../../etc/passwd", **fields).status_code == 400
    assert list_snoozed(store) == []


@pytest.mark.parametrize("what", ["snooze", "wake"])
def test_an_unknown_conversation_is_not_found(ana, what):
    assert ana.post(f"/desk/conversations/{'0' * 24}/{what}", until="later").status_code == 404


def test_an_open_page_is_offered_what_fits_now(ana, taken):
    mark = text_of(ana.get(taken.path)).split('id="case" data-mark="')[1].split('"')[0]
    assert 'id="case"' not in text_of(ana.get(f"{taken.path}/log?after=0&case={mark}"))
    ana.post(f"{taken.path}/snooze", until="later")
    assert "Bring back now" in text_of(ana.get(f"{taken.path}/log?after=0&case={mark}"))
