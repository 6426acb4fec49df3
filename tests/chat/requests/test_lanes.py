"""Few at a time, but nobody waits behind somebody who hangs."""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack

import pytest

from odziv.cases.lanes import Lanes


def test_no_more_than_so_many_at_once():
    lanes, inside, most, guard = Lanes(2, crowd=9, patience=60.0), 0, 0, threading.Lock()

    def pass_through() -> None:
        nonlocal inside, most
        for _ in range(20):
            with lanes.enter():
                with guard:
                    inside += 1
                    most = max(most, inside)
                time.sleep(0.001)
                with guard:
                    inside -= 1

    threads = [threading.Thread(target=pass_through) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert (most, inside) == (2, 0)


def test_whoever_takes_too_long_keeps_nobody_out():
    lanes = Lanes(1, crowd=9, patience=0.05)
    with ExitStack() as hanging:
        for _ in range(3):  # each of them would wait for ever, if the one before counted for ever
            hanging.enter_context(lanes.enter())


def test_a_lane_is_free_again_after_a_failure():
    lanes = Lanes(1, crowd=9, patience=60.0)
    with pytest.raises(RuntimeError), lanes.enter():
        raise RuntimeError
    with lanes.enter():
        pass


def test_the_wait_ends_when_enough_have_taken_too_long():
    now = 0.0
    lanes = Lanes(2, crowd=9, patience=10.0, clock=lambda: now)
    me = object()
    lanes._waiting.append(me)
    lanes._entered = {"a": 0.0, "b": 4.0}
    now = 5.0
    assert lanes._seconds_to_wait(me) == 5.0
    now = 10.0  # "a" counts no more
    assert lanes._seconds_to_wait(me) == 0
    lanes._entered["c"] = 10.0
    assert lanes._seconds_to_wait(me) == 4.0
    assert lanes._seconds_to_wait(object()) is None


def test_first_come_first_served_also_in_a_crowd():
    lanes, order, leave = Lanes(1, crowd=2, patience=60.0), [], threading.Event()

    def stay(number: int) -> None:
        with lanes.enter():
            order.append(number)
            assert leave.wait(60)

    threads = [threading.Thread(target=stay, args=(number,)) for number in range(4)]
    for number, thread in enumerate(threads):
        thread.start()
        while len(lanes._waiting) + len(lanes._entered) <= number:
            time.sleep(0.001)
    while len(order) < 2:  # the fourth to come is one too many to wait: the second goes in, not the fourth
        time.sleep(0.001)
    assert order == [0, 1]
    leave.set()
    for thread in threads:
        thread.join(60)
    assert order == [0, 1, 2, 3]


def test_of_a_crowd_only_so_many_wait():
    lanes, inside, leave = Lanes(1, crowd=2, patience=60.0), threading.Semaphore(0), threading.Event()

    def stay() -> None:
        with lanes.enter():
            inside.release()
            assert leave.wait(60)

    threads = [threading.Thread(target=stay) for _ in range(5)]
    for thread in threads:
        thread.start()
    for _ in range(3):  # the first, and those beyond the two who may be kept waiting
        assert inside.acquire(timeout=60)
    assert not inside.acquire(timeout=0.05)
    leave.set()
    for thread in threads:
        thread.join(60)
    assert inside.acquire(timeout=0) and inside.acquire(timeout=0)
    assert not lanes._entered and not lanes._waiting
