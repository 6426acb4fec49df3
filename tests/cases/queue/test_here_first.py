"""Live chats first: who has gone stands behind who is there, and behind nobody for ever."""

from __future__ import annotations

import random
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from odziv.cases.conversations.claim import claim_next
from odziv.cases.queue import presence
from odziv.cases.queue.presence import DEFERRED_MINUTES, GONE_MS, note_presence
from odziv.cases.queue_monitor import QueueMonitor
from odziv.cases.waiting import wait_json
from odziv.settings import Desk
from odziv.settings.hours import Hours
from odziv.store.agents.availability import renew_presence, set_skills
from odziv.store.conversations.conversation import find_conversation
from odziv.store.handoffs.handoff import MINUTE_MS, list_inbox, list_queue
from odziv.store.handoffs.queue_view import list_waiting
from odziv.store.handoffs.reports import list_handoffs_between
from odziv.store.handoffs.workload import measure_workload
from odziv.store.schema import conversations, handoffs
from tests.cases.conftest import hand_off

HOUR_MS = 60 * MINUTE_MS
LJUBLJANA = ZoneInfo("Europe/Ljubljana")


class Customers:
    """Who comes when, and whose page is there."""

    def __init__(self, store, settings) -> None:
        self.store, self.settings = store, settings
        self.seen: dict[str, int] = {}
        self.began = store.clock()

    def come(self, **values) -> str:
        """Somebody waits, and stays."""
        conversation_id = hand_off(self.store)
        if "channel" in values:
            self._set(conversations, conversations.c.id == conversation_id, channel=values.pop("channel"))
        self._set(handoffs, handoffs.c.conversation_id == conversation_id, **values)
        self.seen[conversation_id] = self.store.clock()
        return conversation_id

    def _set(self, table, which, **values) -> None:
        if values:
            with self.store.write() as connection:
                connection.execute(update(table).where(which).values(**values))

    def pass_minutes(self, minutes: float, *gone: str) -> None:
        """The pages of all but `gone` stay open."""
        self.store.clock.advance(round(minutes * MINUTE_MS))
        for conversation_id in self.seen.keys() - set(gone):
            self.seen[conversation_id] = self.store.clock()

    def look(self) -> list[str]:
        """The order after the monitor has looked."""
        note_presence(self.store, self.settings, lambda conversation_id: self.seen.get(conversation_id, 0), self.began)
        return [handoff.conversation_id for handoff in list_queue(self.store)]


@pytest.fixture
def customers(store, settings) -> Customers:
    return Customers(store, settings)


def test_who_is_there_comes_before_who_has_gone_and_back_they_have_their_place_again(customers):
    first = customers.come()
    customers.pass_minutes(1)
    second = customers.come()
    assert customers.look() == [first, second]
    customers.pass_minutes(GONE_MS / MINUTE_MS, first)
    assert customers.look() == [second, first]
    customers.pass_minutes(0)
    assert customers.look() == [first, second]


def test_a_page_that_is_away_for_less_than_five_minutes_costs_nothing(customers):
    first, second = customers.come(), customers.come()
    customers.pass_minutes(GONE_MS / MINUTE_MS - 0.1, first)
    assert customers.look() == [first, second]


def test_a_mail_stands_behind_a_chat_from_the_beginning(customers):
    mail = customers.come(channel="mail")
    del customers.seen[mail]
    chat = customers.come()
    assert customers.look() == [chat, mail]


def test_after_a_start_nobody_counts_as_gone_before_their_page_could_come_back(customers, store):
    first, second = customers.come(), customers.come()
    store.clock.advance(HOUR_MS)
    customers.began = store.clock()
    assert customers.look() == [first, second]
    customers.seen = {second: store.clock() + GONE_MS}
    store.clock.advance(GONE_MS)
    assert customers.look() == [second, first]
    customers.began = store.clock()  # who had gone before a start hasn't come back by it
    assert customers.look() == [second, first]


@pytest.mark.parametrize(("minutes", "is_first"), [(DEFERRED_MINUTES - 1, False), (DEFERRED_MINUTES + 1, True)])
def test_what_has_waited_long_enough_comes_before_a_fresh_chat(customers, minutes, is_first):
    mail = customers.come(channel="mail")
    del customers.seen[mail]
    customers.pass_minutes(minutes)
    chat = customers.come()
    assert customers.look() == ([mail, chat] if is_first else [chat, mail])


