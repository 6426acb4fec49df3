"""The order of the queue: fair, explained, and one winner for each who waits, however many agents there are."""

from __future__ import annotations

import itertools
import random
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, update

from odziv.store import Store
from odziv.store.conversations.conversation import create_conversation
from odziv.store.conversations.messages import NewMessage, add_customer_message, append_message, list_messages
from odziv.store.handoffs.handoff import MINUTE_MS, add_handoff, claim, list_queue, queue_with_messages
from odziv.store.handoffs.queue_view import list_waiting
from odziv.store.handoffs.targets import set_target
from odziv.store.schema import conversations, handoffs
from tests.fixtures import add_agent
from tests.store.handoffs.test_handoffs import NOTICE, hand_off

ENTRY = NewMessage("system", "promised", "", internal=True)
NOON = 1_800_000_000_000


def arrive(store: Store, minute: int, reason: str = "requested", target: int | None = None) -> int:
    """A handoff that came so many minutes after noon; returns its id."""
    conversation_id = hand_off(store)
    with store.write() as connection:
        values = {"created_at": NOON + minute * MINUTE_MS, "reason": reason}
        if target is not None:
            values["target_at"] = NOON + target * MINUTE_MS
        this = handoffs.c.conversation_id == conversation_id
        connection.execute(update(handoffs).where(this).values(**values))
        return connection.execute(select(handoffs.c.id).where(this)).scalar_one()


def order(store: Store) -> list[int]:
    return [handoff.id for handoff in list_queue(store)]


def test_comparable_cases_are_first_come_first_served(store: Store):
    late, early, middle = arrive(store, 9), arrive(store, 1), arrive(store, 5)
    assert order(store) == [early, middle, late]
    assert [w.id for w in list_waiting(store)] == [h.id for h, _ in queue_with_messages(store)] == order(store)


def test_of_two_who_came_at_the_same_moment_the_first_stored_is_first(store: Store):
    first, second = arrive(store, 5), arrive(store, 5)
    assert order(store) == [first, second]


def test_who_writes_more_overtakes_nobody(store: Store):
    arrivals = [arrive(store, minute) for minute in range(5)]
    chance = random.Random(4)
    for number in range(30):
        talker = chance.choice(list_queue(store)[1:])
        add_customer_message(store, talker.conversation_id, f"more-{number}", "hello?!", "")
        assert order(store) == arrivals


@pytest.mark.parametrize(("minute", "raised"), [(14, True), (16, False)])
def test_a_complaint_counts_as_a_quarter_of_an_hour_more(store: Store, minute, raised):
    plain = arrive(store, 0)
    complaint = arrive(store, minute, "complaint")
    assert order(store) == ([complaint, plain] if raised else [plain, complaint])
    shown = {h.id: h.raised_by for h in list_queue(store)}
    assert shown == {plain: None, complaint: "complaint"}


@pytest.mark.parametrize(("target", "raised"), [(119, True), (121, False)])
def test_a_target_counts_as_an_arrival_two_hours_before(store: Store, target, raised):
    plain = arrive(store, 0)
    with_target = arrive(store, 30, target=target)
    assert order(store) == ([with_target, plain] if raised else [plain, with_target])
    assert {h.id: h.raised_by for h in list_queue(store)}[with_target] == "promise"


def test_a_far_target_takes_no_place_away(store: Store):
    early = arrive(store, 0, target=600)
    later = arrive(store, 1)
    assert order(store) == [early, later]
    assert list_queue(store)[0].raised_by is None


def test_of_a_complaint_with_a_target_what_raises_more_is_named(store: Store):
    by_complaint = arrive(store, 0, "complaint", target=110)
    by_target = arrive(store, 0, "complaint", target=90)
    assert {h.id: h.raised_by for h in list_queue(store)} == {by_complaint: "complaint", by_target: "promise"}
    assert order(store) == [by_target, by_complaint]


