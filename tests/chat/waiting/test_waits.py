"""What those who wait are told: their place, and how long others waited."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from odziv.cases.queue.presence import GONE_MS
from odziv.cases.waiting import ENOUGH, LOOK_BACK_MS, MINUTE_MS, estimate
from odziv.store.agents.availability import ONLINE_MS, renew_presence
from odziv.store.conversations.messages import NewMessage
from odziv.store.handoffs.handoff import claim, list_queue
from odziv.store.schema import handoffs
from odziv.web import streams as stream
from tests.fakes import HAND_OFF

NOTICE = NewMessage("system", "Ana.", "<p>Ana.</p>")


@pytest.fixture
def wait(open_conversation, services, run_turns, store, ana):
    """Somebody who waits while Ana is there."""
    renew_presence(store, ana.id)

    def wait(language: str = "en"):
        services.bot.says = HAND_OFF
        visitor = open_conversation(language=language)
        visitor.say("A person, please.")
        run_turns()
        return visitor

    return wait


def waited(store, wait, ana, minutes: list[float], language: str = "en", **values) -> None:
    """So many waited that long before they were claimed."""
    for length in minutes:
        wait(language)
        newest = max(h.id for h in list_queue(store))
        claim(store, newest, ana.id, NOTICE)
        with store.write() as connection:
            times = {"created_at": handoffs.c.first_claimed_at - round(length * MINUTE_MS), **values}
            connection.execute(update(handoffs).where(handoffs.c.id == newest).values(**times))


def test_places_are_counted_and_move_up(wait, store, ana):
    visitors = [wait() for _ in range(3)]
    places = [v.log()["conversation"]["wait"]["place"] for v in visitors]
    claim(store, list_queue(store)[0].id, ana.id, NOTICE)
    after = [v.log()["conversation"]["wait"] for v in visitors]
    assert places == [1, 2, 3] and after[0] is None and [w["place"] for w in after[1:]] == [1, 2]


def test_a_complaint_stands_where_the_queue_has_it(wait, store):
    first, second = wait(), wait()
    with store.write() as connection:
        this = handoffs.c.conversation_id == second.id
        connection.execute(update(handoffs).where(this).values(reason="complaint"))
    assert [v.log()["conversation"]["wait"]["place"] for v in (first, second)] == [2, 1]


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        ([1, 2, 3, 4, 90], {"words": "few", "minutes": 5}),
        ([5, 6, 7, 8, 9], {"words": "about", "minutes": 10}),
        ([10] * 5, {"words": "about", "minutes": 10}),
        ([61, 60, 60, 59, 1], {"words": "about", "minutes": 60}),
        ([61] * 5, {"words": "over", "minutes": 60}),
        ([10] * 4, None),
    ],
)
@pytest.mark.slow
def test_the_estimate_is_the_middle_of_recent_waits_and_none_when_few(wait, store, ana, minutes, said):
    waited(store, wait, ana, minutes)
    assert wait().log()["conversation"]["wait"]["estimate"] == said


def test_other_languages_old_ones_and_those_of_after_hours_say_nothing(wait, store, ana):
    waited(store, wait, ana, [30] * ENOUGH, "sl")
    waited(store, wait, ana, [30] * ENOUGH, after_hours=True)
    waited(store, wait, ana, [30] * ENOUGH)
    assert estimate(store, "hr") is None and estimate(store, "en") == {"words": "about", "minutes": 30}
    store.clock.advance(LOOK_BACK_MS + MINUTE_MS)
    assert estimate(store, "en") is None


def test_the_first_claim_counts_not_a_later_one(wait, store, ana, marek):
    wait()
    handoff = list_queue(store)[0]
    claim(store, handoff.id, ana.id, NOTICE)
    with store.write() as connection:
        connection.execute(update(handoffs).values(status="waiting", agent_id=None, claimed_at=None))
    first, now = list_queue(store)[0].first_claimed_at, store.clock()
    store.clock.now = now + MINUTE_MS
    claim(store, handoff.id, marek.id, NOTICE)
    with store.read() as connection:
        row = connection.execute(handoffs.select()).first()
    assert first == row.first_claimed_at < row.claimed_at


def test_a_stream_tells_of_a_new_place_by_itself(wait, store, ana, monkeypatch):
    monkeypatch.setattr(stream, "HEARTBEAT_SECONDS", 0.05)
    wait()
    second = wait()
    events = second.stream(**{"Last-Event-ID": "9"})
    assert events.read().startswith("retry") and events.event()[1]["wait"]["place"] == 2
    claim(store, list_queue(store)[0].id, ana.id, NOTICE)
    pieces = (events.read() for _ in range(20))
    assert '"place": 1' in next(piece for piece in pieces if piece.startswith("event: status"))
    events.close()


def test_a_page_that_is_gone_costs_the_place_until_it_is_back(wait, services, store, clock):
    services.queue_monitor._began -= GONE_MS
    gone, here = wait(), wait()
    clock.advance(GONE_MS)
    here.log()
    services.queue_monitor.look()
    assert here.log()["conversation"]["wait"]["place"] == 1
    assert [h.is_here for h in list_queue(store)] == [True, False]
    gone.log()
    services.queue_monitor.look()
    assert [v.log()["conversation"]["wait"]["place"] for v in (gone, here)] == [1, 2]


def test_who_is_there_when_somebody_comes_reads_their_place_and_no_longer_that_nobody_is(wait, store, ana, clock):
    clock.advance(ONLINE_MS)
    early = wait()
    told = early.log()["conversation"]["wait"]
    renew_presence(store, ana.id)
    assert (told["ticket"], early.log()["conversation"]["wait"]["ticket"]) == (True, False)
