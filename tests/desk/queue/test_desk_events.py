"""The desk's event stream: what it tells, and when it ends."""

from __future__ import annotations

import json
import threading
import time
from contextlib import contextmanager, suppress
from types import SimpleNamespace

import pytest

from kb.render import render_plain
from odziv.desk.queue import events
from odziv.desk.queue.viewers import Viewers
from odziv.store.agents.accounts import change_role
from odziv.store.agents.agent import set_disabled
from odziv.store.conversations.conversation import create_conversation
from odziv.store.conversations.messages import NewMessage, add_customer_message
from odziv.store.conversations.turns import finish_turn
from odziv.store.handoffs.withdrawals import withdraw
from odziv.store.labels.labels import add_label, delete_label
from odziv.store.labels.marks import put_on
from odziv.web.errors import ApiError
from odziv.web.following.response import wait_for
from odziv.web.limits import Place
from odziv.web.streams import ON_PAGE_MS
from tests.desk.conftest import come_in, hand_off
from tests.fixtures import take_turn


class Stream:
    """Reads a page's stream in a thread and remembers its events."""

    def __init__(self, response) -> None:
        self.events: list[tuple[str, dict]] = []
        self.ended = threading.Event()
        self._chunks = response.response
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for chunk in self._chunks:
            fields = dict(
                line.split(": ", 1) for line in chunk.decode().strip().splitlines() if not line.startswith(":")
            )
            if "event" in fields:
                self.events.append((fields["event"], json.loads(fields["data"])))
        self.ended.set()

    def wait_for(self, kind: str, condition=lambda data: True, seconds: float = 5) -> dict:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for name, data in list(self.events):
                if name == kind and condition(data):
                    return data
            time.sleep(0.01)
        raise AssertionError(f"no {kind} in {self.events}")


@pytest.fixture
def open_stream(app, monkeypatch):
    monkeypatch.setattr(events, "HEARTBEAT_SECONDS", 0.1)
    streams = []

    def open_stream(person, path: str = "/desk/events") -> Stream:
        stream = Stream(person.client.get(path, buffered=False))
        streams.append(stream)
        return stream

    yield open_stream
    app.extensions["odziv"].hub.close()
    for stream in streams:
        assert stream.ended.wait(5)


def test_a_new_handoff_is_told_at_once(ana, store, open_stream):
    stream = open_stream(ana)
    before = stream.wait_for("state")
    assert before["waiting"] == 0
    hand_off(store, "Prosim")
    after = stream.wait_for("state", lambda state: state["waiting"] == 1, seconds=2)
    assert after["marks"]["queue"] != before["marks"]["queue"]


def test_a_customer_who_goes_back_to_the_bot_leaves_the_queue_at_once(ana, store, waiting, open_stream):
    stream = open_stream(ana, f"/desk/events?conversation={waiting.id}")
    before = stream.wait_for("state", lambda state: state["waiting"] == 1)["marks"]
    withdraw(store, waiting.id, NewMessage("system", "Spet pomočnik.", "<p>Spet pomočnik.</p>"))
    after = stream.wait_for("state", lambda state: state["waiting"] == 0, seconds=2)["marks"]
    assert after["queue"] != before["queue"] and after["conversation"] != before["conversation"]


def test_a_message_changes_the_mark_of_the_open_conversation(ana, store, taken, open_stream):
    stream = open_stream(ana, f"/desk/events?conversation={taken.id}")
    before = stream.wait_for("state")["marks"]["conversation"]
    add_customer_message(store, taken.id, "1", "Halo?", render_plain("Halo?"))
    stream.wait_for("state", lambda state: state["marks"]["conversation"] != before, seconds=2)


@pytest.mark.slow
def test_what_the_bot_says_elsewhere_is_not_looked_up(ana, store, open_stream, monkeypatch):
    shared = count_calls(monkeypatch, "with_lists")
    stream = open_stream(ana)
    stream.wait_for("state")
    elsewhere = create_conversation(store, "demo", "en")
    for number in range(3):
        add_customer_message(store, elsewhere.id, f"c{number}", "where is it?", "")
        finish_turn(store, take_turn(store), NewMessage("bot", "There.", ""))
    time.sleep(3 * events.SETTLE_SECONDS)
    before = len(shared)
    hand_off(store, "Prosim")
    stream.wait_for("state", lambda state: state["waiting"] == 1, seconds=2)
    assert before == 1 and len(shared) >= 2


def count_calls(monkeypatch, name: str) -> list[int]:
    """One entry for each call of a function of the module from now on."""
    calls, function = [], getattr(events, name)
    monkeypatch.setattr(events, name, lambda *given: calls.append(1) or function(*given))
    return calls


