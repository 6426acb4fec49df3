"""Programs find conversations as agents do, page by page, and take resolved ones up again."""

from __future__ import annotations

import pytest

from odziv.store.conversations.conversation import find_conversation
from tests.desk.conftest import hand_off
from tests.fixtures import set_contact


def ids(answer, key: str = "hits") -> list[str]:
    assert answer.status_code == 200, answer.json
    return [one["conversation"]["id"] if key == "hits" else one["id"] for one in answer.json[key]]


def test_found_with_its_sentence(program, store, waiting):
    [hit] = program("Ana").get("/search?q=CLOVEK").json["hits"]
    assert (hit["conversation"]["id"], hit["found_in"], hit["seq"], hit["similar"]) == (waiting.id, "message", 1, False)
    marked = [piece["text"] for piece in hit["snippet"] if piece["marked"]]
    assert marked == ["človekom"] and "".join(piece["text"] for piece in hit["snippet"]).startswith("Rad bi")
    assert program("Eva").get("/search?q=clovke&state=waiting").json["hits"][0]["similar"]


def test_page_by_page(program, store):
    here, wanted = program("Ana"), []
    for number in range(7):
        store.clock.advance(1000)
        wanted.append(hand_off(store, f"Paket {number}").id)
    found, path = [], "/search?q=paket&limit=3"
    cursor = ""
    while cursor is not None:
        answer = here.get(path + (f"&cursor={cursor}" if cursor else ""))
        found += ids(answer)
        cursor = answer.json["next_cursor"]
    assert found == wanted[::-1]


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("channel=mail", False), ("channel=widget", True), ("reason=requested", True), ("reason=complaint", False),
        ("topic=orders", True), ("article=orders/return", False), ("rating=3", False), ("handled_by=me", False),
        ("began_after=2001-01-01T00:00:00Z", True), ("began_before=2001-01-01T00:00:00%2B02:00", False),
    ],
)  # fmt: skip
def test_both_lists_are_narrowed_down_alike(program, waiting, query, is_found):
    here = program("Ana")
    assert ids(here.get(f"/search?q=rad&{query}")) == ([waiting.id] if is_found else [])
    assert ids(here.get(f"/conversations?{query}"), "conversations") == ([waiting.id] if is_found else [])


def test_by_customer_and_kind(program, store, waiting):
    set_contact(store, waiting.id, name="Nina Škrjanc")
    here = program("Ana")
    assert ids(here.get("/search?q=skrjanc&kind=customer")) == [waiting.id]
    assert ids(here.get("/search?q=skrjanc&kind=note")) == []
    assert ids(here.get("/search?q=rad&customer=nina")) == [waiting.id]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 400), ("q=", 400), ("q=a&kind=x", 400), ("q=a&state=queued", 400), ("q=a&rating=6", 400),
        ("q=a&evil=1", 400),
        ("q=a&began_after=yesterday", 400), ("q=a&began_after=2020-01-01T00:00:00", 400), ("q=a&limit=0", 400),
        ("q=" + "a" * 401, 400), ("q=a&cursor=x", 404), ("q=a&cursor=MX5h", 404), ("q=%00", 200), ("q=%22%28*", 200),
        ("q=a&began_before=0.5", 400), ("q=a&began_after=1700000000", 400),  # no seconds since 1970
        ("q=a&handled_by=9999999999999999", 200), ("q=a&began_after=0001-01-01T00:00:00Z", 200),
    ],
)  # fmt: skip
def test_bad_queries_are_refused(program, waiting, query, status):
    assert program("Ana").get(f"/search?{query}").status_code == status


def test_reopened_once(program, store, waiting):
    ana, eva = program("Ana"), program("Eva")
    path = f"/conversations/{waiting.id}"
    ana.post(f"{path}/claim")
    assert ana.post(f"{path}/reopen").status_code == 409
    ana.post(f"{path}/resolve")
    assert eva.post(f"{path}/reopen").json["conversation"]["agent"]["id"] == eva.agent.id
    assert ana.post(f"{path}/reopen").status_code == 409 and find_conversation(store, waiting.id).status == "open"
    assert ana.post("/conversations/nowhere/reopen").status_code == 404
