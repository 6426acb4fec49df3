"""Rounds: they begin and end, go on after a failure, and are woken."""

from __future__ import annotations

import threading

from odziv.processes.periodic import Rounds

LONG = 60.0


class Counting(Rounds):
    """Counts its rounds and does what it is told in each."""

    def __init__(self, *steps, **pauses) -> None:
        super().__init__("counting", **pauses)
        self.steps, self.count, self.done = list(steps), 0, threading.Event()

    def _round(self) -> float | None:
        self.count += 1
        step = self.steps.pop(0) if self.steps else None
        if not self.steps:
            self.done.set()
        if isinstance(step, Exception):
            raise step
        return step


def run(rounds: Counting) -> int:
    rounds.start()
    assert rounds.done.wait(5)
    rounds.stop()
    assert not rounds._thread.is_alive()
    return rounds.count


def test_a_round_says_when_the_next_one_is():
    assert run(Counting(0, 0, LONG, pause=LONG)) == 3


def test_a_failure_ends_nothing(capsys):
    assert run(Counting(RuntimeError("once"), LONG, pause=LONG, after_failure=0)) == 2
    assert "counting_failed" in capsys.readouterr().out


def test_a_stop_right_after_the_start_still_makes_the_first_round_unless_that_comes_later():
    at_once, later = Counting(pause=LONG), Counting(pause=LONG, first=LONG)
    for rounds in (at_once, later):
        rounds.start()
        rounds.stop()
    assert (at_once.count, later.count) == (1, 0)


def test_who_is_woken_does_not_wait():
    rounds = Counting(LONG, LONG, pause=LONG)
    rounds.start()
    while rounds.count == 0:
        pass
    rounds.wake()
    assert rounds.done.wait(5) and rounds.count == 2
    rounds.stop()


def test_a_stop_before_the_start_is_harmless():
    Counting(pause=LONG).stop()
