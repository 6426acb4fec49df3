"""The event stream: everything after N, and what happens meanwhile, until somebody ends it."""

from __future__ import annotations

import json
import re
import sys
import threading

import pytest

import odziv.web.streams
from odziv.store.conversations.conversation import delete_conversation, set_language
from odziv.store.conversations.messages import NewMessage, append_message
from odziv.web.streams import Hub, sse
from tests.fixtures import Stream


@pytest.fixture(autouse=True)
def short_heartbeat(monkeypatch):
    """A stream with nothing to say says so at once; no test waits for fifteen seconds."""
    monkeypatch.setattr(odziv.web.streams, "HEARTBEAT_SECONDS", 0.01)


def skip_heartbeats(stream, also: str = ":") -> tuple:
    while (piece := stream.read()).startswith((":", also)):
        pass
    fields = dict(line.split(": ", 1) for line in piece.strip().split("\n"))
    return fields["event"], json.loads(fields["data"]), fields.get("id")


def test_a_stream_begins_with_what_was_said_and_goes_on_with_what_is(visitor, run_turns, store):
    visitor.say("hello")
    stream = visitor.stream()
    assert stream.response.mimetype == "text/event-stream"
    assert stream.response.headers["Cache-Control"] == "no-store"
    assert stream.read() == "retry: 2000\n\n"
    name, message, number = stream.event()
    assert (name, message["text"], number) == ("message", "hello", "1")
    assert stream.event()[:2] == (
        "status",
        {"id": visitor.id, "status": "bot", "language": "en", "agent": None, "wait": None},
    )
    run_turns()
    name, message, number = skip_heartbeats(stream, also="event: typing")
    assert (name, message["sender"], number) == ("message", "bot", "2")
    assert "intent" not in json.dumps(message) and "considered" not in message
    stream.close()


def test_silence_is_filled_with_heartbeats(visitor):
    stream = visitor.stream()
    stream.read(), stream.event()
    assert [stream.read(), stream.read()] == [": still here\n\n"] * 2
    stream.close()


@pytest.mark.parametrize("resumed", [{"Last-Event-ID": "2"}, {"Last-Event-ID": "02"}])
def test_a_stream_goes_on_where_the_last_one_ended(visitor, resumed):
    for number in range(4):
        visitor.say(f"text {number}", f"c{number}")
    stream = visitor.stream(**resumed)
    stream.read()
    assert [stream.event()[2], stream.event()[2], stream.event()[0]] == ["3", "4", "status"]
    stream.close()


def test_after_in_the_address_resumes_too_and_the_header_wins(visitor):
    for number in range(3):
        visitor.say(f"text {number}", f"c{number}")
    for after, headers, first in ((2, {}, "3"), (0, {"Last-Event-ID": "1"}, "2")):
        path = f"{visitor.path}/events?after={after}"
        stream = Stream(visitor.client.get(path, headers={**visitor.headers, **headers}, buffered=False))
        stream.read()
        assert stream.event()[2] == first
        stream.close()


def test_a_new_status_and_typing_are_told_but_not_the_customers_own(visitor, services, store):
    stream = visitor.stream()
    stream.read(), stream.event()
    services.hub.typing(visitor.id, "customer", True)
    services.hub.typing(visitor.id, "agent", True)
    assert skip_heartbeats(stream)[:2] == ("typing", {"sender": "agent", "typing": True})
    set_language(store, visitor.id, "pl")
    assert skip_heartbeats(stream)[1]["language"] == "pl"
    stream.close()


def test_what_comes_together_is_sent_together(visitor, run_turns):
    visitor.say("one", "c1")
    stream = visitor.stream()
    assert stream.read_piece() == "retry: 2000\n\n"
    assert names(stream.read_piece()) == ["message", "status"]
    run_turns()  # typing begins and ends, an answer comes: all before the stream is read again
    piece = stream.read_piece()
    while piece.startswith(":"):
        piece = stream.read_piece()
    assert names(piece) == ["message", "typing"]
    assert '"typing": false' in piece
    stream.close()


def names(piece: str) -> list[str]:
    return re.findall("^event: (.*)$", piece, re.MULTILINE)


