"""What all open pages ask for is read once, and anew as soon as it may be another."""

import threading

import pytest

from odziv.desk.queue.shared import LASTING_MS, Shared
from odziv.store.engine import LISTS
from odziv.store.handoffs.workload import measure_team, measure_workload
from odziv.web.streams import Hub
from tests.desk.conftest import hand_off


@pytest.fixture
def hub(store):
    hub = Hub()
    store.listen(hub.touched)
    return hub


@pytest.fixture
def reads(store):
    return []


@pytest.fixture
def shared(hub, reads):
    return Shared(hub, lambda store: reads.append(store) or len(reads))


def test_without_a_change_it_is_read_once(shared, store):
    assert [shared.of(store) for _ in range(3)] == [1, 1, 1]


@pytest.mark.parametrize("change", [lambda hub: hub.touched({"c", LISTS}), lambda hub: hub.wake(LISTS), Hub.wake_all])
def test_after_a_change_of_the_lists_it_is_read_anew(shared, hub, store, change):
    assert shared.of(store) == 1
    change(hub)
    assert [shared.of(store) for _ in range(2)] == [2, 2]


def test_a_change_elsewhere_leaves_it(shared, hub, store):
    assert shared.of(store) == 1
    hub.touched({"some conversation"})
    hub.wake("some conversation")
    assert shared.of(store) == 1


@pytest.mark.parametrize("passed", [LASTING_MS, -LASTING_MS])
def test_it_lasts_a_second_also_where_the_clock_is_set_back(shared, store, clock, passed):
    assert shared.of(store) == 1
    clock.now += passed
    assert shared.of(store) == 2


def test_what_changes_while_it_is_read_is_in_the_next_one(hub, store):
    values = iter(["old", "new"])

    def read(_store):
        value = next(values)
        if value == "old":
            hub.touched({LISTS})
        return value

    shared = Shared(hub, read)
    assert [shared.of(store) for _ in range(3)] == ["old", "new", "new"]


def test_pages_that_ask_at_once_wait_for_one_reading(hub, store):
    began, go_on, reads = threading.Event(), threading.Event(), []

    def read(_store):
        reads.append(1)
        began.set()
        assert go_on.wait(10)
        return "read"

    shared, found = Shared(hub, read), []
    threads = [threading.Thread(target=lambda: found.append(shared.of(store))) for _ in range(5)]
    for thread in threads:
        thread.start()
    assert began.wait(10)
    go_on.set()
    for thread in threads:
        thread.join(10)
    assert found == ["read"] * 5 and len(reads) == 1


def test_a_reading_that_fails_is_tried_again(hub, store):
    def read(_store):
        if not failed:
            failed.append(1)
            raise OSError("away")
        return "read"

    failed, shared = [], Shared(hub, read)
    with pytest.raises(OSError, match="away"):
        shared.of(store)
    assert shared.of(store) == "read"


def test_of_the_team_each_sees_what_they_would_alone(store, ana, marek):
    waiting = [hand_off(store, "Halo?") for _ in range(4)]
    for each, agent in zip(waiting, (ana, ana, marek), strict=False):
        agent.post(f"/desk/handoffs/{each.handoff}/claim")
    team = measure_team(store)
    for each in (ana, marek):
        assert team.of(each.agent.id) == measure_workload(store, each.agent.id)
    assert [team.of(each.agent.id).mine for each in (ana, marek)] == [2, 1] and team.of(0).mine == 0
    assert team.waiting.size == 1
