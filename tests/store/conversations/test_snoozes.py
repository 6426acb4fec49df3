"""Snoozed: out of the inbox, no capacity, no lease; back at its time, by the customer, or by somebody. Once."""

from __future__ import annotations

import pytest

from odziv.store import Store
from odziv.store.agents.agent import set_disabled
from odziv.store.agents.availability import find_availability
from odziv.store.conversations.conversation import find_conversation
from odziv.store.conversations.messages import NewMessage, add_customer_message, list_messages
from odziv.store.handoffs.handoff import add_agent_message, claim, list_inbox, list_queue, list_snoozed, release
from odziv.store.handoffs.leases import list_lapsed, transfer_to_queue
from odziv.store.handoffs.snoozes import bring_back, list_ended_snoozes, snooze
from odziv.store.handoffs.workload import measure_workload
from tests.desk.conftest import hand_off

ENTRY, BACK = NewMessage("system", "snoozed", "", internal=True), NewMessage("system", "back", "", internal=True)


@pytest.fixture
def claimed(store, ana):
    waiting = hand_off(store, "Kje je paket?")
    claim(store, waiting.handoff, ana.id, NewMessage("system", "joined", ""))
    return waiting


def put_off(store, claimed, ana, minutes=60):
    assert snooze(store, claimed.id, ana.id, store.clock() + minutes * 60_000, ENTRY)


def ids(handoffs):
    return [handoff.conversation_id for handoff in handoffs]


def test_a_snoozed_one_leaves_inbox_and_capacity_and_keeps_its_owner(store, ana, claimed):
    put_off(store, claimed, ana)
    assert list_inbox(store, ana.id) == [] and ids(list_snoozed(store)) == [claimed.id]
    assert (find_availability(store, ana.id).open, measure_workload(store, ana.id).mine) == (0, 0)
    found = find_conversation(store, claimed.id)
    assert (found.status, found.agent_id) == ("open", ana.id)


def test_absence_loses_nothing_that_is_snoozed_and_a_fresh_lease_begins_after(store, ana, claimed):
    put_off(store, claimed, ana)
    now = store.clock()
    assert list_lapsed(store, now + 10**9) == []
    store.clock.now = now + 3_700_000
    assert bring_back(store, claimed.id, BACK)
    assert list_lapsed(store, now + 3_600_000) == []  # brought back later than that
    assert [lapsed.conversation_id for lapsed in list_lapsed(store, now + 3_800_000)] == [claimed.id]


def test_it_is_due_at_its_time_and_comes_back_once(store, ana, claimed):
    put_off(store, claimed, ana)
    now = store.clock()
    assert list_ended_snoozes(store, now + 50 * 60_000) == []
    assert [due.conversation_id for due in list_ended_snoozes(store, now + 61 * 60_000)] == [claimed.id]
    assert bring_back(store, claimed.id, BACK) and not bring_back(store, claimed.id, BACK)
    assert ids(list_inbox(store, ana.id)) == [claimed.id] and list_snoozed(store) == []
    assert [m.text for m in list_messages(store, claimed.id, internal=True)].count("back") == 1


def test_it_survives_a_restart(store, ana, claimed):
    put_off(store, claimed, ana)
    again = Store(store.url.render_as_string(hide_password=False))
    assert ids(list_snoozed(again)) == [claimed.id]
    assert len(list_ended_snoozes(again, again.clock() + 3_700_000)) == 1
    again.close()


def test_the_customers_next_word_brings_it_back_at_once(store, ana, claimed):
    put_off(store, claimed, ana)
    add_customer_message(store, claimed.id, "c9", "Halo?", "Halo?")
    assert ids(list_inbox(store, ana.id)) == [claimed.id]
    assert list_ended_snoozes(store, store.clock() + 10**9) == []


def test_a_reply_brings_it_back_and_a_note_does_not(store, ana, claimed):
    put_off(store, claimed, ana)
    add_agent_message(store, claimed.id, ana.id, NewMessage("agent", "x", "x", agent_id=ana.id, internal=True))
    assert ids(list_snoozed(store)) == [claimed.id]
    add_agent_message(store, claimed.id, ana.id, NewMessage("agent", "x", "x", agent_id=ana.id))
    assert list_snoozed(store) == []


def test_only_the_holder_snoozes(store, ana, marek, claimed):
    assert not snooze(store, claimed.id, marek.id, store.clock() + 1000, ENTRY)
    other = hand_off(store, "Še nihče")
    assert not snooze(store, other.id, ana.id, store.clock() + 1000, ENTRY)
    assert ids(list_queue(store)) == [other.id] and list_snoozed(store) == []


def test_a_second_time_takes_the_place_of_the_first(store, ana, claimed):
    put_off(store, claimed, ana)
    put_off(store, claimed, ana, minutes=120)
    assert list_ended_snoozes(store, store.clock() + 90 * 60_000) == []


def test_a_disabled_agents_snoozed_one_is_due_at_once(store, ana, marek, claimed):
    put_off(store, claimed, ana)
    set_disabled(store, ana.id, True)
    [due] = list_ended_snoozes(store, store.clock())
    assert due.disabled and bring_back(store, claimed.id, BACK)
    assert [lapsed.disabled for lapsed in list_lapsed(store, None)] == [True]


def test_it_can_be_resolved_and_passed_on_as_it_is(store, ana, marek, claimed):
    put_off(store, claimed, ana)
    assert transfer_to_queue(store, claimed.id, ana.id, None, language="sl", topic=None)
    assert ids(list_queue(store)) == [claimed.id]
    claim(store, claimed.handoff, ana.id, NewMessage("system", "joined", ""))
    put_off(store, claimed, ana)
    assert not transfer_to_queue(store, claimed.id, marek.id, None, language="sl", topic=None)
    assert ids(list_snoozed(store)) == [claimed.id]
    assert release(store, claimed.id, ana.id, "resolved", NewMessage("system", "done", ""))
    assert list_snoozed(store) == [] and list_ended_snoozes(store, store.clock() + 10**9) == []
