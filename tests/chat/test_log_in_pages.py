"""A log of thousands of messages is read in pages, and a reader who doesn't read holds one piece of it."""

from __future__ import annotations

import tracemalloc

import pytest
from sqlalchemy import insert, update

from odziv.store.schema import conversations, messages
from odziv.web.streams import PIECE

pytestmark = pytest.mark.slow

LENGTH, TEXT = 5_000, "Kje je moj paket? " * 100


@pytest.fixture
def long(visitor, store):
    """A visitor whose conversation has LENGTH messages of 1,800 characters, every tenth an internal note."""
    row = {"conversation_id": visitor.id, "text": TEXT, "html": f"<p>{TEXT}</p>", "created_at": store.clock()}
    rows = [
        row | {"seq": seq, "internal": seq % 10 == 0, "sender": "agent" if seq % 10 == 0 else "system"}
        for seq in range(1, LENGTH + 1)
    ]
    with store.write() as connection:
        connection.execute(insert(messages), rows)
        connection.execute(update(conversations).where(conversations.c.id == visitor.id).values(last_seq=LENGTH))
    return visitor


PUBLIC = [seq for seq in range(1, LENGTH + 1) if seq % 10]


def read_all(get) -> tuple[list[int], list[int]]:
    """The numbers of all messages and the sizes of the pages, each asked for after the last of the one before."""
    numbers, sizes = [], []
    while True:
        page = get(numbers[-1] if numbers else 0)
        numbers += [message["seq"] for message in page["messages"]]
        sizes.append(len(page["messages"]))
        if not page["more"]:
            return numbers, sizes


def test_customers_read_it_in_pages(long):
    numbers, sizes = read_all(lambda after: long.log(after))
    assert numbers == PUBLIC and max(sizes) == 200
    assert long.log()["more"] == len(PUBLIC) - 200


def test_a_short_log_has_no_more(visitor):
    visitor.say("hello")
    assert visitor.log()["more"] == 0 and visitor.log(1) | {"conversation": 0} == {
        "messages": [], "more": 0, "conversation": 0,
    }  # fmt: skip


@pytest.mark.parametrize(("limit", "size"), [("1", 1), ("7", 7), ("200", 200)])
def test_a_page_has_as_many_as_were_asked_for(long, limit, size):
    page = long.client.get(f"{long.path}/messages?after=4490&limit={limit}", headers=long.headers).get_json()
    assert len(page["messages"]) == size and page["messages"][0]["seq"] == 4491
    assert page["more"] == sum(seq > page["messages"][-1]["seq"] for seq in PUBLIC)


@pytest.mark.parametrize("limit", ["0", "201", "-1", "x", "", "1e2", "9999"])
def test_another_limit_is_refused(visitor, limit):
    answer = visitor.client.get(f"{visitor.path}/messages?limit={limit}", headers=visitor.headers)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (400, "bad_request")


def test_a_page_that_ends_with_the_log_has_no_more(long):
    page = long.client.get(f"{long.path}/messages?after=4990&limit=9", headers=long.headers).get_json()
    assert (len(page["messages"]), page["more"]) == (9, 0)


def test_a_stream_sends_it_in_pieces_and_then_how_it_stands(long):
    stream, numbers, pieces = long.stream(), [], 0
    assert stream.read().startswith("retry")
    while True:
        piece = stream.read_piece()
        pieces += 1
        found = [int(line[4:]) for line in piece.splitlines() if line.startswith("id: ")]
        assert len(found) <= PIECE and len(piece) < PIECE * 3 * len(TEXT)
        numbers += found
        if "event: status" in piece:
            break
    assert numbers == PUBLIC and pieces == len(PUBLIC) / PIECE
    stream.close()


def test_a_stream_that_broke_off_goes_on_where_it_was(long):
    stream = long.stream(**{"Last-Event-ID": str(LENGTH - 12)})
    stream.read()
    assert [stream.event()[2] for _ in range(2)] == [str(LENGTH - 11), str(LENGTH - 9)]
    stream.close()


@pytest.mark.slow
def test_sixty_who_do_not_read_hold_little(long, services):
    """Each has taken a first piece and takes no other."""
    services.open_streams = type(services.open_streams)(100, 100)
    first = long.stream()
    first.read()
    first.read_piece()
    tracemalloc.start()
    streams = [long.stream() for _ in range(60)]
    for stream in streams:
        stream.read()
        stream.read_piece()
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < 60 * PIECE * 8 * len(TEXT)  # a piece: read, written as JSON, and as one text
    for stream in (first, *streams):
        stream.close()
