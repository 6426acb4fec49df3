"""The queue over a table: each row is taken once, nothing is lost with who took it, and a worker goes on."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace

import pytest
from sqlalchemy import BigInteger, Column, Integer, MetaData, Row, String, Table, insert, select, update
from sqlalchemy.exc import OperationalError

from odziv.store.queue import LOOK_SECONDS, BackOff, Queue, Worker, Workers, stop_all
from tests.fixtures import open_again
from tests.waiting import wait_until
from tests.waiting_turns import look_no_more

LEASE_MS, LONG = 30_000, 3600.0
TASKS = Table(
    "tasks",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("status", String, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due_at", BigInteger, nullable=False),
    Column("finished_at", BigInteger),
    Column("problem", String),
)
QUEUE = Queue(TASKS, TASKS.c.due_at)
BACK_OFF = BackOff(first_ms=1000, factor=2, longest_ms=8000, give_up_ms=60_000)


@pytest.fixture(autouse=True)
def tasks(store):
    with store.write() as connection:
        TASKS.create(connection)
    yield
    drop(store, TASKS)


def drop(store, table: Table) -> None:
    """The database may be another test's next."""
    with closing(open_again(store)) as again, again.write() as connection:
        table.drop(connection)


def add(store, *due_in: int) -> None:
    with store.write() as connection:
        for wait in due_in:
            connection.execute(insert(TASKS).values(status="waiting", attempts=0, due_at=store.clock() + wait))


def row(store, number: int):
    with store.read() as connection:
        return connection.execute(select(TASKS).where(TASKS.c.id == number)).one()


def load(connection, number: int) -> Row:
    return connection.execute(select(TASKS).where(TASKS.c.id == number)).one()


def take_task(store, *only) -> Row | None:
    return QUEUE.take(store, LEASE_MS, load, *only)


def take(store, *only) -> int | None:
    task = take_task(store, *only)
    return task and task.id


def finish(store, task: Row, status: str = "done") -> int:
    with store.write() as connection:
        return QUEUE.finish(connection, [task], status)


def test_what_is_due_longest_comes_first_and_nothing_before_its_time(store):
    add(store, -10, -20, 1)
    assert [take(store) for _ in range(3)] == [2, 1, None]
    store.clock.advance(1)
    assert take(store) == 3


def test_further_conditions_leave_others_waiting(store):
    add(store, -20, -10)
    assert take(store, TASKS.c.id != 1) == 2 and take(store, TASKS.c.id != 1) is None


def test_eight_who_race_take_each_row_once(store):
    add(store, *[-1] * 40)
    taken, lock, begin = [], threading.Lock(), threading.Barrier(8)

    def work(_: int) -> None:
        begin.wait(10)
        while (due := QUEUE.find_next_due(store)) is not None and due <= store.clock():
            number = take(store)
            if number is not None:
                with lock:
                    taken.append(number)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(work, range(8)))
    assert sorted(taken) == list(range(1, 41))
    assert {row(store, number).attempts for number in taken} == {1}


def test_whoever_saw_it_before_another_claimed_it_gets_nothing(store):
    add(store, -1)
    seen = (TASKS.c.id == 1) & (TASKS.c.due_at == row(store, 1).due_at)
    assert take(store) == 1
    with store.write() as connection:
        assert QUEUE.claim(connection, LEASE_MS, seen) == []
    assert row(store, 1).attempts == 1


def test_what_somebody_had_who_was_killed_is_due_again_after_the_lease(store):
    add(store, -1)
    assert take(store) == 1
    store.clock.advance(LEASE_MS - 1)
    assert take(store) is None
    store.clock.advance(1)
    assert take(store) == 1 and row(store, 1).attempts == 2


def test_a_claim_whose_loading_fails_is_none(store):
    add(store, -1)
    with pytest.raises(ZeroDivisionError):
        QUEUE.take(store, LEASE_MS, lambda _connection, number: number / 0)
    assert row(store, 1).attempts == 0 and take(store) == 1


def test_what_is_finished_never_comes_again(store):
    add(store, -1)
    finish(store, take_task(store))
    store.clock.advance(10 * LEASE_MS)
    assert take(store) is None and QUEUE.find_next_due(store) is None
    assert (row(store, 1).status, row(store, 1).finished_at) == ("done", store.clock() - 10 * LEASE_MS)


def test_what_is_tried_later_is_due_then(store):
    add(store, -1)
    task = take_task(store)
    with store.write() as connection:
        QUEUE.try_later(connection, [task], store.clock() + 500, problem="busy")
    assert take(store) is None and QUEUE.find_next_due(store) == store.clock() + 500
    store.clock.advance(500)
    assert take(store) == 1 and row(store, 1).problem == "busy"


