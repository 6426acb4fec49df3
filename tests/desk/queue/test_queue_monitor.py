"""What happens to the queue by itself: leases that end, and conversations that are assigned."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Engine, event

from odziv.cases.queue_monitor import GRACE_MS, QueueMonitor
from odziv.settings import Desk
from odziv.store.agents.agent import set_disabled
from odziv.store.agents.availability import set_available, set_skills
from odziv.store.conversations.conversation import find_conversation
from odziv.store.conversations.messages import list_messages
from odziv.store.handoffs.handoff import list_inbox, list_queue
from odziv.texts.notices import notice
from tests.desk.conftest import hand_off

MINUTE, MANY = 60_000, 50
GENTLE = notice("taken_back", "sl")


@pytest.fixture
def monitor(store, settings, clock) -> QueueMonitor:
    """One that began long ago."""
    monitor = QueueMonitor(store, settings)
    monitor._began -= GRACE_MS
    return monitor


@pytest.fixture
def assigner(store, settings, clock) -> QueueMonitor:
    return QueueMonitor(store, settings.model_copy(update={"desk": Desk(assignment="auto", agent_capacity=2)}))


def test_who_closes_the_laptop_loses_the_conversation_and_both_sides_are_told_once(clock, ana, taken, store, monitor):
    later = hand_off(store, "Tudi jaz.")
    clock.now += 9 * MINUTE
    monitor.look()
    assert find_conversation(store, taken.id).agent_id == ana.agent.id
    clock.now += 2 * MINUTE
    for _ in range(3):
        monitor.look()
    assert [h.conversation_id for h in list_queue(store)] == [taken.id, later.id]
    said = [m.text for m in list_messages(store, taken.id, internal=True)]
    internal = "Ana Kovač gave no sign of life for 10 minutes. Back in the queue, in its old place."
    assert said.count(internal) == said.count(GENTLE) == 1
    assert internal not in [m.text for m in list_messages(store, taken.id)]


@pytest.mark.slow
@pytest.mark.parametrize("path", ["/desk/alive", "/desk/inbox", "/desk/list/queue", "/desk/nothing-here"])
def test_who_reads_elsewhere_in_the_desk_keeps_it(clock, ana, taken, store, monitor, path):
    for _ in range(4):
        clock.now += 9 * MINUTE
        ana.get(path)
        monitor.look()
    assert find_conversation(store, taken.id).agent_id == ana.agent.id


def test_opening_the_stream_is_a_sign_of_life(clock, ana, taken, store, monitor):
    clock.now += 9 * MINUTE
    ana.client.get("/desk/events", buffered=False).close()
    clock.now += 9 * MINUTE
    monitor.look()
    assert find_conversation(store, taken.id).agent_id == ana.agent.id


def test_after_a_start_browsers_have_time_to_come_back(clock, ana, taken, store, settings):
    clock.now += 60 * MINUTE  # the server was down
    monitor = QueueMonitor(store, settings)
    clock.now += GRACE_MS - 1
    monitor.look()
    assert find_conversation(store, taken.id).agent_id == ana.agent.id
    clock.now += 1
    monitor.look()
    assert find_conversation(store, taken.id).status == "queued"


def test_what_a_disabled_agent_had_goes_back_at_once_also_right_after_a_start(ana, taken, store, settings):
    set_disabled(store, ana.agent.id, True)
    QueueMonitor(store, settings).look()
    assert list_queue(store)[0].conversation_id == taken.id
    said = [m.text for m in list_messages(store, taken.id, internal=True)]
    assert "Ana Kovač is disabled. Back in the queue, in its old place." in said


def test_a_reply_after_the_loss_is_refused_and_says_why(clock, ana, taken, monitor):
    clock.now += 11 * MINUTE
    monitor.look()
    refused = ana.post_fragment(f"{taken.path}/messages", text="Živjo", kind="reply")
    assert refused.status_code == 409
    assert "waiting in the queue; take it first" in refused.get_data(as_text=True)


def test_pulling_assigns_nothing(ana, waiting, store, monitor):
    monitor.look()
    assert list_queue(store)


def test_what_waits_goes_to_who_is_there_evenly_up_to_their_capacity(ana, marek, store, assigner):
    came = [hand_off(store, f"{n}").id for n in range(5)]
    assigner.look()
    claimed = [[h.conversation_id for h in list_inbox(store, person.agent.id)] for person in (ana, marek)]
    assert [len(one) for one in claimed] == [2, 2]
    assert set(sum(claimed, [])) == set(came[:4])
    assert [h.conversation_id for h in list_queue(store)] == came[4:]
    assert "V pogovor se vključuje" in list_messages(store, came[0])[-1].text


def test_nobody_away_offline_or_without_the_language_is_given_anything(clock, ana, marek, store, assigner):
    hand_off(store, "Dzień dobry", "pl")
    set_available(store, marek.agent.id, False)
    set_skills(store, ana.agent.id, capacity=None, languages=["sl"], topics=[])
    assigner.look()
    assert list_queue(store)
    set_available(store, marek.agent.id, True)
    clock.now += 5 * MINUTE
    assigner.look()
    assert list_queue(store)
    marek.get("/desk/alive")
    assigner.look()
    assert list_inbox(store, marek.agent.id)


def test_who_signed_out_is_given_nothing(ana, waiting, store, assigner):
    ana.post("/desk/sign-out")
    assigner.look()
    assert list_queue(store)


def test_what_one_leaves_goes_to_the_next_in_the_same_look(clock, ana, marek, taken, store, settings):
    monitor = QueueMonitor(store, settings.model_copy(update={"desk": Desk(assignment="auto")}))
    set_disabled(store, ana.agent.id, True)
    monitor.look()
    assert find_conversation(store, taken.id).agent_id == marek.agent.id


@contextmanager
def statements() -> Iterator[list[str]]:
    """Every statement that any connection runs meanwhile."""
    said: list[str] = []

    def note(_connection, _cursor, statement: str, *_more) -> None:
        said.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield said
    event.remove(Engine, "before_cursor_execute", note)


def asks_for_team(said: list[str]) -> int:
    return sum("last_given" in statement for statement in said)


@pytest.mark.slow
@pytest.mark.parametrize("there", [True, False])
def test_a_look_asks_no_more_however_many_wait(clock, ana, store, settings, there):
    monitor = QueueMonitor(store, settings.model_copy(update={"desk": Desk(assignment="auto")}))
    monitor._began -= GRACE_MS
    set_skills(store, ana.agent.id, capacity=None, languages=["pl"], topics=[])  # nobody can be given any of them
    counts = []
    for count in (1, MANY - 1):
        for number in range(count):
            hand_off(store, f"{number}")
        clock.now += 9 * MINUTE if not there else 0  # long enough for her to be away
        monitor.look()  # says once what there is to say
        with statements() as said:
            monitor.look()
        counts.append(len(said))
    assert len(list_queue(store)) == MANY and counts[0] == counts[1] > 0


def test_the_team_is_loaded_once_however_many_are_assigned(ana, marek, store, settings):
    monitor = QueueMonitor(store, settings.model_copy(update={"desk": Desk(assignment="auto", agent_capacity=8)}))
    for number in range(14):
        hand_off(store, f"{number}")
    with statements() as said:
        monitor.look()
    assert asks_for_team(said) == 1
    assert [len(list_inbox(store, person.agent.id)) for person in (ana, marek)] == [7, 7]


def test_those_who_are_told_are_looked_for_once_however_much_is_overdue(clock, ana, store, settings):
    for number in range(5):
        hand_off(store, f"{number}")
    clock.now += 48 * 60 * MINUTE
    monitor = QueueMonitor(store, settings)
    monitor._began -= GRACE_MS
    with statements() as said:
        monitor.look()
    assert all(handoff.told_at for handoff in list_queue(store)) and asks_for_team(said) == 1


def test_the_thread_starts_stops_and_outlives_a_failure(store, settings, monkeypatch, ana, taken):
    monkeypatch.setattr("odziv.cases.queue_monitor.LOOK_SECONDS", 0.005)
    monitor, calls = QueueMonitor(store, settings), []
    real = monitor.look

    def look():
        calls.append(1)
        if len(calls) == 1:
            raise RuntimeError("once")
        real()
        if len(calls) > 2:
            monitor._stopping.set()

    monkeypatch.setattr(monitor, "look", look)
    set_disabled(store, ana.agent.id, True)
    monitor.start()
    monitor._thread.join(20)
    monitor.stop()
    assert len(calls) == 3 and list_queue(store)[0].conversation_id == taken.id