@pytest.mark.slow
def test_of_what_happens_in_others_conversations_only_the_lists_are_read(ana, store, taken, open_stream, monkeypatch):
    monkeypatch.setattr(events, "HEARTBEAT_SECONDS", 60.0)
    reads = count_calls(monkeypatch, "read_state")
    stream = open_stream(ana, f"/desk/events?conversation={taken.id}")
    mark = stream.wait_for("state")["marks"]["conversation"]
    before = len(reads)
    for number in range(1, 4):
        hand_off(store, "Prosim")
        told = stream.wait_for("state", lambda state, number=number: state["waiting"] == number, seconds=2)
        assert told["marks"]["conversation"] == mark and told["mine"] == 1
    assert len(reads) == before
    add_customer_message(store, taken.id, "1", "Halo?", render_plain("Halo?"))
    stream.wait_for("state", lambda state: state["marks"]["conversation"] != mark, seconds=2)


@pytest.mark.slow
def test_what_changes_with_the_lists_alone_is_shown_with_the_next_sign_of_life(
    ana, store, taken, open_stream, monkeypatch
):
    monkeypatch.setattr(events, "HEARTBEAT_SECONDS", 0.5)
    by = ana.agent.id
    label = add_label(store, by, site="demo", name="Tents", colour="red", topic=None)
    put_on(store, taken.id, label, by)
    stream = open_stream(ana, f"/desk/events?conversation={taken.id}")
    mark = stream.wait_for("state")["marks"]["conversation"]
    delete_label(store, label, by)
    stream.wait_for("state", lambda state: state["marks"]["conversation"] != mark, seconds=5)


def test_the_marks_equal_those_of_the_page(ana, taken, open_stream):
    page = ana.get(taken.path).get_data(as_text=True)
    marks = open_stream(ana, f"/desk/events?conversation={taken.id}").wait_for("state")["marks"]
    assert f'data-conversation="{marks["conversation"]}"' in page
    assert f'data-queue="{marks["queue"]}"' in page and f'data-inbox="{marks["inbox"]}"' in page


def test_a_typing_customer_is_told_an_agent_is_not(app, ana, taken, open_stream):
    stream = open_stream(ana, f"/desk/events?conversation={taken.id}")
    stream.wait_for("state")
    hub = app.extensions["odziv"].hub
    hub.typing(taken.id, "agent", True)
    hub.typing(taken.id, "customer", True)
    assert stream.wait_for("typing") == {"typing": True}
    assert [kind for kind, _ in stream.events].count("typing") == 1


def test_whether_the_customer_is_on_the_page_is_told_as_it_changes(app, ana, taken, store, open_stream):
    stream, hub = open_stream(ana, f"/desk/events?conversation={taken.id}"), app.extensions["odziv"].hub
    stream.wait_for("state")
    assert not ana.get(f"/desk/state?conversation={taken.id}").get_json()["on_page"]
    assert 'id="on-page" hidden' in ana.get(taken.path).text
    hub.note_customer(taken.id, store.clock())
    assert stream.wait_for("customer") == {"on_page": True}
    assert ana.get(f"/desk/state?conversation={taken.id}").get_json()["on_page"]
    assert 'id="on-page">On the page now' in ana.get(taken.path).text
    store.clock.advance(ON_PAGE_MS)
    stream.wait_for("customer", lambda told: not told["on_page"])
    assert [kind for kind, _ in stream.events].count("customer") == 2


def test_of_who_waits_it_is_said_once(ana, waiting):
    assert "on-page" not in ana.get(waiting.path).text and "Here now" in ana.get(waiting.path).text


def test_the_stream_of_a_disabled_agent_ends(ana, store, open_stream):
    stream = open_stream(ana)
    stream.wait_for("state")
    set_disabled(store, ana.agent.id, True)
    stream.wait_for("signed-out", seconds=2)
    assert stream.ended.wait(2)


def test_a_disabled_agents_streams_end_at_once_not_at_the_next_look(ana, marek, boss, open_stream, monkeypatch):
    monkeypatch.setattr(events, "HEARTBEAT_SECONDS", 60.0)
    streams, others = [open_stream(ana), open_stream(ana)], open_stream(marek)
    for stream in (*streams, others):
        stream.wait_for("state")
    boss.post(f"/desk/people/{ana.agent.id}/state", state="disabled")
    for stream in streams:
        assert stream.ended.wait(2)
        stream.wait_for("signed-out")
    assert not others.ended.is_set()


