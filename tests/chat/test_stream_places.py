"""Who may go on reading a stream, and how many streams there are for whom."""

from __future__ import annotations

import random
import time
from concurrent.futures import ThreadPoolExecutor

import jwt
import pytest

import odziv.web.streams
from odziv.chat.verification import make_secret
from odziv.store.conversations.conversation import delete_conversation
from odziv.store.customers.verified import AnotherPerson, identify_conversation
from odziv.web.errors import ApiError
from odziv.web.limits import STREAMS_OF_AGENT, STREAMS_OF_CONVERSATION, OpenStreams
from tests.fixtures import Stream, Visitor


@pytest.fixture(autouse=True)
def no_heartbeat(monkeypatch):
    """A stream that ends does so because it is woken, not because it looks now and then."""
    monkeypatch.setattr(odziv.web.streams, "HEARTBEAT_SECONDS", 5)


@pytest.fixture
def identify(settings):
    """Says to the interface who a visitor is; returns the visitor with the token they get."""
    secret = make_secret(settings, "demo")[1]

    def identify(visitor: Visitor, sub: str):
        identity = jwt.encode({"sub": sub, "aud": "demo", "exp": int(time.time()) + 600}, secret, "HS256")
        return visitor.client.patch(visitor.path, json={"identity": identity}, headers=visitor.headers)

    return identify


def begun(visitor: Visitor) -> Stream:
    """A stream whose beginning has been read: it waits for what comes."""
    stream = visitor.stream()
    while not stream.read().startswith("event: status"):
        pass
    return stream


def rest(stream: Stream) -> str:
    """What comes until the stream ends."""
    pieces, started = [], time.monotonic()
    for piece in stream._pieces:
        pieces.append(piece.decode() if isinstance(piece, bytes) else piece)
    assert time.monotonic() - started < 4, "it ended by itself, not at once"
    stream.close()
    return "".join(pieces)


def test_a_strangers_stream_ends_when_the_site_says_whose_conversation_it_is(visitor, identify):
    visitor.say("hello")
    stranger = begun(visitor)
    token = identify(visitor, "c-7").get_json()["token"]
    known = Visitor(visitor.client, visitor.id, token)
    known.say("my card number is 1234", "c2")
    assert rest(stranger) == ""
    assert visitor.client.get(f"{visitor.path}/events", headers=visitor.headers).status_code == 401
    stream = begun(known)
    identify(known, "c-7")  # once more, as every page of the site does: nobody is thrown out
    known.say("still here", "c3")
    name, message, _ = stream.event()
    assert (name, message["text"]) == ("message", "still here")
    stream.close()


def test_a_stream_that_was_opened_and_not_read_yet_shows_nothing_any_more(visitor, identify):
    visitor.say("hello")
    stranger = visitor.stream()
    identify(visitor, "c-7")
    assert rest(stranger) == "retry: 2000\n\n"


def test_all_streams_of_an_old_token_end(visitor, identify):
    visitor.say("hello")
    streams = [begun(visitor) for _ in range(3)]
    identify(visitor, "c-7")
    assert [rest(stream) for stream in streams] == [""] * 3


def test_of_two_who_are_said_to_be_the_customer_one_is_and_no_stranger_reads_on(open_conversation, store, settings):
    for number in range(5):
        visitor = open_conversation()
        visitor.say("hello")
        stranger = begun(visitor)

        def say_who(sub: str, conversation_id: str = visitor.id) -> str | None:
            try:
                return identify_conversation(store, conversation_id, sub).customer
            except AnotherPerson:
                return None

        with ThreadPoolExecutor(4) as pool:
            names = list(pool.map(say_who, [f"a{number}", f"b{number}", f"a{number}", f"b{number}"]))
        assert len({name for name in names if name}) == 1 and names.count(None) == 2
        assert rest(stranger) == ""


def test_a_deleted_conversations_streams_end_at_once(visitor, store):
    visitor.say("hello")
    streams = [begun(visitor) for _ in range(2)]
    delete_conversation(store, visitor.id)
    assert [rest(stream) for stream in streams] == ["", ""]


