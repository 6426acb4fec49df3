"""Taking, finishing and repeating deliveries, and switching off what never arrives."""

from __future__ import annotations

import pytest

from odziv.store.audit import list_entries
from odziv.store.conversations.conversation import create_conversation
from odziv.store.webhooks.deliveries import (
    OFF_AFTER_MS,
    Attempt,
    finish_delivery,
    remove_old_deliveries,
    send_again,
    take_delivery,
)
from odziv.store.webhooks.events import EVENTS
from odziv.store.webhooks.subscriptions import (
    add_webhook,
    count_given_up,
    find_webhook,
    list_deliveries,
    list_webhooks,
    remove_webhook,
    send_test,
    set_enabled,
)

FINE, BROKEN = Attempt(204, "", ""), Attempt(500, "oh", "It answered 500.")
DAY_MS = 24 * 3_600_000


@pytest.fixture
def hook(store) -> int:
    webhook_id, secret = add_webhook(store, "https://shop.example/hook", EVENTS)
    assert secret.startswith("whsec_")
    create_conversation(store, "demo", "sl")
    return webhook_id


def test_one_is_taken_once_and_again_when_its_lease_is_over(store, hook):
    due = take_delivery(store, (), 30_000)
    assert (due.webhook_id, due.attempts, due.url) == (hook, 1, "https://shop.example/hook")
    assert take_delivery(store, (), 30_000) is None
    store.clock.advance(30_001)
    again = take_delivery(store, (), 30_000)
    assert (again.id, again.attempts) == (due.id, 2)


@pytest.mark.parametrize("late", [FINE, BROKEN], ids=["it arrived", "it did not"])
def test_an_attempt_that_outlives_its_lease_changes_nothing(store, hook, late):
    slow = take_delivery(store, (), 30_000)
    store.clock.advance(30_000)
    quick = take_delivery(store, (), 30_000)
    finish_delivery(store, quick, BROKEN if late is FINE else FINE, None)
    before = list_deliveries(store, hook), find_webhook(store, hook)
    store.clock.advance(OFF_AFTER_MS)
    for next_at in (None, store.clock()):
        assert not finish_delivery(store, slow, late, next_at)
    assert (list_deliveries(store, hook), find_webhook(store, hook)) == before


def test_an_attempt_from_before_it_was_sent_again_changes_nothing(store, hook):
    slow = take_delivery(store, (), 30_000)
    store.clock.advance(1)
    assert send_again(store, hook, slow.id)
    again = take_delivery(store, (), 30_000)
    assert again.attempts == slow.attempts
    finish_delivery(store, slow, FINE, None)
    assert list_deliveries(store, hook)[0].status == "waiting"
    finish_delivery(store, again, FINE, None)
    assert list_deliveries(store, hook)[0].status == "delivered"


def test_a_busy_webhook_waits_while_others_go_on(store, hook):
    other, _ = add_webhook(store, "https://b.example/", EVENTS)
    create_conversation(store, "demo", "sl")
    assert take_delivery(store, {hook}, 30_000).webhook_id == other
    assert take_delivery(store, {hook, other}, 30_000) is None


def test_what_arrived_is_over_and_what_did_not_waits(store, hook):
    assert not finish_delivery(store, take_delivery(store, (), 1), BROKEN, store.clock() - 1)
    [delivery] = list_deliveries(store, hook)
    assert (delivery.status, delivery.answer_status, delivery.problem) == ("waiting", 500, "It answered 500.")
    assert find_webhook(store, hook).failing_since
    finish_delivery(store, take_delivery(store, (), 1), FINE, None)
    [delivery] = list_deliveries(store, hook)
    assert (delivery.status, delivery.attempts, delivery.problem) == ("delivered", 2, None)
    assert find_webhook(store, hook).failing_since is None


def test_days_without_success_switch_a_webhook_off_once(store, hook):
    assert not finish_delivery(store, take_delivery(store, (), 1), BROKEN, None)
    assert list_deliveries(store, hook, failed=True)[0].status == "failed"
    create_conversation(store, "demo", "sl")
    store.clock.advance(OFF_AFTER_MS + 1000)
    assert finish_delivery(store, take_delivery(store, (), 1), BROKEN, store.clock())
    webhook = find_webhook(store, hook)
    assert (webhook.enabled, webhook.off_reason, count_given_up(store)) == (False, "failing", 1)
    assert list_entries(store, action="webhook_off")[0].object == f"webhook:{hook}"
    assert take_delivery(store, (), 1) is None
    create_conversation(store, "demo", "sl")
    assert len(list_deliveries(store, hook)) == 2  # nothing new is written for it


def test_switched_on_again_it_goes_on_with_what_waits(store, hook):
    assert set_enabled(store, hook, False) and not set_enabled(store, hook, False)
    assert take_delivery(store, (), 1) is None and not send_test(store, hook)
    assert not send_again(store, hook, list_deliveries(store, hook)[0].id)
    assert set_enabled(store, hook, True)
    assert take_delivery(store, (), 1).webhook_id == hook and count_given_up(store) == 0


def test_sending_again_keeps_the_id_and_counts_anew(store, hook):
    first = take_delivery(store, (), 1)
    finish_delivery(store, first, BROKEN, None)
    assert send_again(store, hook, first.id)
    again = take_delivery(store, (), 1)
    assert (again.event_id, again.body, again.attempts) == (first.event_id, first.body, 1)
    assert not send_again(store, hook + 1, first.id) and not send_again(store, hook, first.id + 1)


def test_a_test_goes_to_one_webhook_only(store, hook):
    other, _ = add_webhook(store, "https://b.example/", ["message.created"])
    assert send_test(store, other)
    [delivery] = list_deliveries(store, other)
    assert (delivery.event, delivery.conversation_id) == ("webhook.test", None)


def test_what_is_over_is_removed_after_a_week(store, hook):
    finish_delivery(store, take_delivery(store, (), 1), FINE, None)
    create_conversation(store, "demo", "sl")
    assert remove_old_deliveries(store) == 0
    store.clock.advance(8 * DAY_MS)
    assert remove_old_deliveries(store) == 1
    assert [delivery.status for delivery in list_deliveries(store, hook)] == ["waiting"]


def test_a_removed_webhook_leaves_nothing_but_the_audit_trail(store, hook):
    due = take_delivery(store, (), 1)
    assert remove_webhook(store, hook) and not remove_webhook(store, hook)
    assert not finish_delivery(store, due, FINE, None) and not finish_delivery(store, due, BROKEN, None)
    assert list_webhooks(store) == [] and list_deliveries(store, hook) == []
    assert {entry.action for entry in list_entries(store)} == {"webhook_added", "webhook_removed"}


@pytest.mark.parametrize("events", [[], ["conversation.eaten"], [*EVENTS, "x"], ["webhook.test"]])
def test_events_that_are_none_are_refused(store, events):
    with pytest.raises(ValueError):
        add_webhook(store, "https://shop.example/", events)
