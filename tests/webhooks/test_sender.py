"""Sending: nothing is lost whatever is killed, one that hangs holds up nobody, tries come further and further apart."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
import structlog

from odziv.store import Store
from odziv.store.conversations.conversation import create_conversation
from odziv.store.conversations.messages import add_customer_message
from odziv.store.schema import deliveries, webhooks
from odziv.store.webhooks.deliveries import Attempt
from odziv.store.webhooks.events import EVENTS
from odziv.store.webhooks.subscriptions import add_webhook, find_webhook, list_deliveries
from odziv.webhooks import WebhookSender
from odziv.webhooks.sender import BACK_OFF
from odziv.webhooks.signing import sign
from tests.webhooks.receiver import receiving, reply

ROOT = Path(__file__).parents[2]
FINE, BROKEN = Attempt(204, "", ""), Attempt(500, "", "It answered 500.")


def wait_until(is_so, seconds: float = 10.0) -> None:
    ends = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < ends, "it never came"
        time.sleep(0.02)


def listed(settings, *hosts: str):
    return settings.model_copy(update={"desk": settings.desk.model_copy(update={"webhook_hosts": hosts})})


@pytest.fixture
def start(store):
    """Starts a sender, which ends with the test."""
    started = []

    def start(settings, **options) -> WebhookSender:
        started.append(WebhookSender(store, settings, **options))
        started[-1].start()
        return started[-1]

    yield start
    for sender in started:
        sender.stop()


def test_an_event_arrives_at_once_and_its_signature_is_right(store, settings, start):
    with receiving() as server:
        webhook_id, secret = add_webhook(store, server.url, EVENTS)
        start(listed(settings, server.host))
        began = time.monotonic()
        create_conversation(store, "demo", "sl")
        wait_until(lambda: server.got)
        assert time.monotonic() - began < 1.5
        [(headers, body)] = server.got
    at = int(headers["webhook-timestamp"])
    assert headers["webhook-signature"] == sign(secret, headers["webhook-id"], at, body)
    assert headers["webhook-id"] == json.loads(body)["id"] and abs(at - time.time()) < 5
    wait_until(lambda: list_deliveries(store, webhook_id)[0].status == "delivered")


@pytest.mark.slow
@pytest.mark.parametrize("kills", [3])
def test_each_event_arrives_at_least_once_though_both_sides_fail(store, settings, kills):
    """The receiver fails one time in three, and whoever writes and sends is killed again and again."""
    chance = random.Random(7)

    def answers(request) -> None:
        fate = chance.random()
        if fate < 0.15:
            return request.connection.close()
        time.sleep(chance.random() * 0.02)
        reply(request, 503 if fate < 0.33 else 200)

    with receiving(answers) as server:
        _, secret = add_webhook(store, server.url, ["message.created"])
        acknowledged: set[str] = set()
        for number in range(kills):
            acknowledged |= write_until_killed(settings, server, f"r{number}", 0.2 + chance.random() * 0.5)
        acknowledged |= write_until_killed(settings, server, "last", None, count=12)
        assert len(acknowledged) > 30
        assert acknowledged <= texts(server)
        by_text: dict[str, set[str]] = {}
        for headers, body in server.got:
            signature = sign(secret, headers["webhook-id"], int(headers["webhook-timestamp"]), body)
            assert headers["webhook-signature"] == signature
            by_text.setdefault(json.loads(body)["data"]["message"]["text"], set()).add(headers["webhook-id"])
        assert all(len(ids) == 1 for ids in by_text.values())  # a repeat can be told
        seqs = {json.loads(body)["seq"] for _, body in server.got}
        assert seqs == set(range(1, len(seqs) + 1))  # no gap: a receiver can tell that it has all


def write_until_killed(settings, server, name: str, seconds: float | None, count: int = 1000) -> set[str]:
    """What a process acknowledged until it was killed, `seconds` after the first; None: until all has arrived."""
    command = [sys.executable, "-m", "tests.webhooks.write_events", str(settings.var), server.host, name, str(count)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        acknowledged = [process.stdout.readline()]
        if seconds is None:
            acknowledged += [process.stdout.readline() for _ in range(count - 1)]
            wait_until(lambda: waiting_in(settings) == 0, 30)
        else:
            time.sleep(seconds)
    finally:
        process.kill()
        acknowledged += process.stdout.readlines()
        process.stdout.close()
        process.wait()
    return {line.strip() for line in acknowledged if line.endswith("\n")}


def waiting_in(settings) -> int:
    store = Store.in_folder(settings.var)
    with store.read() as connection:
        left = connection.execute(deliveries.select().where(deliveries.c.status == "waiting")).all()
    store.close()
    return len(left)


def texts(server) -> set[str]:
    return {json.loads(body)["data"]["message"]["text"] for _, body in server.got}


def test_one_that_hangs_holds_up_nobody_else(store, settings, start):
    release = threading.Event()
    sent: list[str] = []

    def send(url, *_):
        if "slow" in url:
            release.wait(10)
        sent.append(url)
        return FINE

    slow, _ = add_webhook(store, "https://slow.example/", EVENTS)
    fast, _ = add_webhook(store, "https://fast.example/", EVENTS)
    start(settings, send=send, workers=2)
    conversation = create_conversation(store, "demo", "sl")
    for number in range(5):
        add_customer_message(store, conversation.id, f"c{number}", "x", "x")
    wait_until(lambda: sent.count("https://fast.example/") == 6)
    assert "https://slow.example/" not in sent
    release.set()
    wait_until(lambda: sent.count("https://slow.example/") == 6)


@pytest.mark.slow
def test_what_fails_is_tried_again_until_it_arrives(store, settings, start, monkeypatch):
    store.clock.run()
    monkeypatch.setattr("odziv.webhooks.sender.BACK_OFF", replace(BACK_OFF, first_ms=20))
    outcomes = [BROKEN, BROKEN, FINE]
    webhook_id, _ = add_webhook(store, "https://shop.example/", EVENTS)
    start(settings, send=lambda *_: outcomes.pop(0))
    create_conversation(store, "demo", "sl")
    wait_until(lambda: list_deliveries(store, webhook_id)[0].status == "delivered")
    assert list_deliveries(store, webhook_id)[0].attempts == 3
    assert find_webhook(store, webhook_id).failing_since is None


def test_tries_come_further_and_further_apart_for_a_day():
    now, waits = 1_800_000_000_000, []
    at, attempts = now, 1
    while (following := BACK_OFF.next_try(at, attempts, now)) is not None:
        waits.append(following - at)
        at, attempts = following, attempts + 1
    assert 4_000 <= waits[0] <= 6_000 and max(waits) <= BACK_OFF.longest_ms * 1.2
    assert all(later > earlier for earlier, later in zip(waits[:6], waits[1:7], strict=True))
    assert (
        BACK_OFF.give_up_ms <= sum(waits) <= BACK_OFF.give_up_ms + BACK_OFF.longest_ms * 1.2 and 12 <= len(waits) <= 22
    )
    assert len({BACK_OFF.next_try(now, 5, now) for _ in range(20)}) > 10  # jitter: not all at the same moment


def test_a_failure_of_the_store_does_not_end_the_thread(store, settings, start, monkeypatch):
    from odziv.webhooks import sender as module

    real, failures = module.take_delivery, [RuntimeError("disk full")]

    def take_delivery(*arguments):
        if failures:
            raise failures.pop()
        return real(*arguments)

    monkeypatch.setattr(module, "take_delivery", take_delivery)
    webhook_id, _ = add_webhook(store, "https://shop.example/", EVENTS)
    start(settings, send=lambda *_: FINE)
    create_conversation(store, "demo", "sl")
    wait_until(lambda: list_deliveries(store, webhook_id)[0].status == "delivered")


def test_logs_hold_neither_texts_nor_addresses_nor_secrets(store, settings):
    webhook_id, secret = add_webhook(store, "https://shop.example/hook-k3y", EVENTS)
    conversation = create_conversation(store, "demo", "sl")
    add_customer_message(store, conversation.id, "c1", "besedilo", "besedilo")
    sender = WebhookSender(store, settings, send=lambda *_: Attempt(500, "besedilo", "It answered 500."))
    with structlog.testing.capture_logs() as lines:
        while sender.send_next():
            pass
    assert len(lines) == 2 and lines[0]["webhook"] == webhook_id
    assert not any(word in str(lines) for word in ("besedilo", "k3y", "shop.example", secret))


def test_stopping_is_quick_when_nothing_is_under_way(store, settings):
    sender = WebhookSender(store, settings)
    sender.start()
    began = time.monotonic()
    sender.stop()
    assert time.monotonic() - began < 2 and not any(worker._thread.is_alive() for worker in sender._workers)


def test_an_address_that_was_allowed_once_is_refused_when_it_is_listed_no_more(store, settings):
    with receiving() as server:
        webhook_id, _ = add_webhook(store, server.url, EVENTS)
        create_conversation(store, "demo", "sl")
        assert WebhookSender(store, settings).send_next()
        assert server.got == []
    assert "https" in list_deliveries(store, webhook_id)[0].problem
    with store.read() as connection:
        assert connection.execute(webhooks.select()).one().failing_since