def test_complaints_don_t_keep_anybody_waiting_for_ever(store: Store):
    plain = arrive(store, 0)
    complaints = [arrive(store, minute, "complaint") for minute in range(10, 40, 5)]
    assert order(store).index(plain) == len([m for m in range(10, 40, 5) if m < 15])
    assert set(order(store)) == {plain, *complaints}


def test_a_target_is_kept_in_log_and_queue_while_it_waits_only(store: Store, ana):
    handoff = arrive(store, 0)
    assert set_target(store, handoff, NOON, ENTRY).target_at == NOON
    claim(store, handoff, ana.id, NOTICE)
    assert set_target(store, handoff, NOON + 1, ENTRY) is None
    assert set_target(store, 4711, NOON, ENTRY) is None
    conversation_id = next(iter(queue_ids(store, handoff)))
    assert [m.text for m in list_messages(store, conversation_id, internal=True)].count("promised") == 1


def queue_ids(store: Store, handoff: int) -> list[str]:
    with store.read() as connection:
        return list(connection.execute(select(handoffs.c.conversation_id).where(handoffs.c.id == handoff)).scalars())


def test_the_topic_is_what_the_bot_considered_last(store: Store):
    conversation = create_conversation(store, "demo", "sl")
    with store.write() as connection:
        for article in ("orders/return", "delivery/cost"):
            considered = [{"article": article, "confidence": 0.6}, {"article": "shops/hours", "confidence": 0.1}]
            append_message(connection, conversation.id, NewMessage("bot", "hm", "", considered=considered))
        append_message(connection, conversation.id, NOTICE)
        add_handoff(connection, conversation.id, "requested", "sl")
    assert list_queue(store)[0].topic == "delivery"


@pytest.mark.parametrize("considered", [[], [{"article": None}], [{"article": ""}], [{}]])
def test_without_an_article_there_is_no_topic(store: Store, considered):
    conversation = create_conversation(store, "demo", "sl")
    with store.write() as connection:
        append_message(connection, conversation.id, NewMessage("bot", "hm", "", considered=considered))
        add_handoff(connection, conversation.id, "requested", "sl")
    assert list_queue(store)[0].topic is None


@pytest.mark.slow
def test_of_fifty_agents_after_a_thousand_handoffs_each_is_won_once_and_the_others_hear_by_whom(store: Store):
    people = [add_agent(store, f"Agent {chr(97 + n // 26)}{chr(97 + n % 26)}") for n in range(50)]
    wanted = fill_queue(store, 1000)
    start = threading.Barrier(50)

    def take_all(number: int):
        agent, mine = people[number], []
        start.wait()
        for handoff in wanted[number % 5 :: 5]:  # in the same order, so that ten agents meet at each
            mine.append((handoff, agent.name, claim(store, handoff, agent.id, NOTICE)))
        return mine

    with ThreadPoolExecutor(50) as threads:
        claims = list(itertools.chain.from_iterable(threads.map(take_all, range(50))))
    winners = {handoff: name for handoff, name, outcome in claims if outcome.won}
    assert len(claims) == 10_000 and sum(outcome.won for _, _, outcome in claims) == len(winners) == 1000
    assert all(outcome.agent_name == winners[handoff] for handoff, _, outcome in claims)
    with store.read() as connection:
        owners = connection.execute(select(conversations.c.epoch, conversations.c.status)).all()
    assert owners == [(1, "open")] * 1000
    assert list_queue(store) == []


def fill_queue(store: Store, count: int) -> list[int]:
    ids = [create_conversation(store, "demo", "sl").id for _ in range(count)]
    with store.write() as connection:
        for conversation_id in ids:
            add_handoff(connection, conversation_id, "requested", "sl")
            connection.execute(
                update(conversations).where(conversations.c.id == conversation_id).values(status="queued")
            )
    return [waiting.id for waiting in list_waiting(store)]
