"""No thread dies silently: each is begun again, with longer pauses, and told in health until it runs."""

from __future__ import annotations

import threading

import pytest

from odziv.cases.knowledge import ArticleWatch
from odziv.processes import periodic
from odziv.processes.periodic import PeriodicTask, ThreadGuard, WatchedThread
from tests.waiting import wait_until

pytestmark = pytest.mark.slow

ENDS = [
    RuntimeError("no"),
    SystemExit(),
    KeyboardInterrupt(),
    GeneratorExit(),
    MemoryError(),
    OSError(24, "too many"),
    None,
]


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch):
    monkeypatch.setattr(periodic, "FIRST_PAUSE", 0.01)


class Looking(PeriodicTask):
    """Notes each look."""

    def __init__(self) -> None:
        super().__init__("looking", pause=0.01)
        self.looks = 0

    def _run_once(self) -> None:
        self.looks += 1


@pytest.mark.parametrize("end", ENDS)
def test_whatever_ends_it_it_is_begun_again(end, capsys):
    stopping, ended, went_on = threading.Event(), [], threading.Event()

    def target() -> None:
        if not ended:
            ended.append(True)
            if end is not None:
                raise end
            return
        went_on.set()
        stopping.wait()

    thread = WatchedThread("it", target, stopping)
    thread.start()
    assert went_on.wait(10)
    assert (thread.failure, thread.restarts, thread.is_alive()) == (None, 1, True)
    assert "thread_ended" in capsys.readouterr().out
    stopping.set()
    thread.join(10)
    assert not thread.is_alive() and thread.failure is None


def test_pauses_grow_and_end_with_the_stop(monkeypatch):
    stopping, waits = threading.Event(), []

    def wait(seconds: float) -> bool:
        waits.append(seconds)
        if len(waits) == 13:
            stopping.set()
        return stopping.is_set()

    monkeypatch.setattr(stopping, "wait", wait)
    thread = WatchedThread("it", lambda: 1 / 0, stopping)
    thread._pause = 1.0
    thread._run()
    assert waits[:6] == [1, 2, 4, 8, 16, 30] and waits[-1] == 30


def test_while_it_waits_to_begin_again_that_is_its_failure(monkeypatch):
    stopping = threading.Event()
    thread = WatchedThread("it", lambda: 1 / 0, stopping)
    thread._pause = 60.0
    thread.start()
    wait_until(lambda: thread.failure)
    assert thread.failure == "ZeroDivisionError: division by zero"
    stopping.set()


def test_where_no_thread_can_be_had_it_is_tried_again(monkeypatch):
    tries = []

    def start(thread) -> None:
        tries.append(thread)
        if len(tries) == 1:
            raise RuntimeError("can't start new thread")
        real(thread)

    real = threading.Thread.start
    stopping = threading.Event()
    monkeypatch.setattr(threading.Thread, "start", start)
    thread = WatchedThread("it", stopping.wait, stopping)
    thread.start()
    assert thread.failure == "can't start new thread"
    guard = ThreadGuard(lambda: [thread])
    assert guard.list_failures() == {"it": "can't start new thread"}
    guard._run_once()
    assert thread.is_alive() and thread.failure is None
    stopping.set()


@pytest.mark.parametrize("error", [SystemExit, KeyboardInterrupt, RuntimeError])
def test_each_thread_of_the_product_ends_once_and_goes_on(services, folder_of_articles, monkeypatch, error):
    """Each is looked after; where it ends is its beginning, since an exception just anywhere leaves locks behind."""
    monkeypatch.setattr(services.knowledge, "watch", lambda: ArticleWatch(folder_of_articles))
    begin = WatchedThread.start
    monkeypatch.setattr(WatchedThread, "start", lambda thread: (end_once(thread, error), begin(thread))[1])
    services.start()
    try:
        threads = services.threads()
        assert len(threads) > 15 and len({thread.name for thread in threads}) == len(threads)
        wait_until(lambda: all(each.restarts == 1 and each.is_alive() and not each.failure for each in threads), 15)
        wait_until(lambda: services.guard.list_failures() == {}, 15)
    finally:
        services.stop()


def end_once(thread: WatchedThread, error: type[BaseException]) -> None:
    """Has the thread's work fail the first time."""
    work, ended = thread._target, []

    def fail_first() -> object:
        if not ended:
            ended.append(True)
            raise error
        return work()

    thread._target = fail_first


@pytest.fixture
def folder_of_articles(tmp_path):
    """A watcher that has nothing to watch."""

    class Nothing:
        folder, away = tmp_path, ""

        def refresh(self) -> bool:
            return False

    from kb.sources.watch import Watcher

    return Watcher(Nothing())


def test_the_guard_is_guarded_too(services):
    services.guard._thread._pause = 60.0
    services.guard.start()
    services.guard._thread._thread = threading.Thread(target=lambda: None)  # gone without a word
    assert services.guard.list_failures() == {}
    assert services.guard._thread.is_alive() and services.guard._thread.restarts == 1
    services.guard.stop()


def test_health_tells_of_a_thread_that_does_not_run(client, services, monkeypatch):
    monkeypatch.setattr(services.guard, "list_failures", lambda: {"mail-sender": "OSError: too many open files"})
    answer = client.get("/health")
    assert (answer.status_code, answer.get_json()["status"]) == (503, "down")
    assert answer.get_json()["parts"]["threads"] == "mail-sender: OSError: too many open files"
