"""Limits in Redis mean what they mean in memory, for all processes together; without it each process has its own."""

from __future__ import annotations

import random
import threading

import pytest

from odziv.web.limits import Limit, MovingWindows
from odziv.web.shared_windows import BUCKET, WINDOW, SharedWindows
from tests.fixtures import Clock
from tests.shared.own_redis import OwnRedis

pytestmark = pytest.mark.redis
SECRET = "a secret of the installation"
SECOND = 1_000_000  # in the server's microseconds


@pytest.fixture
def open_windows(open_server):
    """The limits of another process."""

    def open_windows(secret: str = SECRET) -> SharedWindows:
        return SharedWindows(open_server(), secret, MovingWindows())

    return open_windows


@pytest.fixture
def windows(open_windows) -> SharedWindows:
    return open_windows()


def age(own_redis: OwnRedis, seconds: float) -> None:
    """As if so much time had passed: every moment in Redis lies further back."""
    client, passed = own_redis.client, round(seconds * SECOND)
    for key in client.keys("odziv:*"):
        left = client.pttl(key) - passed // 1000
        if key.startswith(WINDOW.encode()):
            moments = [int(moment) - passed for moment in client.lrange(key, 0, -1)]
            client.delete(key)
            client.rpush(key, *moments)
        elif key.startswith(BUCKET.encode()):
            client.hset(key, "looked", int(client.hget(key, "looked")) - passed)
        client.pexpire(key, left) if left > 0 else client.delete(key)


def test_a_window_moves_on(own_redis, windows):
    assert windows.hit("key", 2, 60.0) == 0
    age(own_redis, 20)
    assert windows.hit("key", 2, 60.0) == 0
    age(own_redis, 10)
    assert windows.hit("key", 2, 60.0) == 30
    age(own_redis, 30)  # the first counts no more, and what was refused never did
    assert windows.hit("key", 2, 60.0) == 0
    assert windows.hit("key", 2, 60.0) == 20


def test_a_limit_that_shrinks_waits_for_room_under_the_new_one(own_redis, windows):
    for _ in range(3):
        windows.hit("key", 3, 60.0)
        age(own_redis, 10)
    assert windows.hit("key", 1, 60.0) == 50
    assert windows.hit("key", 0, 60.0) == 60


def test_one_that_refills_lets_in_one_by_one(own_redis, windows):
    limits = {"key": Limit(3, 30.0, refills=True)}
    assert [windows.hit_all(limits) for _ in range(4)] == [0, 0, 0, 10]
    age(own_redis, 10)
    assert [windows.hit_all(limits) for _ in range(2)] == [0, 10]
    age(own_redis, 100)
    assert [windows.hit_all(limits) for _ in range(4)] == [0, 0, 0, 10]


def test_of_several_keys_one_counts_with_all_or_with_none(windows):
    wide, narrow = ("wide", Limit(5, 60.0)), ("narrow", Limit(1, 60.0, refills=True))
    assert windows.hit_all(dict([wide, narrow])) == 0
    assert [windows.hit_all(dict([wide, narrow])) > 0 for _ in range(9)] == [True] * 9
    assert [windows.hit_all(dict([wide])) == 0 for _ in range(5)] == [True] * 4 + [False]


@pytest.mark.parametrize("seed", range(6))
def test_any_course_of_events_is_as_in_memory(own_redis, windows, seed):
    """Spans end between whole seconds, and time goes on by those: what passes meanwhile changes nothing."""
    chance, clock = random.Random(seed), Clock(1000)
    memory = MovingWindows(clock)
    limits = {
        ("network", "192.0.2.1"): Limit(4, 20.5),
        ("here", "ana@smreka.example", "192.0.2.1"): Limit(2, 9.5),
        ("account", "ana@smreka.example"): Limit(6, 15.0, refills=True),
        ("quiet", "ana@smreka.example"): Limit(3, 30.0, refills=True),
        ("č ž \n \0", 7): Limit(1, 3.5),
    }
    for _ in range(250):
        keys = chance.sample(list(limits), chance.randint(1, 3))
        event = chance.random()
        if event < 0.3:
            seconds = chance.randint(1, 6)
            clock.now += seconds
            age(own_redis, seconds)
        elif event < 0.36:
            memory.take_back(keys[0])
            windows.take_back(keys[0])
        elif event < 0.4:
            memory.clear(keys[0])
            windows.clear(keys[0])
        else:
            wanted = {key: limits[key] for key in keys}
            here, there = memory.hit_all(wanted), windows.hit_all(wanted)
            assert (here == 0) == (there == 0) and abs(here - there) <= 1


