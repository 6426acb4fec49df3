"""Presence, skills and capacity as the store keeps them."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from odziv.store import Store
from odziv.store.agents.agent import set_disabled
from odziv.store.agents.availability import (
    ONLINE_MS,
    RENEW_MS,
    end_presence,
    find_availability,
    is_available,
    list_availability,
    list_online,
    renew_presence,
    set_available,
    set_skills,
)
from odziv.store.handoffs.handoff import claim, list_queue
from tests.store.handoffs.test_handoffs import NOTICE, hand_off

NOW = 1_800_000_000_000


@pytest.fixture(autouse=True)
def at_noon(store: Store) -> None:
    store.clock.now = NOW


def test_an_agent_nobody_knows_anything_of_is_offline_and_available(store: Store, ana):
    found = find_availability(store, ana.id)
    assert (found.name, found.available, found.capacity, found.languages, found.topics) == ("Ana", True, None, (), ())
    assert (found.open, found.seen_at, found.is_online(NOW)) == (0, 0, False)
    assert is_available(store, ana.id) and list_online(store) == set()
    assert find_availability(store, 4711) is None


def test_a_sign_of_life_lasts_two_minutes(store: Store, ana, marek):
    renew_presence(store, ana.id)
    assert list_online(store) == {ana.id}
    store.clock.now = NOW + ONLINE_MS
    assert list_online(store) == set()
    assert not find_availability(store, ana.id).is_online(store.clock())


def test_signs_close_together_are_written_once(store: Store, ana):
    for after, seen in ((0, 0), (RENEW_MS - 1, 0), (RENEW_MS, RENEW_MS)):
        store.clock.now = NOW + after
        renew_presence(store, ana.id)
        assert find_availability(store, ana.id).seen_at == NOW + seen


def test_a_clock_that_was_set_back_is_believed(store: Store, ana):
    renew_presence(store, ana.id)
    store.clock.now = NOW - 3_600_000
    assert list_online(store) == set() and not find_availability(store, ana.id).is_online(store.clock())
    renew_presence(store, ana.id)
    assert find_availability(store, ana.id).seen_at == NOW - 3_600_000


def test_who_signed_out_or_is_disabled_is_not_online(store: Store, ana, marek):
    for agent in (ana, marek):
        renew_presence(store, agent.id)
    end_presence(store, ana.id)
    assert list_online(store) == {marek.id}
    set_disabled(store, marek.id, True)
    assert list_online(store) == set()
    assert not find_availability(store, marek.id).is_online(NOW)


def test_skills_availability_and_presence_are_kept_apart(store: Store, ana):
    set_skills(store, ana.id, capacity=3, languages=["sl", "hr"], topics=["orders"])
    set_available(store, ana.id, False)
    renew_presence(store, ana.id)
    found = find_availability(store, ana.id)
    assert (found.capacity, found.languages, found.topics) == (3, ("sl", "hr"), ("orders",))
    assert (found.available, found.seen_at) == (False, NOW) and not is_available(store, ana.id)
    set_skills(store, ana.id, capacity=None, languages=[], topics=[])
    found = find_availability(store, ana.id)
    assert (found.capacity, found.languages, found.topics, found.available) == (None, (), (), False)


def test_the_first_signs_of_life_may_come_at_once(store: Store, ana):
    start = threading.Barrier(8)

    def renew(_) -> None:
        start.wait()
        renew_presence(store, ana.id)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(renew, range(8)))
    assert list_online(store) == {ana.id}


def test_what_an_agent_has_is_counted(store: Store, ana, marek):
    hand_off(store)
    hand_off(store)
    claim(store, list_queue(store)[0].id, ana.id, NOTICE)
    assert {found.name: (found.open, found.last_given) for found in list_availability(store)} == {
        "Ana": (1, NOW),
        "Marek": (0, 0),
    }


def test_a_claim_within_a_capacity_needs_room_and_an_agent_who_is_available(store: Store, ana, marek):
    for _ in range(3):
        hand_off(store)
    first, second, third = [h.id for h in list_queue(store)]
    assert claim(store, first, ana.id, NOTICE, within=1).won
    lost = claim(store, second, ana.id, NOTICE, within=1)
    assert (lost.won, lost.agent_name) == (False, None)
    set_available(store, marek.id, False)
    assert not claim(store, second, marek.id, NOTICE, within=6).won
    set_available(store, marek.id, True)
    set_disabled(store, marek.id, True)
    assert not claim(store, second, marek.id, NOTICE, within=6).won
    assert claim(store, third, ana.id, NOTICE).won  # by hand, over capacity
    assert [h.id for h in list_queue(store)] == [second]