def test_nobody_hears_of_an_end_without_a_beginning_and_a_quiet_end_waits_for_what_comes(services):
    with services.hub.follow("c") as subscription:
        services.hub.typing("c", "bot", False)
        assert not subscription.wait(0.01) and subscription.take_typing() == {}
        services.hub.typing("c", "bot", True)
        assert subscription.wait(0.01) and subscription.take_typing() == {"bot": True}
        services.hub.typing("c", "bot", False, wakes=False)
        assert not subscription.wait(0.01)
        services.hub.typing("c", "bot", False)  # nothing came: it has to be told all the same
        assert subscription.wait(0.01) and subscription.take_typing() == {"bot": False}
        services.hub.typing("c", "bot", False)
        assert not subscription.wait(0.01) and subscription.take_typing() == {}


def test_an_internal_note_is_not_told(visitor, store, ana):
    stream = visitor.stream()
    stream.read(), stream.event()
    with store.write() as connection:
        append_message(connection, visitor.id, NewMessage("agent", "a note", "", agent_id=ana.id, internal=True))
        append_message(connection, visitor.id, NewMessage("agent", "hello", "", agent_id=ana.id))
    assert skip_heartbeats(stream)[1]["text"] == "hello"
    stream.close()


def test_a_stop_ends_the_stream_even_while_it_sleeps(visitor, services, monkeypatch):
    monkeypatch.setattr(odziv.web.streams, "HEARTBEAT_SECONDS", 60)
    stream = visitor.stream()
    stream.read(), stream.event()
    asleep = threading.Thread(target=services.hub.close)
    asleep.start()
    with pytest.raises(StopIteration):
        stream.read()
    asleep.join()
    assert services.open_streams._open
    stream.close()
    assert not services.open_streams._open


def test_a_stream_ends_with_its_time_and_with_its_conversation(visitor, store, monkeypatch):
    stream = visitor.stream()
    stream.read(), stream.event()
    delete_conversation(store, visitor.id)
    with pytest.raises(StopIteration):
        while stream.read().startswith(":"):
            pass
    stream.close()


def test_a_stream_that_is_too_old_ends(visitor, monkeypatch):
    monkeypatch.setattr(odziv.web.streams, "LIFETIME_SECONDS", -1)
    stream = visitor.stream()
    assert stream.read() == "retry: 2000\n\n"
    with pytest.raises(StopIteration):
        stream.read()
    stream.close()


def test_streams_of_one_address_are_counted_and_places_come_back(visitor, services):
    streams = [visitor.stream() for _ in range(3)]
    refused = visitor.client.get(f"{visitor.path}/events", headers=visitor.headers)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "15")
    streams.pop().close()  # never read from: its place must come back all the same
    streams.append(visitor.stream())
    for stream in streams:
        stream.close()
    assert not services.open_streams._open
    assert not services.hub._followers


def test_a_head_request_keeps_no_place(visitor, services):
    answer = visitor.client.head(f"{visitor.path}/events", headers=visitor.headers)
    assert answer.status_code == 200
    answer.close()
    assert not services.open_streams._open


def test_text_cannot_forge_an_event():
    piece = sse("message", {"text": "a\n\nevent: status\r\ndata: {}\u2028"}, 3)
    assert piece.count("\n") == 4
    assert "\r" not in piece


def test_the_hub_wakes_who_follows_and_forgets_who_left():
    hub = Hub()
    with hub.follow("a") as a, hub.follow("b") as b, hub.follow("a", "c") as both:
        hub.touched({"a"})
        assert [s.wait(0) for s in (a, b, both)] == [True, False, True]
        assert [s.wait(0) for s in (a, b, both)] == [False] * 3
    hub.touched({"a"})
    assert not hub._followers


@pytest.mark.slow
def test_no_change_is_lost_between_two_waits():
    """Whoever comes just as a wait times out is told by the next one."""
    hub, seen, ended = Hub(), threading.Event(), threading.Event()
    interval = sys.getswitchinterval()
    with hub.follow("a") as page:

        def look() -> None:
            while not ended.is_set():
                if page.wait(0.00005):
                    seen.set()

        looking = threading.Thread(target=look, daemon=True)
        sys.setswitchinterval(1e-6)
        try:
            looking.start()
            for _ in range(20_000):
                seen.clear()
                hub.wake("a")
                assert seen.wait(5)
        finally:
            sys.setswitchinterval(interval)
            ended.set()
            looking.join(5)
