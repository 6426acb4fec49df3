"""Scheduled replies: they are sent on time, by itself, and after a restart; one failure holds nobody else up."""

from __future__ import annotations

import time

import pytest

from odziv.cases import scheduled_replies as module
from odziv.cases.scheduled_replies import ScheduledReplies
from odziv.store.conversations.messages import NewMessage, list_messages
from odziv.store.handoffs.scheduled_replies import list_scheduled_replies, schedule_reply
from odziv.store.queue import LOOK_SECONDS
from tests.desk.conftest import hand_off


@pytest.fixture
def running(store):
    replies = ScheduledReplies(store)
    replies.start()
    yield replies
    replies.stop()


@pytest.fixture(autouse=True)
def running_clock(store):
    """These threads wait until a reply is due, by real time."""
    store.clock.run()


def schedule(store, person, conversation_id, text, seconds):
    draft = NewMessage("agent", text, text, agent_id=person.agent.id)
    return schedule_reply(store, conversation_id, draft, store.clock() + round(seconds * 1000))


def is_sent(store, conversation_id, text) -> bool:
    return text in [m.text for m in list_messages(store, conversation_id)]


def wait_until(condition, seconds=5.0) -> bool:
    ends = time.monotonic() + seconds
    while not condition() and time.monotonic() < ends:
        time.sleep(0.02)
    return condition()


@pytest.mark.slow
def test_a_scheduled_reply_is_sent_on_time_by_itself(store, taken, ana, running):
    began = time.monotonic()
    schedule(store, ana, taken.id, "Takoj", 0.4)
    running.wake()
    assert wait_until(lambda: is_sent(store, taken.id, "Takoj"))
    assert time.monotonic() - began >= 0.4


@pytest.mark.slow
def test_what_a_stop_left_behind_is_sent_after_the_start(store, taken, ana):
    first = ScheduledReplies(store)
    first.start()
    schedule(store, ana, taken.id, "Takoj", 0.3)
    first.stop()
    assert not is_sent(store, taken.id, "Takoj")
    time.sleep(0.3)
    second = ScheduledReplies(store)
    second.start()
    assert wait_until(lambda: is_sent(store, taken.id, "Takoj"))
    second.stop()


def test_it_sleeps_until_the_next_one_is_due_but_never_long(store, taken, ana):
    replies = ScheduledReplies(store)
    assert replies.look() == LOOK_SECONDS
    schedule(store, ana, taken.id, "a", 0.5)
    assert 0 < replies.look() <= 0.5
    schedule(store, ana, taken.id, "b", 3600)
    assert replies.look() <= LOOK_SECONDS


def test_one_failure_holds_nobody_else_up(store, taken, ana, monkeypatch):
    other = hand_off(store, "Halo?")
    ana.post(f"/desk/handoffs/{other.handoff}/claim")
    for conversation in (taken, other):
        schedule(store, ana, conversation.id, "Takoj", -1)
    real = module.send_due_replies

    def fail_once(store, conversation_id, now):
        if conversation_id == taken.id:
            raise module.StoreFailed("disk full")
        real(store, conversation_id, now)

    monkeypatch.setattr(module, "send_due_replies", fail_once)
    assert ScheduledReplies(store).look() == module.PAUSE_SECONDS
    assert is_sent(store, other.id, "Takoj") and not is_sent(store, taken.id, "Takoj")
    monkeypatch.setattr(module, "send_due_replies", real)
    ScheduledReplies(store).look()
    assert is_sent(store, taken.id, "Takoj") and list_scheduled_replies(store, taken.id) == []