def test_with_a_chat_every_minute_a_ticket_is_reached(customers, store, settings, ana):
    """Two chats come while the one agent answers one: without aging the ticket would wait for ever."""
    pause = 20
    ticket = customers.come(channel="mail")
    del customers.seen[ticket]
    renew_presence(store, ana.id)
    taken = []
    for _ in range(DEFERRED_MINUTES // 5):
        customers.come()
        customers.come()
        customers.pass_minutes(pause, ticket)
        customers.look()
        taken.append(claim_next(store, settings, ana).conversation_id)
        if taken[-1] == ticket:
            break
    came_before = 2 * DEFERRED_MINUTES // pause
    assert taken[-1] == ticket and came_before <= len(taken) <= came_before + 2


def test_hours_count_as_the_business_has_them(customers, store, settings):
    hours = Hours.model_validate({"time_zone": "Europe/Ljubljana", "week": {"mon-fri": "8:00-16:00"}})
    customers.settings = settings.model_copy(update={"desk": Desk(hours=hours)})

    def at(text: str) -> int:
        return int(datetime.fromisoformat(text).replace(tzinfo=LJUBLJANA).timestamp() * 1000)

    store.clock.now = customers.began = at("2026-11-27 15:00")  # a Friday
    late = customers.come()
    store.clock.now = at("2026-11-28 20:00")
    weekend = customers.come()
    customers.seen.clear()
    store.clock.now = at("2026-11-30 10:59")
    before = customers.come()
    store.clock.now = at("2026-11-30 12:01")
    after = customers.come()
    customers.seen[before] = store.clock()
    assert customers.look() == [before, late, weekend, after]  # due 11:00 and 12:00


def test_danger_and_what_was_promised_stay_in_front_though_their_customers_have_gone(customers, store):
    plain = customers.come()
    promised = customers.come(target_at=store.clock() + 30 * MINUTE_MS)
    danger = customers.come(reason="danger")
    complaint = customers.come(reason="complaint")
    customers.pass_minutes(6, promised, danger, complaint)
    assert customers.look() == [danger, promised, plain, complaint]
    raised = {handoff.conversation_id: handoff.raised_by for handoff in list_queue(store)}
    assert raised == {plain: None, promised: "promise", danger: "danger", complaint: "complaint"}


def test_of_very_many_some_change_at_a_time(customers, store, monkeypatch):
    monkeypatch.setattr(presence, "MOST_AT_ONCE", 2)
    gone = [customers.come() for _ in range(5)]
    customers.pass_minutes(6, *gone)
    changed = []
    for _ in range(4):
        customers.look()
        changed.append(sum(not handoff.is_here for handoff in list_queue(store)))
    assert changed == [2, 4, 5, 5]


def test_what_raised_somebody_counts_in_the_report_whether_they_are_there_or_not(customers, store):
    plain, complaint = customers.come(), customers.come(reason="complaint")
    promised = customers.come(target_at=store.clock() + 30 * MINUTE_MS)
    late = customers.come(target_at=store.clock() + 180 * MINUTE_MS)
    for gone in ((), (plain, complaint, promised, late)):
        customers.pass_minutes(6, *gone)
        customers.look()
        rows = list_handoffs_between(store, 0, store.clock())
        assert {row.conversation_id: bool(row.raised) for row in rows} == {
            plain: False, complaint: True, promised: True, late: False
        }  # fmt: skip
        raised = {handoff.conversation_id: handoff.raised_by for handoff in list_queue(store)}
        assert raised == {plain: None, complaint: "complaint", promised: "promise", late: None}


def test_everybody_who_takes_or_is_told_has_the_same_order(customers, store, settings, ana):
    renew_presence(store, ana.id)
    chance = random.Random(7)
    everybody = []
    for _ in range(30):
        everybody.append(customers.come(reason=chance.choice(["requested", "complaint", "unanswered"])))
        customers.pass_minutes(chance.randrange(9), *(each for each in everybody if chance.random() < 0.4))
        renew_presence(store, ana.id)
    order = customers.look()
    assert [waiting.conversation_id for waiting in list_waiting(store)] == order
    places = [wait_json(store, find_conversation(store, each), settings)["place"] for each in order]
    assert places == list(range(1, 31))
    taken = [claim_next(store, settings, ana).conversation_id for _ in order]
    assert taken == order != everybody


def test_by_itself_too_the_live_chat_is_given_first(customers, store, settings, ana):
    auto = settings.model_copy(update={"desk": Desk(assignment="auto", agent_capacity=1)})
    monitor = QueueMonitor(store, auto, lambda conversation_id: customers.seen.get(conversation_id, 0))
    monitor._began -= HOUR_MS
    gone = customers.come()
    customers.pass_minutes(30, gone)
    here = customers.come()
    renew_presence(store, ana.id)
    monitor.look()
    assert [handoff.conversation_id for handoff in list_inbox(store, ana.id)] == [here]
    assert not list_queue(store)[0].is_here


def test_a_new_order_is_shown_to_those_who_look_at_the_list(customers, store, ana):
    gone = customers.come()
    before = measure_workload(store, ana.id)
    customers.pass_minutes(6, gone)
    customers.look()
    assert measure_workload(store, ana.id).queue_mark != before.queue_mark
    settled = measure_workload(store, ana.id)
    customers.look()
    assert measure_workload(store, ana.id) == settled


def come_in(customers: Customers, *languages: str) -> list[str]:
    return [customers.come(language=language) for language in languages]


def place_of(store, settings, conversation_id: str) -> int:
    return wait_json(store, find_conversation(store, conversation_id), settings)["place"]


@pytest.mark.parametrize(
    ("skills", "place"),
    [
        ([("sl", "hr"), ("pl",)], 1),  # only who takes Polish counts
        ([("sl", "pl"), ("sl",)], 4),
        ([("pl", "en"), ("sl",)], 2),
        ([("sl",)], 5),  # nobody has it: whoever comes to it took all others first
        ([], 5),  # nobody is there at all
    ],
)
def test_the_place_counts_whom_somebody_who_can_take_this_one_takes_first(
    customers, store, settings, ana, marek, skills, place
):
    others = come_in(customers, "sl", "sl", "sl", "en")
    mine = customers.come(language="pl")
    for agent, languages in zip((ana, marek), skills, strict=False):
        renew_presence(store, agent.id)
        set_skills(store, agent.id, capacity=None, languages=languages, topics=())
    assert place_of(store, settings, mine) == place
    assert others == [handoff.conversation_id for handoff in list_queue(store)][:4]


def test_a_topic_of_a_colleague_is_not_counted_before_mine(customers, store, settings, ana, marek):
    for agent, topics in ((ana, ("orders",)), (marek, ("delivery",))):
        renew_presence(store, agent.id)
        set_skills(store, agent.id, capacity=None, languages=(), topics=topics)
    customers.come(topic="orders")
    customers.come(topic=None)
    assert place_of(store, settings, customers.come(topic="delivery")) == 2
