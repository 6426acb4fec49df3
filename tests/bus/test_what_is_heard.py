"""What another process told counts here: who types, who is there, who looks, who writes."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from odziv.bus.bus import Bus
from odziv.cases.lanes import FairShare
from odziv.cases.turn_runner import VISITOR
from odziv.desk.queue import viewers as viewers_module
from odziv.desk.queue.viewers import ELSEWHERE_SECONDS, Viewers
from odziv.store.conversations.conversation import create_conversation
from odziv.store.conversations.messages import add_customer_message
from odziv.store.conversations.turns import list_due_turns
from odziv.web.services import Services
from odziv.web.streams import Hub
from tests.waiting import wait_until

STORE = SimpleNamespace(clock=lambda: 0)  # who is there is told by hand


class End:
    """One end of a wire: what is sent here is handed to all other ends at once."""

    def __init__(self, ends: list[End]) -> None:
        self._others, self.hear = ends, None
        ends.append(self)

    def send(self, message: str) -> None:
        for end in self._others:
            if end is not self and end.hear:
                end.hear(message)

    def receive(self, hear, stopping) -> None:
        self.hear = hear
        stopping.wait()

    def stop(self) -> None:
        pass

    def close(self) -> None:
        pass


def start_bus(ends: list[End]) -> Bus:
    end = End(ends)
    bus = Bus(end, f"process-{len(ends)}")
    bus.start()
    wait_until(lambda: end.hear)
    return bus


@pytest.fixture
def buses(monkeypatch):
    monkeypatch.setattr("odziv.bus.bus.GATHER_SECONDS", 0.05)
    ends: list[End] = []
    buses = start_bus(ends), start_bus(ends)
    yield buses
    for bus in buses:
        bus.stop()


@pytest.fixture
def hubs(buses):
    hubs = Hub(), Hub()
    for hub, bus in zip(hubs, buses, strict=True):
        hub.join(bus)
    return hubs


def test_a_typing_sign_there_is_seen_here(hubs):
    here, there = hubs
    with here.follow("c1") as heard:
        there.typing("c1", "agent", True)
        wait_until(lambda: heard.wait(0.1) and heard.take_typing() == {"agent": True})
        there.typing("c1", "agent", False, wakes=False)
        there.typing("c2", "agent", True)
        wait_until(lambda: heard.take_typing() == {"agent": False})
        assert not heard.wait(0.0)


def test_a_customers_page_there_counts_here_with_its_newest_moment(hubs):
    here, there = hubs
    there.note_customer("c1", 1000)
    there.note_customer("c1", 2000)
    wait_until(lambda: here.customer_seen_at("c1") == 2000)
    here.note_customer("c1", 3000)
    wait_until(lambda: there.customer_seen_at("c1") == 3000)
    there.note_customer("c1", 1500)
    there.note_customer("c2", 1)
    wait_until(lambda: here.customer_seen_at("c2") == 1)
    assert here.customer_seen_at("c1") == 3000


def test_where_messages_may_be_missed_all_who_follow_look(hubs, buses):
    here, _ = hubs
    with here.follow("c1") as one, here.follow("c2", "lists") as other:
        one.take_change(), other.take_change()
        buses[0]._hear(None)
        assert one.take_change() and other.take_change()


@pytest.fixture
def two_viewers(hubs, buses, monkeypatch):
    monkeypatch.setattr(viewers_module, "list_online", lambda _store: {1, 2})
    found = Viewers(hubs[0]), Viewers(hubs[1])
    for viewers, bus in zip(found, buses, strict=True):
        viewers.join(bus)
    return found


def test_colleagues_who_look_there_are_seen_here(two_viewers, hubs):
    here, there = two_viewers
    with hubs[0].follow(Viewers.key("c1")) as woken:
        woken.take_change()
        with there.look("c1", 1, "Ana"):
            wait_until(lambda: here.others(STORE, "c1", 2) == ["Ana"])
            assert woken.take_change()
            assert here.others(STORE, "c2", 2) == [] and here.name_of("c1", "1") == "Ana"
            with here.look("c1", 1, "Ana"):  # a page here too: named once
                assert here.others(STORE, "c1", 2) == ["Ana"]
        wait_until(lambda: here.others(STORE, "c1", 2) == [] and woken.take_change())


def test_who_says_nothing_more_is_gone_after_a_while(two_viewers, monkeypatch):
    here, there = two_viewers
    there.remain("c1", 1, "Ana")
    there.remain(None, 2, "Marek")
    wait_until(lambda: here.others(STORE, "c1", 2) == ["Ana"])
    later = viewers_module.time.monotonic() + ELSEWHERE_SECONDS + 1
    monkeypatch.setattr(viewers_module, "time", SimpleNamespace(monotonic=lambda: later))
    assert here.others(STORE, "c1", 2) == []


def test_what_a_page_there_was_given_is_known_here(two_viewers):
    here, there = two_viewers
    there.note_shown("c1", 1, 7)
    wait_until(lambda: here.find_shown("c1", 1) == 7)


def test_more_viewers_than_there_can_be_take_no_memory(two_viewers, buses, monkeypatch):
    here, _ = two_viewers
    monkeypatch.setattr(viewers_module, "MOST_REMEMBERED", 10)
    buses[1].publish(viewers_module.VIEWING, *((f"c{number}", 1, "Ana", True) for number in range(100)))
    wait_until(lambda: here.others(STORE, "c99", 2) == ["Ana"])
    assert len(here._elsewhere) == 10


def test_turns_are_woken_and_know_who_wrote_there(services: Services, buses, monkeypatch):
    woken = []
    monkeypatch.setattr(services.turns, "wake", lambda: woken.append(True))
    services.turns.join(buses[0])
    buses[1].announce({"c1"})
    wait_until(lambda: woken)
    store, noted = services.store, []
    monkeypatch.setattr(FairShare, "remember", lambda _self, *who: noted.append(who))
    conversation = create_conversation(store, "demo", "en").id
    buses[1].publish(VISITOR, (conversation, "192.0.2.1"))
    add_customer_message(store, conversation, "a", "Hello", "")
    wait_until(lambda: noted == [(conversation, "192.0.2.1")])
    assert list_due_turns(store, 1)
