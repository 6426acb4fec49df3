"""Periodic tasks: they begin and end, go on after a failure, and are woken."""

from __future__ import annotations

import threading

from odziv.processes.periodic import PeriodicTask

LONG = 60.0


class Counting(PeriodicTask):
    """Counts its runs and does what it is told in each."""

    def __init__(self, *steps, **pauses) -> None:
        super().__init__("counting", **pauses)
        self.steps, self.count, self.done = list(steps), 0, threading.Event()

    def _run_once(self) -> float | None:
        self.count += 1
        step = self.steps.pop(0) if self.steps else None
        if not self.steps:
            self.done.set()
        if isinstance(step, Exception):
            raise step
        return step


def run(task: Counting) -> int:
    task.start()
    assert task.done.wait(5)
    task.stop()
    assert not task._thread.is_alive()
    return task.count


def test_a_round_says_when_the_next_one_is():
    assert run(Counting(0, 0, LONG, pause=LONG)) == 3


def test_a_failure_ends_nothing(capsys):
    assert run(Counting(RuntimeError("once"), LONG, pause=LONG, after_failure=0)) == 2
    assert "counting_failed" in capsys.readouterr().out


def test_a_run_that_is_another_processes_is_left_out():
    ours = [False, False, True]
    task = Counting(pause=0)
    task.only_while(lambda: ours.pop(0) if len(ours) > 1 else ours[0])
    assert run(task) >= 1 and ours == [True]


def test_what_can_not_be_known_is_a_failure_like_any_other(capsys):
    answers = [RuntimeError("away"), True]

    def may_run() -> bool:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    task = Counting(pause=LONG, after_failure=0)
    task.only_while(may_run)
    assert run(task) == 1 and answers == []
    assert "counting_failed" in capsys.readouterr().out


def test_a_stop_right_after_the_start_still_makes_the_first_round_unless_that_comes_later():
    at_once, later = Counting(pause=LONG), Counting(pause=LONG, first=LONG)
    for task in (at_once, later):
        task.start()
        task.stop()
    assert (at_once.count, later.count) == (1, 0)


def test_who_is_woken_does_not_wait():
    task = Counting(LONG, LONG, pause=LONG)
    task.start()
    while task.count == 0:
        pass
    task.wake()
    assert task.done.wait(5) and task.count == 2
    task.stop()


def test_a_stop_before_the_start_is_harmless():
    Counting(pause=LONG).stop()
