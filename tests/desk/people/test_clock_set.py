"""The machine's clock is set back by two hours, or forth by a day: nobody is signed out, and nothing waits for it."""

from __future__ import annotations

import time

import pytest
from sqlalchemy import select

from odziv.desk.people import totp
from odziv.store.agents.second_factor import use_step
from odziv.store.conversations.messages import NewMessage, list_messages
from odziv.store.engine import DAY_MS, HOUR_MS
from odziv.store.handoffs.leases import list_lapsed
from odziv.store.handoffs.scheduled_replies import find_next_reply, schedule_reply
from odziv.store.schema import deliveries, second_factors
from odziv.store.set_back import bring_forward
from odziv.store.steady_clock import SteadyClock
from odziv.store.webhooks.events import EVENTS
from odziv.store.webhooks.subscriptions import add_webhook
from tests.desk.conftest import hand_off
from tests.waiting import wait_until

pytestmark = pytest.mark.slow

BACK, FORTH = -2 * HOUR_MS, DAY_MS


class Machine:
    """The machine's clock, which a test sets, and the store's that follows it."""

    def __init__(self, store) -> None:
        self.passed, self.offset = 0, store.clock.now
        store.clock = SteadyClock(lambda: self.passed + self.offset, lambda: self.passed)


@pytest.fixture
def machine(store, services):
    return Machine(store)


def set_clock(machine, jump: int) -> None:
    machine.offset += jump
    machine.passed += 10_000


@pytest.mark.parametrize("jump", [BACK, FORTH])
def test_a_visitors_token_goes_on(machine, visitor, jump):
    set_clock(machine, jump)
    assert visitor.say("hello").status_code == 201


def test_a_token_of_the_future_is_good_after_a_start_with_a_clock_set_back(services, visitor, clock):
    clock.advance(BACK)
    assert visitor.say("hello").status_code == 201
    clock.advance(-BACK + (services.settings.visitor_token_days * 24 + 1) * HOUR_MS)
    assert visitor.say("hello", "c2").get_json()["error"]["code"] == "token_expired"


@pytest.mark.parametrize("jump", [BACK, FORTH])
def test_agents_stay_signed_in(ana, machine, monkeypatch, jump):
    """Flask signs its cookie with the machine's clock."""
    assert ana.get("/desk/queue").status_code == 200
    real = time.time
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: real() + jump / 1000)
    set_clock(machine, jump)
    assert ana.get("/desk/queue").status_code == 200
    assert ana.post("/desk/availability", available="1").status_code == 303


def test_a_session_still_ends(ana, services, clock):
    clock.advance((services.settings.agent_session_hours + 1) * HOUR_MS)
    assert ana.get("/desk/queue").status_code in (302, 303)


@pytest.mark.parametrize("jump", [BACK, FORTH])
def test_an_acknowledged_reply_is_sent_when_its_seconds_have_passed(ana, machine, services, store, jump):
    conversation_id = taken(ana, store)
    schedule(ana, store, conversation_id)
    set_clock(machine, jump)
    services.scheduled_replies.look()
    assert list_messages(store, conversation_id)[-1].text == "Here."


def test_after_a_start_it_does_not_wait_for_the_clock_to_catch_up(ana, services, store, clock):
    conversation_id = taken(ana, store)
    schedule(ana, store, conversation_id)
    clock.advance(BACK)
    services.start()
    try:
        wait_until(lambda: list_messages(store, conversation_id)[-1].text == "Here.")
    finally:
        services.stop()


@pytest.mark.parametrize("jump", [BACK, FORTH])
def test_no_agent_loses_a_conversation_to_a_jump(ana, machine, services, store, jump):
    conversation_id = taken(ana, store)
    services.queue_monitor._began = store.clock() - DAY_MS
    set_clock(machine, jump)
    services.queue_monitor.look()
    assert not [each for each in list_lapsed(store, None) if each.conversation_id == conversation_id]
    assert "Back in the queue" not in " ".join(message.text for message in list_messages(store, conversation_id))


def test_after_a_start_a_lease_is_no_longer_than_it_may_be(ana, services, store, clock):
    conversation_id = taken(ana, store)
    clock.advance(BACK)
    bring_forward(store)
    cutoff = store.clock() + 1
    assert [each.conversation_id for each in list_lapsed(store, cutoff)] == [conversation_id]


def test_what_was_put_off_until_after_the_jump_is_due_after_a_start(store, clock):
    add_webhook(store, "https://shop.example/hook", EVENTS)
    hand_off(store, "Where is it?")
    clock.advance(-10 * HOUR_MS)
    assert bring_forward(store) > 0
    with store.read() as connection:
        assert max(connection.execute(select(deliveries.c.next_at)).scalars()) <= store.clock()
    assert bring_forward(store) == 0


def test_without_a_jump_nothing_is_brought_forward(ana, store):
    conversation_id = taken(ana, store)
    schedule(ana, store, conversation_id)
    assert bring_forward(store) == 0 and find_next_reply(store) == store.clock() + 5_000


def test_a_code_of_now_counts_after_one_of_the_future(ana, store):
    with store.write() as connection:
        values = {"agent_id": ana.agent.id, "secret": totp.new_secret(), "confirmed_at": 0, "last_step": 10_240}
        connection.execute(second_factors.insert().values(**values))
    assert use_step(store, ana.agent.id, 10_000) and not use_step(store, ana.agent.id, 10_000)
    assert not use_step(store, ana.agent.id, 9_999) and use_step(store, ana.agent.id, 10_001)


@pytest.mark.parametrize("jump", [BACK, FORTH])
def test_a_phones_clock_may_agree_with_either(machine, store, jump):
    before = store.clock()
    set_clock(machine, jump)
    ours, machines = store.possible_moments()
    assert abs(ours - before) < 60_000 and machines == before + jump + 10_000


def schedule(ana, store, conversation_id: str) -> None:
    """Ana's reply, to be sent in five seconds."""
    reply = NewMessage("agent", "Here.", "", agent_id=ana.agent.id)
    assert schedule_reply(store, conversation_id, reply, store.clock() + 5_000)


def taken(ana, store) -> str:
    """The id of a conversation that Ana has."""
    waiting = hand_off(store, "Where is it?")
    assert ana.post(f"/desk/handoffs/{waiting.handoff}/claim").status_code in (200, 302, 303)
    return waiting.id