def test_beyond_a_few_the_oldest_stream_of_a_conversation_goes(services, visitor):
    services.open_streams = OpenStreams(50, 20)
    visitor.say("hello")
    streams = [begun(visitor) for _ in range(STREAMS_OF_CONVERSATION + 2)]
    for oldest in streams[:2]:
        assert rest(oldest) == 'event: busy\ndata: {"retry_after": 15}\n\n'
    visitor.say("again", "c2")
    for stream in streams[2:]:
        assert stream.event()[1]["text"] == "again"
        stream.close()
    assert not services.open_streams._open and not services.open_streams._owners


def test_whoever_opens_stream_after_stream_shuts_nobody_out(services, visitor, open_conversation):
    services.open_streams = OpenStreams(50, 40)
    streams = [begun(visitor) for _ in range(30)]
    for stream in streams[:-STREAMS_OF_CONVERSATION]:
        rest(stream)
    other = begun(open_conversation())
    for stream in (*streams, other):
        stream.close()
    assert not services.open_streams._open


def fill(streams: OpenStreams, **more) -> int:
    """Takes places, each for another owner at another address, until there is none; returns how many."""
    for number in range(10_000):
        try:
            streams.enter(f"address {number}", f"owner {number}", **more)
        except ApiError as full:
            assert (full.status, full.code, full.retry_after) == (503, "busy", 15)
            return number
    raise AssertionError("no end of places")


@pytest.mark.parametrize(("total", "visitors"), [(500, 400), (50, 40), (8, 7), (4, 4)])
def test_a_share_is_kept_for_the_desk(total, visitors):
    streams = OpenStreams(total, 60)
    assert fill(streams) == visitors
    assert fill(streams, is_desk=True) == total - visitors


def test_agents_behind_one_address_are_not_counted_by_it_and_each_has_some():
    streams = OpenStreams(500, 3)
    team = [streams.enter("office", f"agent:{number}", is_desk=True) for number in range(21) for _ in range(3)]
    assert not any(place.is_lost for place in team)
    places = [streams.enter("office", "agent:1", is_desk=True) for _ in range(STREAMS_OF_AGENT)]
    assert [place.is_lost for place in team if place.owner == "agent:1"] == [True] * 3
    assert not any(place.is_lost for place in places)
    streams.enter("office", "conversation")  # nor do they count against customers there
    for place in (*team, *places):
        streams.leave(place)
    assert len(streams._open) == 1


def test_a_lost_stream_holds_its_thread_until_it_has_ended():
    streams = OpenStreams(total=4, per_address=60)
    places = [streams.enter("a", "c") for _ in range(4)]
    with pytest.raises(ApiError):
        streams.enter("a", "c")
    assert not any(place.is_lost for place in places)  # who gets none takes none
    streams.leave(places[0])
    streams.leave(places[0])  # twice does no harm
    streams.enter("a", "c")


def test_whose_address_is_full_may_still_replace_their_own():
    streams = OpenStreams(total=100, per_address=STREAMS_OF_CONVERSATION)
    places = [streams.enter("office", "c") for _ in range(STREAMS_OF_CONVERSATION)]
    with pytest.raises(ApiError) as full:
        streams.enter("office", "other")
    assert full.value.status == 429
    streams.enter("office", "c")
    assert [place.is_lost for place in places] == [True] + [False] * (STREAMS_OF_CONVERSATION - 1)


@pytest.mark.slow
def test_in_a_crowd_that_comes_and_goes_the_counts_hold():
    streams, refused = OpenStreams(total=60, per_address=5), []

    def come_and_go(seed: int) -> None:
        chance, mine = random.Random(seed), []
        for _ in range(400):
            is_desk = chance.random() < 0.3
            try:
                owner = f"{'agent' if is_desk else 'c'}{chance.randrange(12)}"
                mine.append(streams.enter(f"address {chance.randrange(8)}", owner, is_desk=is_desk))
            except ApiError as full:
                refused.append(full.status)
            assert len(streams._open) <= 60
            assert sum(not place.is_desk for place in list(streams._open)) <= 48
            if mine and chance.random() < 0.5:
                streams.leave(mine.pop(chance.randrange(len(mine))))
        for place in mine:
            streams.leave(place)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(come_and_go, range(8)))
    assert set(refused) == {429, 503}
    assert not streams._open and not streams._owners and not +streams._addresses
