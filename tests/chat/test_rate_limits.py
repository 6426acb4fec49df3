"""How much one visitor or address may do."""

from __future__ import annotations

import pytest

from chat.errors import ApiError
from chat.limits import OpenStreams, RateLimits


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
    with streams.place("a"):
        with pytest.raises(ApiError) as full:
            streams.enter("a")
        assert (full.value.status, full.value.retry_after) == (429, 15)
        with streams.place("b"), pytest.raises(ApiError) as none_left:
            streams.enter("c")
        assert (none_left.value.status, none_left.value.code) == (503, "busy")
    streams.enter("a")
    streams.leave("a")
    assert not streams._open
