"""A conversation of many messages: the page shows its end, and leads to the rest."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import insert, select, update

from odziv.desk.conversation.log_page import MOST, STEP, LogPart, choose_more, choose_new, choose_parts, find_gaps
from odziv.store.schema import conversations, handoffs, messages

SEQ = re.compile(r'data-seq="(\d+)"')
HREF = re.compile(r'(href|hx-get)="([^"]*(?:part|at)[^"]*)"')


@pytest.fixture
def long(store, waiting):
    """The waiting conversation, with 1,200 messages that are older than its handoff."""
    lengthen(store, waiting.id, 1200)
    return waiting


def lengthen(store, conversation_id: str, size: int, created_at: int = 1000) -> None:
    with store.write() as connection:
        had = connection.execute(
            select(conversations.c.last_seq).where(conversations.c.id == conversation_id)
        ).scalar_one()
        line = {"conversation_id": conversation_id, "sender": "customer", "internal": False, "created_at": created_at}
        rows = [{**line, "seq": n, "text": f"line {n}", "html": f"line {n}"} for n in range(had + 1, size + 1)]
        connection.execute(insert(messages), rows)
        connection.execute(update(conversations).where(conversations.c.id == conversation_id).values(last_seq=size))


def shown(person, path: str) -> tuple[list[int], list[dict[str, str]], str]:
    """The numbers on a page, where its gaps lead, and the page."""
    response = person.get(path)
    assert response.status_code == 200
    page = response.get_data(as_text=True)
    gaps = [part.partition("</li>")[0] for part in page.split('<li class="gap"')[1:]]
    found = [{kind: address.replace("&amp;", "&") for kind, address in HREF.findall(gap)} for gap in gaps]
    return [int(seq) for seq in SEQ.findall(page)], found, page


def test_the_end_is_shown_and_earlier_ones_come_by_and_by(ana, long):
    numbers, gaps, page = shown(ana, long.path)
    assert numbers == list(range(1001, 1201)) and "Show earlier (1,000 left)" in page
    numbers, gaps, page = shown(ana, gaps[-1]["hx-get"])
    assert numbers == list(range(801, 1001)) and "Show earlier (800 left)" in page and "<html" not in page
    for _ in range(4):
        numbers, gaps, page = shown(ana, gaps[-1]["hx-get"])
    assert numbers == list(range(1, 201)) and not gaps


@pytest.mark.slow
def test_without_script_the_same_links_lead_to_every_message(ana, long):
    seen, path = set(), long.path
    for _ in range(5):
        numbers, gaps, page = shown(ana, path)
        seen |= set(numbers)
        path, anchor = gaps[0]["href"].split("#m")
        assert f'id="m{int(anchor) + 1}"' in page and int(anchor) not in numbers
        if path.endswith("at=1"):
            break
    numbers, _, _ = shown(ana, path)
    assert set(numbers) >= set(range(1, 201)) and len(numbers) <= 2 * STEP


def test_a_link_to_a_message_shows_it_and_what_follows_is_fetched_downwards(ana, long):
    numbers, gaps, page = shown(ana, f"{long.path}?at=300")
    assert numbers == [*range(280, 480), *range(1001, 1201)]
    assert "Show earlier (279 left)" in page and "Show what follows (521 left)" in page
    numbers, gaps, page = shown(ana, gaps[-1]["hx-get"])
    assert numbers == list(range(480, 680)) and "Show what follows (321 left)" in page
    _, gaps, _ = shown(ana, gaps[-1]["hx-get"])
    numbers, gaps, page = shown(ana, gaps[-1]["hx-get"])
    assert numbers == list(range(880, 1001)) and not gaps


def test_everything_since_the_last_handoff_is_shown_up_to_five_hundred(ana, long, store):
    with store.write() as connection:
        connection.execute(update(messages).where(messages.c.seq > 850).values(created_at=2000))
        connection.execute(update(handoffs).values(created_at=2000))
    assert shown(ana, long.path)[0] == list(range(851, 1201))
    with store.write() as connection:
        connection.execute(update(messages).where(messages.c.seq > 300).values(created_at=2000))
    assert shown(ana, long.path)[0] == list(range(701, 1201))


def test_an_update_after_long_sleep_says_what_it_leaves_out(ana, long):
    numbers, _, page = shown(ana, f"{long.path}/log?after=100")
    assert numbers == list(range(701, 1201)) and "Show what follows (600 left)" in page


@pytest.mark.slow
@pytest.mark.parametrize("query", ["at=0", "at=-1", "at=x", "at=999999999", "at=99999999999999999999", "at=1&at=2"])
def test_nonsense_places_harm_nothing(ana, long, query):
    numbers, _, _ = shown(ana, f"{long.path}?{query}")
    assert numbers[-1] == 1200 and len(numbers) <= 2 * STEP


@pytest.mark.parametrize(
    "query", ["", "before=0", "before=1", "before=999999999", "after=999999999&until=2", "after=5", "after=5&until=x"]
)
@pytest.mark.slow
def test_nonsense_parts_are_small(ana, long, query):
    assert len(shown(ana, f"{long.path}/part?{query}")[0]) <= STEP


def test_a_part_needs_somebody_signed_in_and_a_conversation(client, ana, long):
    assert client.get(f"{long.path}/part?before=5").status_code in (302, 303, 401)
    assert ana.get("/desk/conversations/nope/part?before=5").status_code == 404


def test_mentions_and_flags_lead_to_the_place(ana, long, store):
    lead = ana.post(f"{long.path}/messages/2/flag", reason="x").headers.get("Location", "")
    assert not lead or "at=2#m2" in lead


@pytest.mark.parametrize("last", [0, 1, 2, STEP, STEP + 1, 1000, 5000])
@pytest.mark.parametrize("handed_off", [None, 1, 300, 4700])
@pytest.mark.parametrize("at", [0, 1, 150, 4600, 6000])
def test_parts_and_gaps_together_are_the_whole_log_once(last, handed_off, at):
    handed_off = handed_off and min(handed_off, last)
    parts = choose_parts(last, handed_off, at)
    whole = sorted([*parts, *find_gaps(parts)])
    assert [n for part in whole for n in range(part.first, part.last + 1)] == list(range(1, last + 1))
    assert sum(part.size for part in parts) <= MOST
    assert not 0 < at <= last or any(part.first <= at <= part.last for part in parts)


def test_what_is_asked_for_is_never_more_than_a_step():
    assert choose_more(100, 50, 0, 0) == (LogPart(1, 49), [])
    assert choose_more(1000, 0, 10, 900) == (LogPart(11, 210), [LogPart(211, 899)])
    assert choose_new(10, 4) == [LogPart(5, 10)] and choose_new(10, 10) == [LogPart(11, 10)]