def test_whoever_stays_signed_in_keeps_the_stream(app, ana, open_stream, monkeypatch):
    monkeypatch.setattr(events, "HEARTBEAT_SECONDS", 60.0)
    here, there = open_stream(ana), open_stream(come_in(app, ana.agent))
    here.wait_for("state")
    there.wait_for("state")
    ana.post("/desk/account/sessions/end-others")
    assert there.ended.wait(2)
    there.wait_for("signed-out")
    assert not here.ended.is_set()


def test_wakings_do_not_put_the_look_at_the_session_off(monkeypatch):
    """Woken just before its time, the loop waits only for what is left of it."""
    clock = SimpleNamespace(now=100.0)
    waits: list[float] = []

    class Changes:
        def take_typing(self):
            return {}

        def take_change(self):
            return False

        def wait(self, timeout):
            waits.append(timeout)
            clock.now += min(timeout, 3.0)
            return len(waits) == 1

    @contextmanager
    def follow(*_keys):
        yield Changes()

    monkeypatch.setattr(events, "time", SimpleNamespace(monotonic=lambda: clock.now))
    nothing = SimpleNamespace(news=lambda **_: (), catch_up=lambda: ())
    monkeypatch.setattr(events, "Told", lambda *_: nothing)
    answers = iter([SimpleNamespace(role="agent"), None])
    monkeypatch.setattr(events, "find_agent_by_session", lambda *_: next(answers))
    hub = SimpleNamespace(follow=follow, closing=False)
    who = SimpleNamespace(token="token", id=1, name="Ana", agent=SimpleNamespace(role="agent"))
    followed = events.follow(None, hub, Viewers(hub), None, who, Place("", "", True), None)
    assert list(wait_for(followed))[-1].startswith("event: signed-out")
    assert clock.now - 100.0 <= events.HEARTBEAT_SECONDS < 5 and len(waits) == 2


def test_signing_out_ends_the_stream(ana, open_stream):
    stream = open_stream(ana)
    stream.wait_for("state")
    ana.post("/desk/sign-out")
    assert stream.ended.wait(2)


def test_a_stop_ends_the_stream(app, ana, open_stream):
    stream = open_stream(ana)
    stream.wait_for("state")
    app.extensions["odziv"].hub.close()
    assert stream.ended.wait(2)
    assert not stream.events[1:]


@pytest.mark.parametrize("role", ["editor", "admin"])
def test_another_role_ends_the_stream_and_the_page_asks_anew(app, ana, store, open_stream, monkeypatch, role):
    monkeypatch.setattr(events, "HEARTBEAT_SECONDS", 60)
    stream = open_stream(ana)
    stream.wait_for("state")
    change_role(store, ana.agent.id, role)
    assert stream.ended.wait(2)
    assert [name for name, _ in stream.events] == ["state"]  # they are not signed out


def test_beyond_so_many_the_oldest_stream_of_an_agent_goes(app, ana, open_stream, monkeypatch):
    monkeypatch.setattr(events, "HEARTBEAT_SECONDS", 60)
    monkeypatch.setattr("odziv.web.limits.STREAMS_OF_AGENT", 2)
    streams = []
    for _ in range(3):
        streams.append(open_stream(ana))
        streams[-1].wait_for("state")
    assert streams[0].ended.wait(2) and streams[0].events[-1] == ("busy", {"retry_after": 15})
    assert not streams[1].ended.is_set() and not streams[2].ended.is_set()


def fill(app, **more) -> None:
    places = app.extensions["odziv"].open_streams
    with suppress(ApiError):
        for number in range(1000):
            places.enter(f"address {number}", f"owner {number}", **more)


def test_a_crowd_of_visitors_leaves_room_for_agents(app, ana):
    fill(app)
    response = ana.client.get("/desk/events", buffered=False)
    assert response.status_code == 200
    response.close()


def test_no_more_streams_than_there_are_places(app, ana):
    fill(app, is_desk=True)
    response = ana.get("/desk/events")
    assert response.status_code == 503 and int(response.headers["Retry-After"]) > 0


def test_a_page_without_a_stream_asks_for_the_same(app, ana, store, waiting, open_stream):
    told = open_stream(ana, f"/desk/events?conversation={waiting.id}").wait_for("state")
    asked = ana.get(f"/desk/state?conversation={waiting.id}").get_json()
    assert asked == {**told, "colleagues": [], "on_page": False}
    hand_off(store, "Prosim")
    assert ana.get("/desk/state").get_json()["waiting"] == told["waiting"] + 1
    assert ana.get("/desk/state?conversation=nothing").get_json()["marks"]["conversation"] is None


def test_only_agents_ask(client):
    assert client.get("/desk/state").status_code == 303


def test_a_stream_gives_its_place_back(app, ana):
    places = app.extensions["odziv"].open_streams
    ana.client.get("/desk/events", buffered=False).close()
    assert not places._open