def test_processes_never_get_more_than_the_limit_together(open_windows):
    counted: list[int] = []
    of_processes = [open_windows() for _ in range(4)]

    def work(windows: SharedWindows) -> None:
        counted.extend(windows.hit("key", 100, 60.0) for _ in range(40))

    threads = [threading.Thread(target=work, args=[each]) for each in of_processes * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(wait == 0 for wait in counted) == 100


def test_what_one_process_forgives_the_other_does_too(open_windows):
    one, other = open_windows(), open_windows()
    one.hit("key", 2, 60.0)
    other.hit("key", 2, 60.0)
    one.take_back("key")
    assert [other.hit("key", 2, 60.0) == 0 for _ in range(2)] == [True, False]
    other.clear("key")
    assert one.hit("key", 1, 60.0) == 0
    one.take_back("never counted")
    one.clear("never counted")


def test_redis_learns_no_address_and_forgets_all_of_it(own_redis, windows):
    windows.hit(("message_address", "192.0.2.77", 60.0), 5, 60.0)
    windows.hit_all({("account", "ana@smreka.example"): Limit(100, 3600.0, refills=True)})
    client = own_redis.client
    keys = client.keys("*")
    assert len(keys) == 3 and all(key.startswith(b"odziv:") for key in keys)
    held = repr([(key, client.dump(key)) for key in keys])
    assert "192.0.2" not in held and "ana" not in held and "message" not in held
    assert sorted(0 < client.pttl(key) <= 60_000 for key in keys) == [True] * 3
    age(own_redis, 61)
    assert client.keys("*") == []


def test_another_installation_counts_apart(open_windows):
    one, other = open_windows(), open_windows("another secret")
    assert (one.hit("key", 1, 60.0), other.hit("key", 1, 60.0)) == (0, 0)
    assert one.hit("key", 1, 60.0) > 0


@pytest.mark.parametrize("limit", [Limit(2, 60.0), Limit(2, 60.0, refills=True)])
def test_a_clock_that_was_set_back_shuts_nobody_out(own_redis, windows, limit):
    for _ in range(2):
        windows.hit_all({"key": limit})
    age(own_redis, -3600)
    assert windows.hit_all({"key": limit}) <= 60
    age(own_redis, 61)
    assert windows.hit_all({"key": limit}) == 0


@pytest.mark.parametrize("end", ["kill", "stop"])
def test_without_redis_each_process_counts_for_itself_at_once(impatient, own_redis, open_windows, end):
    one, other = open_windows(), open_windows()
    assert one.hit("key", 1, 60.0) == 0 and other.hit("key", 1, 60.0) > 0
    getattr(own_redis, end)()
    for windows in (one, other):
        assert [windows.hit("key", 2, 60.0) == 0 for _ in range(3)] == [True, True, False]
        windows.take_back("key")
        assert [windows.hit("key", 2, 60.0) == 0 for _ in range(2)] == [True, False]
        windows.clear("key")
        assert windows.hit("key", 1, 60.0) == 0
    own_redis.go_on() if end == "stop" else None


def test_a_flush_forgets_and_nothing_else(own_redis, windows):
    assert windows.hit("key", 1, 60.0) == 0 and windows.hit("key", 1, 60.0) > 0
    own_redis.client.flushall()
    own_redis.client.script_flush()
    assert windows.hit("key", 1, 60.0) == 0 and windows.hit("key", 1, 60.0) > 0


def test_what_others_put_under_our_names_does_no_harm(own_redis, windows):
    windows.hit("key", 5, 60.0)
    [name] = own_redis.client.keys(f"{WINDOW}*")
    own_redis.client.set(name, "no list")
    assert windows.hit("key", 1, 60.0) == 0  # by this process alone
    assert windows.hit("key", 1, 60.0) > 0
