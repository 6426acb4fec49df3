"""Two agents at the same conversation see each other, and customers see neither."""

from __future__ import annotations

from odziv.store.agents.availability import ONLINE_MS
from tests.desk.queue.test_desk_events import open_stream  # noqa: F401 (a fixture)


def names(stream) -> list[str]:
    return [data["names"] for kind, data in stream.events if kind == "colleagues"]


def test_who_looks_at_the_same_conversation_is_named_until_they_leave(ana, marek, taken, open_stream):  # noqa: F811
    path = f"/desk/events?conversation={taken.id}"
    hers = open_stream(ana, path)
    hers.wait_for("state")
    his = open_stream(marek, path)
    assert his.wait_for("colleagues") == {"names": ["Ana Kovač"]}
    assert hers.wait_for("colleagues") == {"names": ["Marek Zieliński"]}
    marek.post("/desk/sign-out")
    hers.wait_for("colleagues", lambda data: data["names"] == [])


def test_two_tabs_of_one_agent_are_no_colleague(ana, marek, taken, open_stream):  # noqa: F811
    path = f"/desk/events?conversation={taken.id}"
    hers = [open_stream(ana, path), open_stream(ana, path)]
    his = open_stream(marek, path)
    assert his.wait_for("colleagues") == {"names": ["Ana Kovač"]}
    for stream in hers:
        stream.wait_for("colleagues", lambda data: data["names"] == ["Marek Zieliński"])
        assert names(stream) == [["Marek Zieliński"]]


def test_who_looks_at_another_conversation_or_none_is_not_named(ana, marek, taken, open_stream):  # noqa: F811
    his = [open_stream(marek, "/desk/events"), open_stream(marek, "/desk/events?conversation=another")]
    hers = open_stream(ana, f"/desk/events?conversation={taken.id}")
    for stream in (*his, hers):
        stream.wait_for("state")
    marek.post(f"{taken.path}/typing", typing="1")  # from a page that is not open
    marek.post("/desk/sign-out")
    for stream in his:
        assert stream.ended.wait(5)
    assert not [kind for kind, _ in hers.events if kind.startswith("colleague")]


def test_typing_is_shown_to_the_other_not_to_oneself(ana, marek, taken, open_stream):  # noqa: F811
    path = f"/desk/events?conversation={taken.id}"
    hers, his = open_stream(ana, path), open_stream(marek, path)
    for stream in (hers, his):
        stream.wait_for("colleagues")
    ana.post(f"{taken.path}/typing", typing="1", kind="reply")
    assert his.wait_for("colleague-typing") == {"name": "Ana Kovač", "typing": True}
    marek.post(f"{taken.path}/typing", typing="1", kind="note")
    assert hers.wait_for("colleague-typing") == {"name": "Marek Zieliński", "typing": True}
    ana.post(f"{taken.path}/messages", text="Zapisek", kind="note")
    his.wait_for("colleague-typing", lambda data: not data["typing"])
    assert {data["name"] for kind, data in hers.events if kind == "colleague-typing"} == {"Marek Zieliński"}


def test_a_colleague_whose_browser_went_silent_looks_at_nothing(ana, marek, taken, store, open_stream):  # noqa: F811
    path = f"/desk/events?conversation={taken.id}"
    hers = open_stream(ana, path)
    open_stream(marek, path)
    hers.wait_for("colleagues", lambda data: data["names"] == ["Marek Zieliński"])
    store.clock.advance(ONLINE_MS)
    hers.wait_for("colleagues", lambda data: data["names"] == [])


def test_a_customer_is_told_of_a_reply_only(app, ana, marek, taken):
    with app.extensions["odziv"].hub.follow(taken.id) as customer:
        ana.post(f"{taken.path}/typing", typing="1", kind="note")
        marek.post(f"{taken.path}/typing", typing="1", kind="reply")
        assert customer.take_typing() == {}
        ana.post(f"{taken.path}/typing", typing="1", kind="reply")
        assert customer.take_typing() == {"agent": True}


def test_an_id_of_another_shape_is_no_conversation(ana, open_stream):  # noqa: F811
    stream = open_stream(ana, "/desk/events?conversation=" + "x" * 5000)
    assert stream.wait_for("state")["marks"]["conversation"] is None