@pytest.mark.parametrize("second_ends", [True, False], ids=["another has finished it", "another still has it"])
def test_who_outlives_the_lease_changes_nothing(store, second_ends):
    add(store, -1)
    first = take_task(store)
    store.clock.advance(LEASE_MS)
    second = take_task(store)
    if second_ends:
        assert finish(store, second, "done") == 1
    before = row(store, 1)
    assert finish(store, first, "failed") == 0
    with store.write() as connection:
        assert QUEUE.try_later(connection, [first], store.clock(), problem="busy") == 0
    assert row(store, 1) == before and before.attempts == 2
    assert finish(store, second, "done") == (0 if second_ends else 1)


def test_of_several_those_that_are_still_ours_are_finished(store):
    add(store, -2, -1)
    ours = [take_task(store), take_task(store)]
    store.clock.advance(LEASE_MS)
    assert take(store) == 1
    with store.write() as connection:
        assert QUEUE.finish(connection, ours, "done") == 1
    assert [row(store, number).status for number in (1, 2)] == ["waiting", "done"]


PAIRS = Table(
    "pairs",
    MetaData(),
    Column("letter", String, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("attempts", Integer, nullable=False),
    *(Column(name, BigInteger, nullable=False) for name in ("due_at", "since")),
    Column("status", String, nullable=False),
    Column("finished_at", BigInteger),
)
OTHER = Queue(
    PAIRS,
    PAIRS.c.due_at,
    waiting=PAIRS.c.finished_at.is_(None),
    may_begin=PAIRS.c.letter != "x",
    begun={"status": "running"},
    known_by=("since",),
)


def take_pair(store) -> Row | None:
    def load(connection, letter: str, number: int) -> Row:
        this = (PAIRS.c.letter == letter) & (PAIRS.c.number == number)
        return connection.execute(select(PAIRS).where(this)).one()

    return OTHER.take(store, LEASE_MS, load)


@pytest.fixture
def pairs(store):
    with store.write() as connection:
        PAIRS.create(connection)
        for letter, number in (("x", 1), ("a", 2), ("a", 1)):
            row = {"letter": letter, "number": number, "attempts": 0, "since": 0, "status": "waiting"}
            connection.execute(insert(PAIRS).values(**row, due_at=store.clock()))
    yield
    drop(store, PAIRS)


def test_a_key_of_two_columns_a_state_while_it_is_claimed_and_a_condition_to_begin(store, pairs):
    taken = [take_pair(store), take_pair(store), take_pair(store)]
    assert [(pair.letter, pair.number, pair.status) for pair in taken[:2]] == [("a", 1, "running"), ("a", 2, "running")]
    assert taken[2] is None and OTHER.find_next_due(store) == store.clock() + LEASE_MS
    store.clock.advance(LEASE_MS)
    assert take_pair(store).attempts == 2


def test_a_claim_is_known_by_more_where_attempts_are_counted_anew(store, pairs):
    first = take_pair(store)
    with store.write() as connection:
        connection.execute(update(PAIRS).values(attempts=0, status="waiting", due_at=store.clock(), since=1))
    again = take_pair(store)
    assert (again.number, again.attempts) == (first.number, first.attempts)
    with store.write() as connection:
        assert (OTHER.finish(connection, [first], "done"), OTHER.finish(connection, [again], "done")) == (0, 1)


def test_waits_grow_up_to_the_longest():
    assert [BACK_OFF.next_try(0, attempts, 0) for attempts in (1, 2, 3, 4, 5, 10_000)] == [
        1000, 2000, 4000, 8000, 8000, 8000,
    ]  # fmt: skip


def test_waits_differ_by_no_more_than_the_jitter():
    waits = {replace(BACK_OFF, jitter=0.2).next_try(0, 1, 0) for _ in range(200)}
    assert len(waits) > 10 and min(waits) >= 800 and max(waits) <= 1200


def test_without_a_time_to_give_up_it_is_tried_for_ever():
    assert replace(BACK_OFF, give_up_ms=None).next_try(10**12, 3, 0) == 10**12 + 4000


def test_it_is_given_up_after_its_time():
    assert BACK_OFF.next_try(59_999, 1, 0) == 60_999
    assert BACK_OFF.next_try(60_000, 1, 0) is None


@pytest.fixture
def start():
    started = []

    def start(*workers: Worker) -> Worker:
        started.extend(workers)
        for worker in workers:
            worker.start()
        return workers[0]

    yield start
    stop_all(started, 10)
    assert not any(worker._thread.is_alive() for worker in started)


def test_a_worker_survives_a_store_that_fails(store, start, capsys):
    failures, done = [OperationalError("disk full", None, Exception())], threading.Event()

    def work_next() -> bool:
        if failures:
            raise failures.pop()
        done.set()
        return False

    start(Worker(store, "worker", work_next, look_seconds=LONG, after_failure=0))
    assert done.wait(10)
    assert "worker_failed" in capsys.readouterr().out


def test_a_worker_that_is_woken_does_not_sleep_on(store, start):
    looked = threading.Semaphore(0)

    def work_next() -> bool:
        looked.release()
        return False

    worker = start(Worker(store, "worker", work_next, look_seconds=None))
    assert looked.acquire(timeout=10)
    worker.wake()
    assert looked.acquire(timeout=10)


def test_a_worker_sleeps_until_the_next_is_due_and_never_longer_than_a_look(store):
    worker = Worker(store, "worker", lambda: False, lambda: QUEUE.find_next_due(store), look_seconds=5)
    assert worker.seconds_to_next() == 5
    add(store, 20_000)
    assert worker.seconds_to_next() == 5
    add(store, 1500)
    assert worker.seconds_to_next() == 1.5
    store.clock.advance(2000)
    assert worker.seconds_to_next() == 0


def test_a_stop_ends_work_that_would_go_on_for_ever(store, start):
    begun = threading.Event()

    def work_next() -> bool:
        begun.set()
        return True

    worker = start(Worker(store, "worker", work_next))
    assert begun.wait(10)
    worker.stop()
    assert not worker._thread.is_alive()


def test_a_stop_waits_no_longer_than_it_may(store, start):
    release, begun = threading.Event(), threading.Semaphore(0)

    def work_next() -> bool:
        begun.release()
        release.wait(60)
        return False

    hanging = [Worker(store, f"worker-{number}", work_next) for number in range(2)]
    start(*hanging)
    assert all(begun.acquire(timeout=10) for _ in hanging)
    stop_all(hanging, 0.05)
    assert all(worker._thread.is_alive() for worker in hanging)
    release.set()


@pytest.fixture
def crew(store):
    """Four workers who note which thread looked, and of whom nobody looks around by themselves."""
    looked: list[str] = []

    def work_next() -> bool:
        looked.append(threading.current_thread().name)
        return False

    crew = Workers(store, "crew", work_next, lambda: None, count=4)
    crew.looked = looked
    look_no_more(crew)
    crew.start()
    wait_until(lambda: len(looked) == 4)
    yield crew
    crew.stop()
    assert not any(worker._thread.is_alive() for worker in crew._workers)


def test_one_who_is_woken_is_one(crew):
    for number in range(1, 4):
        crew.wake()
        wait_until(lambda number=number: len(crew.looked) == 4 + number)
    threading.Event().wait(0.1)
    assert len(crew.looked) == 7


def test_each_that_comes_wakes_one_more(store):
    begun, go_on = threading.Semaphore(0), threading.Event()
    left = [1, 2, 3]

    def work_next() -> bool:
        if not left:
            return False
        left.pop()
        begun.release()
        return go_on.wait(10)

    crew = Workers(store, "crew", work_next, lambda: None, count=4)
    crew.start()
    assert all(begun.acquire(timeout=10) for _ in range(3))  # at once: none waits for another
    left.append(4)
    crew.wake()
    assert begun.acquire(timeout=10)  # though three are at work
    go_on.set()
    crew.stop()


def test_a_wake_while_all_are_at_work_is_not_lost(store):
    begun, go_on, looked = threading.Event(), threading.Event(), threading.Semaphore(0)

    def work_next() -> bool:
        begun.set()
        assert go_on.wait(10)
        looked.release()
        return False

    crew = Workers(store, "crew", work_next, lambda: None, count=1)
    look_no_more(crew)
    crew.start()
    assert begun.wait(10)
    for _ in range(5):
        crew.wake()
    go_on.set()
    assert looked.acquire(timeout=10) and looked.acquire(timeout=10)
    assert not looked.acquire(timeout=0.1)  # five calls while it worked are one more look
    crew.stop()


def test_the_first_looks_around_and_the_others_do_not(store):
    crew = Workers(store, "crew", lambda: False, lambda: store.clock() + 250, count=3)
    assert [worker.seconds_to_next() for worker in crew._workers] == [0.25, None, None]
    assert crew._workers[0]._look_seconds == LOOK_SECONDS


def test_workers_stop_together_within_the_time(store):
    release, begun = threading.Event(), threading.Semaphore(0)

    def work_next() -> bool:
        begun.release()
        release.wait(60)
        return True

    crew = Workers(store, "crew", work_next, lambda: None, count=3)
    crew.start()
    assert all(begun.acquire(timeout=10) for _ in range(3))
    crew.stop(0.05)
    assert all(worker._thread.is_alive() for worker in crew._workers)
    release.set()
    crew.stop(10)
    assert not any(worker._thread.is_alive() for worker in crew._workers)
