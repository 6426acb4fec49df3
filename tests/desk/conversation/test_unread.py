"""Leaving a customer who has just written: refused, what came is shown, and asked again."""

from __future__ import annotations

import threading

import pytest

from kb.render import render_plain
from odziv.store.conversations.conversation import find_conversation
from odziv.store.conversations.messages import add_customer_message, list_messages


def text_of(response) -> str:
    return response.get_data(as_text=True)


def write(store, taken, text: str = "Še nekaj: kdaj pride?") -> int:
    """The customer writes; the number of it."""
    message, _ = add_customer_message(store, taken.id, f"c-{text}", text, render_plain(text))
    return message.seq


def last_seen(store, taken) -> str:
    return str(list_messages(store, taken.id)[-1].seq)


@pytest.mark.slow
@pytest.mark.parametrize("status", ["resolved", "bot"])
@pytest.mark.parametrize("says", [True, False], ids=["told by the page", "known from the page"])
def test_what_was_not_seen_is_shown_and_asked_again(ana, taken, store, status, says):
    ana.get(taken.path)
    fields = {"seen": last_seen(store, taken)} if says else {}
    write(store, taken)
    before = list_messages(store, taken.id)
    answer = ana.post(f"{taken.path}/release", status=status, **fields)
    assert (answer.status_code, answer.location) == (303, taken.path)
    assert find_conversation(store, taken.id).status == "open" and list_messages(store, taken.id) == before
    page = text_of(ana.get(taken.path))
    assert "the customer has written meanwhile" in page and "Še nekaj: kdaj pride?" in page
    again = {"seen": last_seen(store, taken)} if says else {}
    assert ana.post(f"{taken.path}/release", status=status, **again).location == "/desk/inbox"
    assert find_conversation(store, taken.id).status == status


def test_snoozing_is_asked_again_too(ana, taken, store):
    ana.get(taken.path)
    seen = last_seen(store, taken)
    write(store, taken)
    answer = ana.post(f"{taken.path}/snooze", until="later", seen=seen)
    assert (answer.status_code, answer.location) == (303, taken.path)
    assert "Not snoozed: the customer has just written." in text_of(ana.get(taken.path))
    assert ana.post(f"{taken.path}/snooze", until="later", seen=last_seen(store, taken)).location == "/desk/inbox"


def test_what_others_say_meanwhile_stops_nobody(ana, marek, taken, store):
    ana.get(taken.path)
    seen = last_seen(store, taken)
    marek.post(f"{taken.path}/messages", text="Pozor.", kind="note")
    assert ana.post(f"{taken.path}/release", status="resolved", seen=seen).location == "/desk/inbox"


@pytest.mark.slow
@pytest.mark.parametrize("seen", ["x", "-1", "99999999999999999999", ""])
def test_a_number_that_is_none_harms_nothing(ana, taken, store, seen):
    ana.get(taken.path)
    write(store, taken)
    assert ana.post(f"{taken.path}/release", status="resolved", seen=seen).status_code in (303, 400)


@pytest.mark.slow
def test_of_ten_at_the_same_moment_none_is_left_unanswered(ana, taken, store):
    """The message and the press meet in the database, in either order: no message is closed that came before."""
    for number in range(10):
        ana.get(taken.path)
        seen = last_seen(store, taken)
        writing = threading.Thread(target=write, args=(store, taken, f"Sporočilo {number}"))
        writing.start()
        answer = ana.post(f"{taken.path}/release", status="resolved", seen=seen)
        writing.join()
        log = [m for m in list_messages(store, taken.id) if not m.internal]
        if answer.location == taken.path:
            assert find_conversation(store, taken.id).status == "open"
            continue
        closed = next(m.seq for m in reversed(log) if m.sender == "system")
        assert log[-1].seq > closed or log[-1].sender == "system"
        assert all(m.seq > closed or m.seq <= int(seen) for m in log if m.sender == "customer")
        break


def test_what_a_page_fetches_by_itself_takes_no_sentence_away(ana, taken, store):
    """Its answer may come after that of the button, whose sentence the cookie carries to the next page."""
    seen = last_seen(store, taken)
    log, passages = f"{taken.path}/log?after={seen}&mode=holder", f"{taken.path}/knowledge"
    fetched = [log, passages, "/desk/alive", "/desk/list/queue"]
    answers = [ana.client.get(path, headers={"HX-Request": "true"}) for path in fetched]
    write(store, taken)
    ana.post(f"{taken.path}/release", status="resolved", seen=seen)
    assert [(answer.status_code < 300, answer.headers.getlist("Set-Cookie")) for answer in answers] == [(True, [])] * 4
    assert "the customer has written meanwhile" in text_of(ana.get(taken.path))
