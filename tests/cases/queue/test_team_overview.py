"""Who has what, since when, and how long customers wait: now, by agent and by queue, and today."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from odziv.cases.conversations.claim import claim_conversation
from odziv.cases.conversations.release import release_conversation
from odziv.cases.conversations.reply import draft_message, write_message
from odziv.cases.conversations.snooze import snooze
from odziv.cases.queue.overview import look_at_team
from odziv.store.agents.agent import set_disabled
from odziv.store.agents.availability import renew_presence
from odziv.store.conversations.messages import add_customer_message
from odziv.store.handoffs import in_hand
from odziv.store.handoffs.in_hand import list_in_hand, mark_in_hand
from tests.cases.conftest import hand_off

MINUTE = 60_000


def answer(store, agent, conversation_id: str, key: str = "k") -> None:
    write_message(store, agent, conversation_id, draft_message(store, agent, "Hello", key, internal=False))


@pytest.fixture
def look(store, settings):
    return lambda: look_at_team(store, settings)


def test_nobody_and_nothing(store, ana, look):
    seen = look()
    assert (seen.agents, seen.queues, seen.waiting, seen.waits_since) == ([], [], 0, None)
    assert (seen.today.came, seen.today.half) == (0, None)


def test_each_with_what_they_have_and_whose_customer_waits_longest_first(store, ana, marek, clock, look):
    first, second, third = (hand_off(store) for _ in range(3))
    begun = store.clock()
    for agent, conversation_id in ((marek, first), (ana, second), (ana, third)):
        claim_conversation(store, agent, conversation_id)
    answer(store, marek, first)
    clock.advance(MINUTE)
    add_customer_message(store, first, "more", "Halo?", "")
    seen = look()
    assert [agent.member.name for agent in seen.agents] == ["Ana", "Marek"]
    assert [(agent.waiting, agent.waits_since) for agent in seen.agents] == [(2, begun), (1, begun + MINUTE)]
    assert seen.waits_since == begun and seen.waiting == 0
    answer(store, ana, second), answer(store, ana, third)
    seen = look()
    assert [agent.member.name for agent in seen.agents] == ["Marek", "Ana"] and seen.agents[1].waits_since is None


def test_queues_by_language_and_topic_the_longest_first(store, clock, look):
    first = hand_off(store)
    clock.advance(MINUTE)
    hand_off(store)
    [queue] = look().queues
    assert (queue.language, queue.topic) == ("en", None)
    assert [one.conversation_id for one in queue.waiting][0] == first and look().waiting == 2


def test_what_is_snoozed_waits_for_nobody(store, ana, taken, clock, look):
    snooze(store, ana, taken, datetime.fromtimestamp(store.clock() / 1000 + 7200, UTC))
    [agent] = look().agents
    assert (agent.has, [one.conversation_id for one in agent.snoozed], agent.waits_since) == ([], [taken], None)


def test_today_counts_from_midnight_at_the_business(store, ana, look, clock):
    clock.now -= clock.now % (24 * 60 * MINUTE)  # midnight, UTC
    hand_off(store)  # yesterday, after the time below has passed
    clock.advance(48 * 60 * MINUTE)
    for minutes in (1, 3, 10):
        conversation_id = hand_off(store)
        claim_conversation(store, ana, conversation_id)
        clock.advance(minutes * MINUTE)
        answer(store, ana, conversation_id)
        release_conversation(store, ana, conversation_id, "resolved")
    today = look().today
    assert (today.came, today.answered, today.half, today.most) == (3, 3, 3 * MINUTE, 10 * MINUTE)
    assert [(agent.member.name, agent.resolved) for agent in look().agents] == [("Ana", 3)]


def test_who_is_there_is_shown_with_nothing_and_who_is_out_is_not(store, ana, marek, look):
    renew_presence(store, ana.id)
    [agent] = look().agents
    assert (agent.member.name, agent.is_online, agent.has) == ("Ana", True, [])
    set_disabled(store, ana.id, True)
    assert look().agents == []


def test_the_mark_differs_with_whatever_is_shown(store, ana, waiting):
    marks = [mark_in_hand(store)]
    claim_conversation(store, ana, waiting)
    marks.append(mark_in_hand(store))
    store.clock.advance(1)
    answer(store, ana, waiting)
    marks.append(mark_in_hand(store))
    store.clock.advance(1)
    add_customer_message(store, waiting, "more", "Halo?", "")
    marks.append(mark_in_hand(store))
    assert len(set(marks)) == 4


def test_a_flood_is_cut_off_at_its_end(store, clock, monkeypatch):
    monkeypatch.setattr(in_hand, "MOST_LISTED", 2)
    ids = []
    for _ in range(3):
        ids.append(hand_off(store))
        clock.advance(1)
    assert [one.conversation_id for one in list_in_hand(store)] == ids[:2]
