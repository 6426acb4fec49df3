"""Notifications arrive sealed and signed, once, in the agent's language; what a push service says of them is heard."""

from __future__ import annotations

import base64
import threading
import time

import jwt
import pytest
import structlog
from cryptography.hazmat.primitives.asymmetric import ec

from odziv.cases.push.keys import public_key
from odziv.push import PushSender
from odziv.push.sender import BACK_OFF, find_contact
from odziv.settings.mail import MailSettings
from odziv.store.agents.accounts import change_language
from odziv.store.push.pushes import find_next_push, send_to, take_push
from odziv.store.push.subscriptions import (
    KEEP_MS,
    OFF_AFTER_MS,
    list_subscriptions,
    remove_old_subscriptions,
    subscribe,
)
from odziv.store.webhooks.deliveries import Attempt
from tests.desk.conftest import add_agent
from tests.push.push_browser import PushBrowser
from tests.webhooks.receiver import receiving, reply

MESSAGE = {"count": 3, "conversation": "a/b", "reason": "", "language": ""}


@pytest.fixture
def ana(store):
    return add_agent(store, "Ana Kovač")


def turn_on(store, agent, browser: PushBrowser) -> int:
    return subscribe(store, agent.id, browser.told, session_id="s", device="Firefox on Android", language="en")


def listed(settings, *hosts: str):
    return settings.model_copy(update={"desk": settings.desk.model_copy(update={"webhook_hosts": hosts})})


def answering(*attempts: Attempt):
    waiting = list(attempts)
    return lambda *_: waiting.pop(0)


def test_it_arrives_sealed_for_the_browser_and_signed_by_the_installation(store, settings, ana):
    with receiving(lambda request: reply(request, 201)) as server:
        browser = PushBrowser(server.url)
        number = turn_on(store, ana, browser)
        change_language(store, ana.id, "sl")
        send_to(store, number, "message", MESSAGE)
        assert PushSender(store, listed(settings, server.host)).send_next()
    [(headers, body)] = server.got
    told = browser.read(body.encode(errors="surrogateescape"))
    assert told == {
        "title": "Pisale so 3 vaše stranke",
        "body": told["body"],
        "tag": "odziv-message",
        "path": "conversations/a%2Fb",
    }
    assert (headers["ttl"], headers["urgency"], headers["topic"]) == ("3600", "high", "odziv-message")
    assert headers["content-encoding"] == "aes128gcm"
    token, key = headers["authorization"].removeprefix("vapid t=").split(",k=")
    assert key == public_key(settings.secret("push"))
    point = base64.urlsafe_b64decode(key + "=")
    claims = jwt.decode(
        token,
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point),
        algorithms=["ES256"],
        audience=f"http://{server.host}",
    )
    assert claims["sub"] == "mailto:odziv@localhost" and 0 < claims["exp"] - store.clock() / 1000 < 86_400
    [own] = list_subscriptions(store, ana.id)
    assert own.sent_at == store.clock() and own.problem is None
    assert find_next_push(store) is None


def test_whom_a_push_service_may_write_to(settings):
    mail = MailSettings(address="podpora@smreka.example", smtp={"host": "smtp.smreka.example"})
    assert find_contact(settings.model_copy(update={"mail": mail})) == "mailto:podpora@smreka.example"
    at_home = settings.model_copy(update={"public_url": "https://pomoc.smreka.example"})
    assert find_contact(at_home) == "https://pomoc.smreka.example"


@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_is_gone_is_forgotten(store, settings, ana, status):
    number = turn_on(store, ana, PushBrowser("https://push.example/a"))
    send_to(store, number, "message", MESSAGE)
    send_to(store, number, "mention", MESSAGE)
    PushSender(store, settings, send=answering(Attempt(status, "", f"It answered {status}."))).send_next()
    assert list_subscriptions(store, ana.id) == [] and find_next_push(store) is None


@pytest.mark.parametrize("status", [400, 401, 403, 413])
def test_what_would_be_refused_again_is_not_tried_again(store, settings, ana, status):
    send_to(store, turn_on(store, ana, PushBrowser("https://push.example/a")), "message", MESSAGE)
    PushSender(store, settings, send=answering(Attempt(status, "", f"It answered {status}."))).send_next()
    [own] = list_subscriptions(store, ana.id)
    assert own.problem == f"It answered {status}." and find_next_push(store) is None


