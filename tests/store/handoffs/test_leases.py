"""Leases: who goes away loses what they have, once, to its old place; and passing on, whoever races."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from odziv.store import Store
from odziv.store.agents.agent import set_disabled
from odziv.store.agents.availability import renew_presence
from odziv.store.conversations.conversation import find_conversation
from odziv.store.conversations.messages import NewMessage, add_customer_message, list_messages
from odziv.store.handoffs.handoff import (
    add_agent_message,
    claim,
    find_handoff,
    list_handoffs_of,
    list_inbox,
    list_queue,
    release,
)
from odziv.store.handoffs.leases import NoSuchColleague, list_lapsed, take_back, transfer_to_agent, transfer_to_queue
from tests.fixtures import Clock, add_agent
from tests.store.handoffs.test_handoffs import NOTICE, hand_off

INTERNAL = NewMessage("system", "is gone", "", internal=True)
GENTLE = NewMessage("system", "a colleague will", "")
MINUTE = 60_000


@pytest.fixture
def taken(store: Store, clock: Clock, ana) -> str:
    """The first of three who wait, taken by Ana."""
    first, *_ = [hand_off(store, f"question {number}") for number in range(3)]
    renew_presence(store, ana.id)
    assert claim(store, list_queue(store)[0].id, ana.id, NOTICE).won
    return first


def note(agent, text: str = "mind the gap") -> NewMessage:
    return NewMessage("agent", text, f"<p>{text}</p>", agent_id=agent.id, internal=True)


def sweep(store: Store, minutes: int = 10) -> int:
    cutoff = store.clock() - minutes * MINUTE
    return sum(take_back(store, lapsed, cutoff, INTERNAL, GENTLE) for lapsed in list_lapsed(store, cutoff))


def test_a_sign_of_life_keeps_the_lease_and_none_ends_it(store: Store, clock: Clock, taken: str, ana):
    clock.now += 10 * MINUTE
    assert sweep(store) == 0
    renew_presence(store, ana.id)
    clock.now += 10 * MINUTE
    assert sweep(store) == 0
    clock.now += 1
    assert sweep(store) == 1


def test_what_is_lost_goes_back_to_its_old_place_once_with_one_entry_each(store: Store, clock: Clock, taken: str):
    before = find_conversation(store, taken).epoch
    clock.now += 11 * MINUTE
    assert sweep(store) == 1 and sweep(store) == 0
    conversation = find_conversation(store, taken)
    assert (conversation.status, conversation.agent_id, conversation.epoch) == ("queued", None, before + 1)
    assert list_queue(store)[0].conversation_id == taken
    assert [h.status for h in list_handoffs_of(store, taken)] == ["waiting"]
    everything = [m.text for m in list_messages(store, taken, internal=True)]
    assert everything.count("is gone") == everything.count("a colleague will") == 1
    assert "is gone" not in [m.text for m in list_messages(store, taken)]


def test_of_many_sweeps_at_once_one_takes_it_back(store: Store, clock: Clock, taken: str):
    clock.now += 11 * MINUTE
    cutoff = clock.now - 10 * MINUTE
    [lapsed] = list_lapsed(store, cutoff)
    start = threading.Barrier(8)

    def try_it(_) -> bool:
        start.wait()
        return take_back(store, lapsed, cutoff, INTERNAL)

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(try_it, range(8))) == 1


def test_an_agent_who_comes_back_before_the_sweep_writes_keeps_it(store: Store, clock: Clock, taken: str, ana):
    clock.now += 11 * MINUTE
    cutoff = clock.now - 10 * MINUTE
    [lapsed] = list_lapsed(store, cutoff)
    renew_presence(store, ana.id)
    assert not take_back(store, lapsed, cutoff, INTERNAL)
    assert find_conversation(store, taken).agent_id == ana.id


def test_what_was_resolved_meanwhile_stays_resolved(store: Store, clock: Clock, taken: str, ana):
    clock.now += 11 * MINUTE
    [lapsed] = list_lapsed(store, clock.now - 10 * MINUTE)
    release(store, taken, ana.id, "resolved", NOTICE)
    assert not take_back(store, lapsed, clock.now - 10 * MINUTE, INTERNAL)
    assert find_conversation(store, taken).status == "resolved"


def test_who_lost_it_answers_no_more_until_they_take_it_again(store: Store, clock: Clock, taken: str, ana):
    clock.now += 11 * MINUTE
    sweep(store)
    late = NewMessage("agent", "hello", "", agent_id=ana.id)
    assert add_agent_message(store, taken, ana.id, late) is None
    assert claim(store, list_queue(store)[0].id, ana.id, NOTICE).won
    assert add_agent_message(store, taken, ana.id, late)
    clock.now += 11 * MINUTE
    assert sweep(store) == 1  # a new claim is a new lease


def test_a_disabled_agents_are_found_at_once_though_nobody_asks_for_signs_of_life(store: Store, taken: str, ana):
    assert list_lapsed(store, None) == []
    set_disabled(store, ana.id, True)
    [lapsed] = list_lapsed(store, None)
    assert (lapsed.disabled, lapsed.conversation_id, lapsed.agent_name) == (True, taken, "Ana")
    assert take_back(store, lapsed, None, INTERNAL) and not take_back(store, lapsed, None, INTERNAL)


def test_a_claim_without_any_sign_of_life_lasts_as_long(store: Store, clock: Clock, marek):
    hand_off(store)
    claim(store, list_queue(store)[0].id, marek.id, NOTICE)
    clock.now += 10 * MINUTE
    assert sweep(store) == 0
    clock.now += 1
    assert sweep(store) == 1


def test_a_colleague_gets_it_with_the_note(store: Store, taken: str, ana, marek):
    epoch = find_conversation(store, taken).epoch
    assert transfer_to_agent(store, taken, ana.id, marek.id, note(ana), INTERNAL, GENTLE)
    conversation = find_conversation(store, taken)
    assert (conversation.status, conversation.agent_id, conversation.epoch) == ("open", marek.id, epoch + 1)
    [handoff] = list_inbox(store, marek.id)
    assert (handoff.note_html, handoff.note_by) == ("<p>mind the gap</p>", "Ana")
    assert list_inbox(store, ana.id) == []
    assert "mind the gap" not in [m.text for m in list_messages(store, taken)]
    assert add_agent_message(store, taken, ana.id, NewMessage("agent", "late", "", agent_id=ana.id)) is None


def test_a_transfer_without_a_note_shows_no_earlier_one(store: Store, taken: str, ana, marek):
    transfer_to_agent(store, taken, ana.id, marek.id, note(ana))
    transfer_to_agent(store, taken, marek.id, ana.id, None)
    assert list_inbox(store, ana.id)[0].note_html is None


def test_the_colleagues_lease_begins_with_the_transfer(store: Store, clock: Clock, taken: str, ana, marek):
    clock.now += 9 * MINUTE
    transfer_to_agent(store, taken, ana.id, marek.id, None)
    clock.now += 9 * MINUTE
    assert sweep(store) == 0


def test_nobody_gets_what_they_can_t_have(store: Store, taken: str, ana, marek):
    set_disabled(store, marek.id, True)
    for nobody in (marek.id, 4711):
        with pytest.raises(NoSuchColleague):
            transfer_to_agent(store, taken, ana.id, nobody, note(ana), INTERNAL)
    assert "mind the gap" not in [m.text for m in list_messages(store, taken, internal=True)]
    assert find_conversation(store, taken).agent_id == ana.id


def test_only_its_agent_passes_it_on(store: Store, taken: str, ana, marek):
    before = list_messages(store, taken, internal=True)
    assert not transfer_to_agent(store, taken, marek.id, marek.id, note(marek), INTERNAL)
    assert not transfer_to_queue(store, taken, marek.id, note(marek), INTERNAL, language="pl", topic=None)
    assert not transfer_to_queue(store, "missing", ana.id, note(ana), INTERNAL, language="pl", topic=None)
    assert list_messages(store, taken, internal=True) == before
    assert find_conversation(store, taken).agent_id == ana.id


def test_back_in_the_queue_it_has_its_old_place_and_its_new_team(store: Store, taken: str, ana, marek):
    assert transfer_to_queue(store, taken, ana.id, note(ana), INTERNAL, language="pl", topic="orders", target_at=7)
    first = list_queue(store)[0]
    assert (first.conversation_id, first.language, first.topic, first.target_at) == (taken, "pl", "orders", 7)
    assert (first.note_by, first.passed_by, first.status, first.agent_id) == ("Ana", ana.id, "waiting", None)
    assert claim(store, first.id, marek.id, NOTICE).won
    assert find_handoff(store, first.id).note_by == "Ana"  # the next one sees it
    assert transfer_to_queue(store, taken, marek.id, None, language="sl", topic=None)
    assert find_handoff(store, first.id).target_at == 7  # what the customer was told stays


def test_however_many_pass_it_on_resolve_it_and_take_it_back_one_does(store: Store, clock: Clock, taken: str, ana):
    """And the customer's messages meanwhile are all there, in order."""
    others = [add_agent(store, name) for name in ("Bor", "Cene", "Dana")]
    clock.now += 11 * MINUTE
    cutoff = clock.now - 10 * MINUTE
    [lapsed] = list_lapsed(store, cutoff)
    start = threading.Barrier(9)
    acts = [
        *(lambda to=to: transfer_to_agent(store, taken, ana.id, to.id, note(ana, to.name), INTERNAL) for to in others),
        *(lambda: transfer_to_queue(store, taken, ana.id, None, language="pl", topic=None) for _ in range(2)),
        *(lambda: take_back(store, lapsed, cutoff, INTERNAL) for _ in range(2)),
        lambda: release(store, taken, ana.id, "resolved", NOTICE) is not None,
        lambda: [add_customer_message(store, taken, f"m{n}", f"m{n}", "") for n in range(20)] and False,
    ]

    def race(act) -> bool:
        start.wait()
        return bool(act())

    epoch = find_conversation(store, taken).epoch
    with ThreadPoolExecutor(9) as threads:
        done = list(threads.map(race, acts))
    assert sum(done) == 1
    assert [m.text for m in list_messages(store, taken) if m.sender == "customer"][1:] == [f"m{n}" for n in range(20)]
    # One more for the winner; a customer who writes after "resolved" goes back to the bot, which is another.
    assert find_conversation(store, taken).epoch - epoch == (2 if is_bots(store, taken) else 1)
    assert len([h for h in list_handoffs_of(store, taken) if h.status in ("waiting", "claimed")]) <= 1


def is_bots(store: Store, conversation_id: str) -> bool:
    return find_conversation(store, conversation_id).status == "bot"
