"""A resolved conversation goes on: reopened by an agent, or by its customer, who finds the agent they had."""

from __future__ import annotations

import pytest

from odziv.cases.conversations.claim import claim_handoff
from odziv.cases.conversations.entries import internal_entry, system_notice
from odziv.cases.conversations.reopen import reopen_conversation, say_joined
from odziv.cases.refused import Kind, Refused
from odziv.store.agents.agent import set_disabled
from odziv.store.agents.availability import end_presence, renew_presence, set_available
from odziv.store.audit import list_entries
from odziv.store.conversations.conversation import delete_conversation, find_conversation
from odziv.store.conversations.merges import merge
from odziv.store.conversations.messages import add_customer_message, list_messages
from odziv.store.engine import DAY_MS
from odziv.store.handoffs.handoff import list_handoffs_of, list_inbox, list_queue, release
from odziv.store.handoffs.waiting_times import list_recent_waits
from odziv.store.webhooks.deliveries import take_delivery
from odziv.store.webhooks.subscriptions import add_webhook
from tests.desk.conftest import add_agent, cheap_hashes, hand_off  # noqa: F401 (fixtures)
from tests.fixtures import set_contact


@pytest.fixture
def ana(store):
    ana = add_agent(store, "Ana Kovač")
    renew_presence(store, ana.id)
    return ana


@pytest.fixture
def resolved(store, ana) -> str:
    waiting = hand_off(store, "Kje je moj paket?")
    claim_handoff(store, ana, waiting.handoff)
    release(store, waiting.id, ana.id, "resolved", system_notice("resolved", "sl"))
    return waiting.id


def write(store, conversation_id: str, text: str = "Še nekaj") -> None:
    store.clock.advance(1000)
    add_customer_message(store, conversation_id, f"c{store.clock()}", text, text, joined=say_joined)


def test_an_agent_reopens_it(store, ana, resolved):
    marek = add_agent(store, "Marek Zieliński")
    add_webhook(store, "https://x.example/hook", ["conversation.claimed"])
    reopen_conversation(store, marek, resolved)
    conversation = find_conversation(store, resolved)
    assert (conversation.status, conversation.agent_id) == ("open", marek.id)
    assert [handoff.conversation_id for handoff in list_inbox(store, marek.id)] == [resolved]
    assert [handoff.status for handoff in list_handoffs_of(store, resolved)] == ["closed", "claimed"]
    assert "Marek" in list_messages(store, resolved)[-1].text
    assert (entry := list_entries(store, action="reopened")[0]).agent_id == marek.id
    assert entry.object == f"conversation:{resolved}"
    assert '"conversation.claimed"' in take_delivery(store, (), 1000).body


def test_of_two_who_reopen_one_wins(store, ana, resolved):
    marek = add_agent(store, "Marek Zieliński")
    reopen_conversation(store, ana, resolved)
    with pytest.raises(Refused, match="Ana Kovač has this conversation") as refused:
        reopen_conversation(store, marek, resolved)
    assert refused.value.kind is Kind.CONFLICT and len(list_handoffs_of(store, resolved)) == 2


def test_what_isnt_resolved_or_there_isnt_reopened(store, ana, resolved):
    waiting = hand_off(store, "Halo?")
    with pytest.raises(Refused, match="waiting in the queue"):
        reopen_conversation(store, ana, waiting.id)
    delete_conversation(store, resolved)
    with pytest.raises(Refused, match="no such conversation"):
        reopen_conversation(store, ana, resolved)


def test_what_was_merged_away_goes_on_where_it_was_merged_to(store, ana):
    one, other = hand_off(store, "Halo?"), hand_off(store, "Halo 2?")
    for waiting in (one, other):
        set_contact(store, waiting.id, email="a@b.example")
    claim_handoff(store, ana, other.handoff)
    entries = internal_entry("merged"), internal_entry("merged")
    merge(store, one.id, other.id, ana.id, entries, system_notice("merged", "sl"), confirmed=True)
    with pytest.raises(Refused, match=f"merged into conversation {other.id[:6]}"):
        reopen_conversation(store, ana, one.id)
    write(store, one.id)
    assert find_conversation(store, one.id).status == "bot"


def test_who_comes_back_finds_the_agent_they_had(store, ana, resolved):
    write(store, resolved)
    conversation = find_conversation(store, resolved)
    assert (conversation.status, conversation.agent_id) == ("open", ana.id)
    assert [message.sender for message in list_messages(store, resolved)][-2:] == ["customer", "system"]
    [handoff] = list_inbox(store, ana.id)
    assert (handoff.reason, handoff.asked_at, handoff.replied_at) == ("returned", store.clock(), None)
    assert len(list_recent_waits(store, "sl", 0, 10)) == 1  # nobody waited this time
    assert list_entries(store, action="assigned")[0].agent_id == ana.id


def test_repeating_the_same_message_gives_it_back_once(store, ana, resolved):
    for _ in range(2):
        add_customer_message(store, resolved, "same", "Še nekaj", "", joined=say_joined)
    assert len(list_handoffs_of(store, resolved)) == 2


@pytest.mark.parametrize("why", ["away", "gone", "disabled", "asleep", "long ago"])
def test_when_that_one_is_not_there_the_bot_begins_anew(store, ana, resolved, why):
    add_agent(store, "Špela Novak", "admin")
    if why == "away":
        set_available(store, ana.id, False)
    elif why == "gone":
        end_presence(store, ana.id)
    elif why == "disabled":
        set_disabled(store, ana.id, True)
    else:
        store.clock.advance(300_000 if why == "asleep" else 8 * DAY_MS)
    if why == "long ago":
        renew_presence(store, ana.id)
    write(store, resolved)
    assert find_conversation(store, resolved).status == "bot" and list_queue(store) == []


def test_what_was_handed_back_is_the_bots(store, ana):
    waiting = hand_off(store, "Halo?")
    claim_handoff(store, ana, waiting.handoff)
    release(store, waiting.id, ana.id, "bot", system_notice("left_to_bot", "sl", name="Ana"))
    write(store, waiting.id)
    assert find_conversation(store, waiting.id).status == "bot"
