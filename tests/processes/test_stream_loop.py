"""Streams without a thread each: what they say arrives, nobody waits for a slow reader, and each ends exactly once."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, suppress

import pytest

from odziv.processes import stream_loop
from odziv.processes.handed_over import HAND_OVER, HandedBody, HandedOver
from odziv.processes.stream_loop import StreamLoop
from odziv.web.following import response
from odziv.web.following.subscription import Pause, Subscription
from tests.waiting import wait_until

LONG = 600.0  # seconds that nobody waits for
opened: list[socket.socket] = []


@pytest.fixture
def loop() -> Iterator[StreamLoop]:
    loop = StreamLoop(threads=2)
    loop.start()
    yield loop
    loop.stop()
    while opened:
        opened.pop().close()


class Reader:
    """The other side of a stream, and what became of it."""

    def __init__(self, loop: StreamLoop, events, *, is_chunked: bool = False) -> None:
        server, self.socket = socket.socketpair()
        server.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        self.socket.settimeout(10)
        opened.extend((server, self.socket))
        self.left: list[str] = []
        self.ended = threading.Event()

        def end() -> None:
            self.left.append("ended")
            server.close()
            self.ended.set()

        loop.add(server, HandedBody(events, lambda: self.left.append("left")), is_chunked, end)

    def read(self, size: int) -> bytes:
        found = b""
        while len(found) < size and (piece := self.socket.recv(size - len(found))):
            found += piece
        return found


def echo(subscription: Subscription, said: list[str], seconds: float = LONG):
    """Says what was put into `said`, whenever it is woken; what it was told of each pause goes with it."""
    while True:
        woken = yield Pause(seconds, subscription)
        yield f"{woken}:{said.pop(0) if said else ''};"


def test_both_sides_mean_the_same_key():
    assert HAND_OVER == response.HAND_OVER


def test_a_stream_says_what_comes_and_ends(loop):
    def events():
        yield "one;"
        yield Pause(0.01)
        yield "two;"

    reader = Reader(loop, events())
    assert reader.read(100) == b"one;two;"
    assert reader.ended.wait(5) and reader.left == ["left", "ended"]


def test_in_http_1_1_each_piece_has_its_length_and_the_last_says_so(loop):
    def events():
        yield "žar"

    reader = Reader(loop, events(), is_chunked=True)
    assert reader.read(100) == b"4\r\n\xc5\xbear\r\n0\r\n\r\n"


def test_news_wakes_a_stream_and_what_came_before_it_paused_is_not_lost(loop):
    subscription, said = Subscription(), ["early"]
    subscription.wake()
    reader = Reader(loop, echo(subscription, said))
    assert reader.read(11) == b"True:early;"
    said.append("late")
    subscription.wake()
    assert reader.read(10) == b"True:late;"


def test_without_news_a_stream_goes_on_after_its_time(loop):
    reader = Reader(loop, echo(Subscription(), [], seconds=0.02))
    assert reader.read(14) == b"False:;False:;"


def test_a_reader_who_takes_nothing_holds_nobody_up(loop):
    def flood():
        while True:
            yield "x" * 100_000

    slow = [Reader(loop, flood()) for _ in range(20)]
    subscription = Subscription()
    quick = Reader(loop, echo(subscription, ["a"]))
    subscription.wake()
    assert quick.read(7) == b"True:a;"
    assert slow[0].read(500_000) == b"x" * 500_000  # and goes on as soon as it reads
    assert not slow[1].left


def test_a_reader_who_takes_nothing_for_too_long_is_given_up(loop, monkeypatch):
    monkeypatch.setattr(stream_loop, "SEND_SECONDS", 0.05)
    monkeypatch.setattr(stream_loop, "SLOWEST", 10_000_000)

    def flood():
        while True:
            yield "x" * 100_000

    reader = Reader(loop, flood())
    assert reader.ended.wait(5) and reader.left == ["left", "ended"]


@pytest.mark.parametrize("half", [False, True], ids=["closed", "half closed"])
def test_who_hangs_up_is_noticed_at_once(loop, half):
    closed = []

    def events():
        try:
            yield "hello"
            yield Pause(LONG, Subscription())
        finally:
            closed.append(True)

    reader = Reader(loop, events())
    reader.read(5)
    if half:
        reader.socket.shutdown(socket.SHUT_WR)
    else:
        reader.socket.close()
    assert reader.ended.wait(5) and reader.left == ["left", "ended"] and closed == [True]


def test_who_says_something_on_a_stream_goes_on_hearing(loop):
    subscription = Subscription()
    reader = Reader(loop, echo(subscription, ["a"]))
    reader.socket.sendall(b"GET / HTTP/1.1\r\n\r\n" * 10)
    subscription.wake()
    assert reader.read(7) == b"True:a;" and not reader.left


def test_a_stream_that_fails_ends_and_says_so_in_the_log(loop, caplog):
    def events():
        yield "one"
        raise ValueError("broken")

    reader = Reader(loop, events())
    assert reader.read(100) == b"one"
    assert reader.ended.wait(5) and reader.left == ["left", "ended"]
    assert "broken" in caplog.text


def test_a_thousand_that_are_woken_and_hung_up_on_at_the_same_moments_end_once_each(loop):
    subscriptions = [Subscription() for _ in range(200)]
    readers = [Reader(loop, echo(each, ["a"] * 1000, seconds=0.001)) for each in subscriptions]
    going = threading.Event()

    def wake() -> None:
        while not going.is_set():
            for each in subscriptions:
                each.wake()

    waking = threading.Thread(target=wake)
    waking.start()
    for reader in readers:
        with closing(reader.socket), suppress(OSError):
            reader.socket.recv(10)
    for reader in readers:
        assert reader.ended.wait(10)
    going.set()
    waking.join()
    assert {tuple(reader.left) for reader in readers} == {("left", "ended")}
    wait_until(lambda: not loop._selector.get_map() or len(loop._selector.get_map()) == 1, 5)


def test_a_body_that_nobody_reads_is_left_once_and_one_that_was_handed_over_not_by_its_response():
    left: list[str] = []

    def events():
        yield "never"

    unread = HandedBody(events(), lambda: left.append("unread"))
    unread.close()
    handed = HandedBody(events(), lambda: left.append("handed"))
    pieces = iter(handed)
    assert next(pieces) == b""
    with pytest.raises(HandedOver):
        next(pieces)
    handed.close()
    assert left == ["unread"]


def test_a_pause_calls_once_and_not_after_it_was_given_up():
    called: list[Callable] = []
    subscription = Subscription()
    first = Pause(LONG, subscription)
    first.call_when_news(lambda: called.append(first))
    assert first.give_up() and not first.give_up()
    subscription.wake()
    assert not called
    second = Pause(LONG, subscription)
    second.call_when_news(lambda: called.append(second))  # there is news already
    assert called == [second] and not second.give_up()
    subscription.wake()
    assert called == [second]
