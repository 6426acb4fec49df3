"""How much one visitor or address may do."""

from __future__ import annotations

import threading

import pytest

from odziv.web.errors import ApiError
from odziv.web.limits import MovingWindows, OpenStreams, RateLimits
from tests.fixtures import Clock


@pytest.fixture
def limit(services, settings):
    """Sets a limit of the settings."""

    def limit(**limits: int) -> None:
        services.settings = settings.model_copy(update={"limits": settings.limits.model_copy(update=limits)})

    return limit


def is_limited(answer) -> bool:
    if answer.status_code != 429:
        return False
    assert answer.get_json()["error"]["code"] == "rate_limited"
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    return True


def test_conversations_from_one_address(client, limit):
    limit(conversations_per_minute_per_address=2)
    answers = [client.post("/api/v1/conversations", json={"site": "demo"}) for _ in range(3)]
    assert [is_limited(answer) for answer in answers] == [False, False, True]
    from_elsewhere = {"REMOTE_ADDR": "192.0.2.7"}
    again = client.post("/api/v1/conversations", json={"site": "demo"}, environ_overrides=from_elsewhere)
    assert again.status_code == 201


def test_messages_of_one_visitor(open_conversation, limit):
    limit(messages_per_minute_per_visitor=2)
    one, other = open_conversation(), open_conversation()
    assert [is_limited(one.say("hello", f"c{n}")) for n in range(3)] == [False, False, True]
    assert not is_limited(other.say("hello"))


def test_messages_from_one_address_even_with_wrong_tokens(open_conversation, limit):
    limit(messages_per_minute_per_address=2)
    visitor = open_conversation()
    visitor.token = "made-up"
    assert [visitor.say("hello").status_code for _ in range(3)] == [401, 401, 429]


def test_a_forwarded_address_is_not_believed_without_a_proxy(client, limit):
    limit(conversations_per_minute_per_address=1)
    headers = [{"X-Forwarded-For": f"192.0.2.{n}"} for n in range(2)]
    answers = [client.post("/api/v1/conversations", json={"site": "demo"}, headers=h) for h in headers]
    assert [is_limited(answer) for answer in answers] == [False, True]


def test_a_refused_message_is_not_stored_and_goes_through_later(visitor, limit):
    limit(messages_per_minute_per_visitor=1)
    visitor.say("one", "c1")
    assert is_limited(visitor.say("two", "c2"))
    limit(messages_per_minute_per_visitor=5)
    visitor.say("two", "c2")
    assert [m["text"] for m in visitor.messages()] == ["one", "two"]


def test_kinds_are_counted_apart():
    limits = RateLimits()
    limits.check("one", "key", 1)
    limits.check("two", "key", 1)
    with pytest.raises(ApiError):
        limits.check("one", "key", 1)


def test_places_are_given_back():
    streams = OpenStreams(total=2, per_address=1)
    first = streams.enter("a", "one")
    with pytest.raises(ApiError) as full:
        streams.enter("a", "two")
    assert (full.value.status, full.value.retry_after) == (429, 15)
    second = streams.enter("b", "two")
    with pytest.raises(ApiError) as none_left:
        streams.enter("c", "three")
    assert (none_left.value.status, none_left.value.code) == (503, "busy")
    streams.leave(first)
    streams.leave(second)
    streams.leave(streams.enter("a", "one"))
    assert not streams._open and not streams._addresses and not streams._owners


@pytest.fixture
def clock() -> Clock:
    return Clock(1000)


@pytest.fixture
def windows(clock) -> MovingWindows:
    return MovingWindows(clock)


def test_a_window_moves_on(clock, windows):
    assert windows.hit("key", 2, 60.0) == 0.0
    clock.now += 20
    assert windows.hit("key", 2, 60.0) == 0.0
    clock.now += 10
    assert windows.hit("key", 2, 60.0) == 30.0
    clock.now += 30  # the first counts no more, and what was refused never did
    assert windows.hit("key", 2, 60.0) == 0.0
    assert windows.hit("key", 2, 60.0) == 20.0


def test_a_limit_that_shrinks_waits_for_room_under_the_new_one(clock, windows):
    for _ in range(3):
        windows.hit("key", 3, 60.0)
        clock.now += 10
    assert windows.hit("key", 1, 60.0) == 50.0
    assert windows.hit("key", 0, 60.0) == 60.0


def test_windows_with_nothing_in_them_are_forgotten(clock, windows):
    for number in range(1000):
        windows.hit(number, 5, 60.0)
    windows.hit("long", 5, 3600.0)
    clock.now += 61
    windows.hit("new", 5, 60.0)
    assert set(windows._windows) == {"long", "new"}


def test_threads_never_get_more_than_the_limit_together():
    windows = MovingWindows()
    counted: list[float] = []
    threads = [
        threading.Thread(target=lambda: counted.extend(windows.hit("key", 100, 60.0) for _ in range(50)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(left == 0.0 for left in counted) == 100


def test_counting_starts_no_thread(monkeypatch):
    monkeypatch.setattr(threading.Thread, "start", lambda self: pytest.fail("a thread was started"))
    RateLimits().check("one", "key", 1)