@pytest.mark.parametrize("status", [429, 500, 503, None])
def test_what_may_pass_is_tried_again_for_an_hour(store, settings, ana, status):
    send_to(store, turn_on(store, ana, PushBrowser("https://push.example/a")), "message", MESSAGE)
    failing = Attempt(status, "", "Later.")
    sender = PushSender(store, settings, send=lambda *_: failing)
    tries = 0
    while (due := find_next_push(store)) is not None:
        store.clock.now = max(store.clock.now, due)
        assert sender.send_next()
        tries += 1
    assert 5 <= tries <= 15
    [own] = list_subscriptions(store, ana.id)
    assert own.problem == "Later." and own.sent_at is None
    send_to(store, own.id, "message", MESSAGE)
    PushSender(store, settings, send=answering(Attempt(201, "", ""))).send_next()
    [own] = list_subscriptions(store, ana.id)
    assert own.problem is None and own.sent_at == store.clock()


def test_the_newest_of_a_kind_takes_the_place_of_what_waits(store, settings, ana):
    number = turn_on(store, ana, PushBrowser("https://push.example/a"))
    for count in (1, 2):
        send_to(store, number, "message", {**MESSAGE, "count": count})
    send_to(store, number, "mention", MESSAGE)
    first, second = take_push(store, 1000), take_push(store, 1000)
    assert {(push.tag, push.content["count"]) for push in (first, second)} == {("message", 2), ("mention", 3)}
    assert take_push(store, 1000) is None


def test_whoever_is_killed_while_sending_leaves_it_to_the_next(store, settings, ana):
    send_to(store, turn_on(store, ana, PushBrowser("https://push.example/a")), "message", MESSAGE)
    taken = take_push(store, 30_000)  # and then nothing more is heard of whoever took it
    sender = PushSender(store, settings, send=answering(Attempt(201, "", "")))
    assert not sender.send_next()
    store.clock.advance(30_001)
    assert sender.send_next() and not sender.send_next()
    assert taken.attempts == 1


def test_two_never_send_the_same(store, settings, ana):
    number = turn_on(store, ana, PushBrowser("https://push.example/a"))
    sent, together = [], threading.Barrier(2)

    def send(*_: object) -> Attempt:
        sent.append(1)
        time.sleep(0.05)
        return Attempt(201, "", "")

    def work() -> None:
        together.wait()
        PushSender(store, settings, send=send).send_next()

    send_to(store, number, "message", MESSAGE)
    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sent == [1]


def test_an_address_inside_our_own_network_gets_nothing(store, settings, ana):
    with receiving() as server:
        send_to(store, turn_on(store, ana, PushBrowser(server.url.replace("http:", "https:"))), "message", MESSAGE)
        PushSender(store, settings).send_next()
        assert server.got == []
    [own] = list_subscriptions(store, ana.id)
    assert "private network" in own.problem


def test_keys_that_were_damaged_end_it(store, settings, ana):
    browser = PushBrowser("https://push.example/a")
    browser.p256dh = "AAAA"
    send_to(store, turn_on(store, ana, browser), "message", MESSAGE)
    assert PushSender(store, settings, send=answering()).send_next()
    assert list_subscriptions(store, ana.id) == []


def test_the_log_has_no_address_and_no_key(store, settings, ana):
    browser = PushBrowser("https://push.example/very-secret")
    send_to(store, turn_on(store, ana, browser), "message", MESSAGE)
    with structlog.testing.capture_logs() as logs:
        PushSender(store, settings, send=answering(Attempt(201, "", ""))).send_next()
    assert "secret" not in str(logs) and browser.auth not in str(logs)


@pytest.mark.parametrize("after", [KEEP_MS, OFF_AFTER_MS])
def test_a_browser_that_nobody_uses_or_nothing_reaches_is_given_up(store, settings, ana, after):
    number = turn_on(store, ana, PushBrowser("https://push.example/a"))
    if after == OFF_AFTER_MS:
        send_to(store, number, "message", MESSAGE)
        PushSender(store, settings, send=answering(Attempt(403, "", "No."))).send_next()
    store.clock.advance(after)
    assert remove_old_subscriptions(store) == 0
    store.clock.advance(1)
    assert remove_old_subscriptions(store) == 1
    assert list_subscriptions(store, ana.id) == []


def test_a_try_ends_within_the_hour(store):
    assert BACK_OFF.next_try(store.clock(), 9, store.clock() - 3_600_000) is None


def test_a_new_browser_that_says_so_twice_at_once_is_there_once(store, settings, ana):
    browser, together, numbers = PushBrowser("https://push.example/a"), threading.Barrier(6), []

    def work() -> None:
        together.wait()
        numbers.append(turn_on(store, ana, browser))

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(numbers)) == 1 and len(numbers) == 6
    assert len(list_subscriptions(store, ana.id)) == 1
