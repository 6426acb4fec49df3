"""The bench's customer: resends under the same id until acknowledged, and reads the stream by number."""

import asyncio
import json

import httpx
import pytest

import bench.parts.visitor
from bench.parts.visitor import CallRefused, Visitor, pause_after, read_event


def event(name: str, data: dict, number: int | None = None) -> bytes:
    """One event as the server writes it."""
    head = f"id: {number}\n" if number else ""
    return f"{head}event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()


def visitor_at(answer) -> Visitor:
    """A visitor whose server is `answer(request) -> httpx.Response`."""
    return Visitor(httpx.AsyncClient(base_url="http://test", transport=httpx.MockTransport(answer)), "en")


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch):
    monkeypatch.setattr(bench.parts.visitor, "pause_after", lambda failures: 0.0)


def test_resends_the_same_client_id_until_acknowledged():
    asked = []

    def answer(request):
        asked.append(json.loads(request.content)["client_id"])
        if len(asked) == 1:
            raise httpx.ReadError("the server was killed", request=request)
        if len(asked) == 2:
            return httpx.Response(503)
        return httpx.Response(201, json={"message": {"seq": 4}})

    visitor = visitor_at(answer)
    acknowledged = asyncio.run(visitor.post("Where is it?"))
    assert len(set(asked)) == 1 and len(asked) == 3
    assert (acknowledged.seq, acknowledged.tries, acknowledged.limited) == (4, 3, 0)
    assert visitor.tried == {asked[0]: "Where is it?"} and visitor.sent == [acknowledged]


def test_a_rate_limit_is_counted_not_hidden():
    answers = iter(
        [httpx.Response(429, headers={"Retry-After": "0"}), httpx.Response(201, json={"message": {"seq": 1}})]
    )
    assert asyncio.run(visitor_at(lambda request: next(answers)).post("hello")).limited == 1


def test_a_refusal_is_not_asked_again():
    with pytest.raises(CallRefused, match="409"):
        asyncio.run(visitor_at(lambda request: httpx.Response(409)).post("hello"))


def test_follows_by_number_through_a_broken_stream():
    resumed_after = []
    streams = [
        event("message", {"seq": 1, "sender": "customer"}, 1) + event("status", {"status": "bot"}),
        b": still here\n\n" + event("message", {"seq": 2, "sender": "bot"}, 2) + b"event: message\ndata: {cut off",
        event("message", {"seq": 3, "sender": "system"}, 3) + event("status", {"status": "queued"}),
    ]

    def answer(request):
        resumed_after.append(request.headers["Last-Event-ID"])
        return httpx.Response(200, content=streams.pop(0) if streams else b": still here\n\n")

    async def watch():
        visitor = visitor_at(answer)
        following = asyncio.create_task(visitor.follow())
        reaction = await asyncio.wait_for(visitor.reaction_to(1), 5)
        while visitor.status != "queued":
            await asyncio.sleep(0)
        following.cancel()
        return visitor, reaction

    visitor, reaction = asyncio.run(watch())
    assert resumed_after[:3] == ["0", "1", "2"]
    assert [arrival.message["seq"] for arrival in visitor.seen] == [1, 2, 3]
    assert reaction.message["seq"] == 2


def test_no_reaction_comes_once_a_person_has_the_conversation():
    visitor = visitor_at(lambda request: httpx.Response(200))
    visitor.status = "queued"
    assert asyncio.run(visitor.reaction_to(1)) is None


def test_reads_events_whatever_a_text_holds():
    raw = event("message", {"text": "a\u2028b: c\n\nd"}, 7)
    assert read_event(raw.removesuffix(b"\n\n")) == ("message", {"text": "a\u2028b: c\n\nd"})
    assert read_event(b": still here") == ("", {})
    assert read_event(b"retry: 2000") == ("", {})


def test_pauses_grow_and_end_growing():
    assert 0.05 <= pause_after(0) <= 0.1
    assert 1.0 <= pause_after(50) <= bench.parts.visitor.LONGEST_PAUSE
