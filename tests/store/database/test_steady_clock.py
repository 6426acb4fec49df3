"""The store's clock goes on as time passes, whatever the machine's clock is set to."""

from __future__ import annotations

import pytest

from odziv.store.engine import DAY_MS, HOUR_MS
from odziv.store.steady_clock import FOLLOWED_MS, SteadyClock, passed_ms

START = 1_770_000_000_000
SECOND, MINUTE = 1_000, 60_000


class Machine:
    """A machine whose clock may be set; `passed` is what really passes."""

    def __init__(self) -> None:
        self.passed, self.offset = 5_000, START - 5_000
        self.clock = SteadyClock(lambda: self.passed + self.offset, lambda: self.passed)

    def after(self, milliseconds: int, step: int = SECOND) -> int:
        """What the clock says after so long, in which it was looked at every `step`."""
        for _ in range(milliseconds // step):
            self.passed += step
            said = self.clock()
        return said


def test_while_nobody_sets_the_machines_clock_they_agree():
    machine = Machine()
    assert machine.after(HOUR_MS) == START + HOUR_MS


@pytest.mark.parametrize("hours", [1, 2, 24, 24 * 365])
def test_a_clock_set_back_stops_nothing_and_is_followed_slowly(hours, caplog):
    machine = Machine()
    machine.offset -= hours * HOUR_MS
    said = machine.after(10 * MINUTE)
    assert START + 9 * MINUTE <= said <= START + 10 * MINUTE
    assert f"was set by -{hours * 3600} s" in caplog.text and len(caplog.records) == 1


def test_it_never_goes_back():
    machine, last = Machine(), 0
    for jump in (-HOUR_MS, DAY_MS, -2 * DAY_MS, 30 * SECOND, -30 * SECOND, 0):
        machine.offset += jump
        for _ in range(100):
            said = machine.after(SECOND)
            assert said > last
            last = said


@pytest.mark.parametrize("days", [1, 30])
def test_a_clock_set_forth_by_days_signs_nobody_out(days):
    machine = Machine()
    machine.offset += days * DAY_MS
    assert START + 10 * MINUTE <= machine.after(10 * MINUTE) <= START + 11 * MINUTE


def test_after_two_hours_back_they_agree_within_a_day():
    machine = Machine()
    machine.offset -= 2 * HOUR_MS
    said = machine.after(DAY_MS, MINUTE)
    assert said == machine.clock.machine()


@pytest.mark.parametrize("slow", [SECOND, MINUTE, FOLLOWED_MS])
def test_a_clock_that_was_slow_is_put_right_at_once(slow):
    machine = Machine()
    machine.offset += slow
    assert machine.after(SECOND) == START + slow + SECOND


def test_a_machine_that_slept_has_slept_here_too():
    machine = Machine()
    machine.passed += 8 * HOUR_MS
    assert machine.clock() == START + 8 * HOUR_MS


def test_what_passes_is_counted_in_milliseconds():
    first = passed_ms()
    assert 0 <= passed_ms() - first < 10_000
