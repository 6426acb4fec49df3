"""The time until an answer is due: how that is shown, what agents set, and what falls due while nobody is there."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from odziv.cases.overdue import TEXT, list_overdue, mark_told
from odziv.cases.queue_monitor import GRACE_MS, QueueMonitor
from odziv.cases.targets import find_target, priority_of
from odziv.settings import Desk, Targets
from odziv.settings.hours import Hours
from odziv.store.agents.availability import renew_presence
from odziv.store.conversations.messages import add_customer_message, list_messages
from odziv.store.handoffs.handoff import find_handoff, list_queue
from odziv.store.schema import handoffs
from tests.chat.waiting.test_hours import LJUBLJANA, at, wall
from tests.desk.conftest import hand_off

HOURS = Hours(time_zone=LJUBLJANA, week={"mon-fri": "8:00-16:00"})


@pytest.fixture
def store(store):
    """The day begins before anybody has signed in, whatever the day is outside."""
    store.clock.now = at("2026-11-23 07:00")
    return store


@pytest.fixture
def settings(settings):
    return settings.model_copy(update={"desk": Desk(hours=HOURS, undo_seconds=0)})


def came(store, time: str, reason: str = "requested", **values):
    """A handoff that came at that time in Ljubljana."""
    waiting = hand_off(store, "Halo?", reason=reason)
    with store.write() as connection:
        this = handoffs.c.id == waiting.handoff
        connection.execute(update(handoffs).where(this).values(created_at=at(time), **values))
    return find_handoff(store, waiting.handoff)


@pytest.mark.parametrize(
    ("time", "reason", "values", "due", "soon"),
    [
        ("2026-11-23 09:00", "requested", {}, "2026-11-23 10:00", "2026-11-23 09:45"),
        ("2026-11-23 15:30", "requested", {}, "2026-11-24 08:30", "2026-11-24 08:15"),
        ("2026-11-27 20:00", "requested", {}, "2026-11-30 09:00", "2026-11-30 08:45"),
        ("2026-11-23 09:00", "complaint", {}, "2026-11-23 09:30", "2026-11-23 09:22"),
        ("2026-11-23 09:00", "requested", {"priority": "urgent"}, "2026-11-23 09:15", "2026-11-23 09:11"),
        ("2026-11-23 09:00", "complaint", {"priority": "normal"}, "2026-11-23 10:00", "2026-11-23 09:45"),
        (
            "2026-11-23 09:00",
            "requested",
            {"target_at": at("2026-11-23 13:00")},
            "2026-11-23 13:00",
            "2026-11-23 12:00",
        ),
    ],
)
def test_the_first_reply_is_due_in_business_minutes_by_priority(store, settings, time, reason, values, due, soon):
    found = find_target(came(store, time, reason, **values), settings)
    assert (wall(found.at), wall(found.soon_at)) == (due, soon)


def test_soon_is_the_last_quarter_and_missed_is_from_the_moment_on(store, settings):
    due = find_target(came(store, "2026-11-23 09:00"), settings)
    times = ("09:44", "09:45", "09:59", "10:00")
    assert [due.level(at(f"2026-11-23 {time}")) for time in times] == ["calm", "soon", "soon", "missed"]


def test_who_was_raised_is_high_and_an_agent_has_the_last_word(store, settings):
    raised = came(store, "2026-11-23 09:00", target_at=at("2026-11-23 10:00"))
    assert (raised.raised_by, priority_of(raised)) == ("promise", "high")
    assert priority_of(came(store, "2026-11-23 09:00", "complaint", priority="normal")) == "normal"


def test_the_next_reply_is_due_after_the_customer_s_first_word(store, settings, ana):
    handoff = came(store, "2026-11-23 09:00")
    store.clock.now = at("2026-11-23 09:10")
    path = f"/desk/conversations/{handoff.conversation_id}"
    ana.post(f"/desk/handoffs/{handoff.id}/claim")
    ana.post(f"{path}/messages", text="note", kind="note", client_id="n")
    assert find_handoff(store, handoff.id).replied_at is None
    ana.post(f"{path}/messages", text="Dober dan!", client_id="a")
    assert find_target(find_handoff(store, handoff.id), settings) is None
    for minute in (20, 50):
        store.clock.now = at(f"2026-11-23 09:{minute}")
        add_customer_message(store, handoff.conversation_id, f"c{minute}", "Kdaj?", "<p>Kdaj?</p>")
    assert wall(find_target(find_handoff(store, handoff.id), settings).at) == "2026-11-23 11:20"
    store.clock.now = at("2026-11-23 10:00")
    ana.post(f"{path}/messages", text="Jutri.", client_id="b")
    again = find_handoff(store, handoff.id)
    assert find_target(again, settings) is None and wall(again.replied_at) == "2026-11-23 09:10"


def test_what_an_agent_put_off_is_not_marked_until_it_is_back(store, settings, ana):
    handoff = came(store, "2026-11-23 09:00", status="snoozed", snoozed_until=at("2026-11-23 15:00"))
    assert find_target(handoff, settings) is None
    add_customer_message(store, handoff.conversation_id, "c9", "Kdaj?", "<p>Kdaj?</p>")
    assert find_target(find_handoff(store, handoff.id), settings)


def test_no_target_no_mark_and_nothing_when_it_is_over(store, settings):
    none = {"normal": 0, "high": 0, "urgent": 0}
    desk = Desk(hours=HOURS, undo_seconds=0, promises=Targets(first_reply=none, next_reply=none))
    handoff = came(store, "2026-11-23 09:00")
    assert find_target(handoff, settings.model_copy(update={"desk": desk})) is None
    assert find_target(came(store, "2026-11-23 09:00", status="closed"), settings) is None


@pytest.mark.parametrize(
    ("time", "word"), [("09:10", "Answer due by"), ("09:50", "Due soon, by"), ("10:01", "Overdue, was due")]
)
@pytest.mark.slow
def test_the_queue_and_the_conversation_say_it_in_words(store, ana, time, word):
    handoff = came(store, "2026-11-23 09:00", after_hours=True)
    store.clock.now = at(f"2026-11-23 {time}")
    for path in ("/desk/queue", "/desk/list/queue", f"/desk/conversations/{handoff.conversation_id}"):
        page = ana.get(path).get_data(as_text=True)
        assert word in page and "Ticket" in page and "2026-11-23T09:00:00Z" in page, path


def test_any_agent_sets_the_priority_and_the_order_of_the_queue_stays(store, ana):
    first, second = came(store, "2026-11-23 09:00"), came(store, "2026-11-23 09:01")
    assert ana.post(f"/desk/handoffs/{second.id}/priority", priority="urgent").status_code == 303
    assert [h.id for h in list_queue(store)] == [first.id, second.id]
    assert [h.priority for h in list_queue(store)] == [None, "urgent"]
    said = list_messages(store, second.conversation_id, internal=True)[-1]
    assert said.internal and said.text == "Ana Kovač set the priority to urgent."
    assert 'value="urgent" aria-pressed="true"' in ana.get(f"/desk/conversations/{second.conversation_id}").get_data(
        as_text=True
    )


@pytest.mark.parametrize("priority", ["", "URGENT", "'; DROP TABLE handoffs", "<b>"])
def test_there_are_three_priorities(store, ana, priority):
    handoff = came(store, "2026-11-23 09:00")
    assert ana.post(f"/desk/handoffs/{handoff.id}/priority", priority=priority).status_code == 400
    assert find_handoff(store, handoff.id).priority is None


def test_what_is_over_or_unknown_has_no_priority(store, ana, client):
    over = came(store, "2026-11-23 09:00", status="closed")
    assert ana.post(f"/desk/handoffs/{over.id}/priority", priority="high").status_code == 409
    assert ana.post("/desk/handoffs/999999/priority", priority="high").status_code == 409
    assert client.post(f"/desk/handoffs/{over.id}/priority", data={"priority": "high"}).status_code in {302, 303, 400}


def test_what_falls_due_while_nobody_is_there_is_noted_once(store, settings, ana):
    late, early = came(store, "2026-11-23 09:00"), came(store, "2026-11-23 09:30")
    store.clock.now = at("2026-11-23 10:00")
    monitor = QueueMonitor(store, settings)
    monitor._began -= GRACE_MS
    for _ in range(3):
        monitor.look()
    told = {h.id: h.told_at for h in list_queue(store)}
    assert told == {late.id: at("2026-11-23 10:00"), early.id: None}
    said = [(m.text, m.internal) for m in list_messages(store, late.conversation_id, internal=True)]
    assert said.count((TEXT, True)) == 1
    assert "Fell due while nobody was here" in ana.get("/desk/queue").get_data(as_text=True)


def test_while_somebody_is_there_nothing_is_overdue_and_two_tellers_tell_once(store, settings, ana):
    handoff = came(store, "2026-11-23 09:00")
    store.clock.now = at("2026-11-23 12:00")
    assert [h.id for h in list_overdue(store, settings)] == [handoff.id]
    renew_presence(store, ana.agent.id)
    assert list_overdue(store, settings) == []
    assert [mark_told(store, handoff), mark_told(store, handoff)] == [True, False]


def test_nights_make_nothing_overdue(store, settings):
    came(store, "2026-11-27 20:00")
    store.clock.now = at("2026-11-30 08:59")
    assert list_overdue(store, settings) == []
    store.clock.now = at("2026-11-30 09:00")
    assert len(list_overdue(store, settings)) == 1
