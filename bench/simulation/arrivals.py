"""When conversations begin, and what each is like: turns, pauses, how long its page stays open, whether an agent
comes."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SHIPPED = Path(__file__).parent / "arrivals.json"


@dataclass(frozen=True)
class Agents:
    """An agent has `at_once` conversations, each for `minutes` with so many `messages`, and rests but for `busy`."""

    minutes: float
    at_once: float
    busy: float
    messages: float


@dataclass(frozen=True)
class Arrivals:
    """A week of support, as in arrivals.json."""

    weekdays: tuple[float, ...]
    hours: tuple[float, ...]
    burst_times: float
    burst_minutes: float
    turns: tuple[float, ...]
    pause_seconds: float
    page_stays_seconds: float
    handed_off: float
    agent: Agents

    @property
    def turns_mean(self) -> float:
        """Turns of a conversation, on average."""
        return sum(number * share for number, share in enumerate(self.turns, 1))

    @property
    def open_seconds(self) -> float:
        """How long a page is connected, on average."""
        return (self.turns_mean - 1) * self.pause_seconds + self.page_stays_seconds

    def busiest(self, per_day: float) -> float:
        """Conversations a second in the busiest hour of the week, without the burst, at so many on a mean day."""
        return per_day * 7 * max(self.weekdays) * max(self.hours) / 3600

    def begin(self, per_day: float, calm: float, luck: random.Random) -> Iterator[float]:
        """Moments, in seconds, at which conversations begin: `calm` seconds of the busiest hour, then the burst."""
        moment, rate = 0.0, self.busiest(per_day)
        most = rate * self.burst_times
        while True:
            moment += luck.expovariate(most)
            if moment >= calm + self.burst_minutes * 60:
                return
            if moment >= calm or luck.random() < rate / most:
                yield moment

    def draw_turns(self, luck: random.Random) -> int:
        """How many turns a conversation has."""
        return luck.choices(range(1, len(self.turns) + 1), self.turns)[0]


def read_arrivals(path: Path = SHIPPED) -> Arrivals:
    """From a file. Raises ValueError where shares are not shares of a whole."""
    found = json.loads(path.read_text(encoding="utf-8"))
    for name, length in (("weekdays", 7), ("hours", 24), ("turns", None)):
        shares = found[name]
        if abs(sum(shares) - 1) > 0.005 or min(shares) < 0 or (length and len(shares) != length):
            raise ValueError(
                f"{path}: {name} have to be {length or 'some'} shares that make 1, and make {sum(shares):.3f}"
            )
    return Arrivals(
        weekdays=tuple(found["weekdays"]), hours=tuple(found["hours"]), turns=tuple(found["turns"]),
        burst_times=found["burst"]["times"], burst_minutes=found["burst"]["minutes"],
        pause_seconds=found["pause_seconds"], page_stays_seconds=found["page_stays_seconds"],
        handed_off=found["handed_off"], agent=Agents(**found["agent"]),
    )  # fmt: skip
