"""Queues by discrete events: stations with so many servers, first come first served, and jobs that go from one to
another."""

from __future__ import annotations

import heapq
import itertools
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

Route = Iterator[tuple["Station", float]]  # where to next, and how many seconds of service there


@dataclass
class Station:
    """`servers` that each serve one job at a time. `busy_seconds` and `waited_seconds` are of all jobs together."""

    name: str
    servers: int
    busy_seconds: float = 0.0
    waited_seconds: float = 0.0
    served: int = 0
    longest_queue: int = 0
    _taken: int = 0
    _queue: deque[tuple[float, float, Job]] = field(default_factory=deque)

    def load(self, seconds: float) -> float:
        """The share of its servers' time, over so many seconds, in which they served."""
        return self.busy_seconds / (self.servers * seconds) if seconds else 0.0


@dataclass
class Job:
    """Something that goes its `route`; `done` is called with how many seconds that took."""

    began: float
    route: Route
    done: Callable[[float], None]


class Simulation:
    """Time goes from event to event; of two at the same moment, the one that was asked for first is first."""

    def __init__(self) -> None:
        self.now = 0.0
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = itertools.count()

    def at(self, moment: float, what: Callable[[], None]) -> None:
        """Does that at a moment that is not past."""
        heapq.heappush(self._events, (moment, next(self._numbers), what))

    def begin(self, route: Route, done: Callable[[float], None]) -> None:
        """A job begins its route now."""
        self._send_on(Job(self.now, route, done))

    def run(self, until: float) -> None:
        """Up to that moment; what is under way then stays so."""
        while self._events and self._events[0][0] <= until:
            self.now, _, what = heapq.heappop(self._events)
            what()
        self.now = until

    def _send_on(self, job: Job) -> None:
        following = next(job.route, None)
        if following is None:
            job.done(self.now - job.began)
            return
        station, seconds = following
        if station._taken < station.servers:
            self._serve(station, seconds, job)
        else:
            station._queue.append((self.now, seconds, job))
            station.longest_queue = max(station.longest_queue, len(station._queue))

    def _serve(self, station: Station, seconds: float, job: Job) -> None:
        station._taken += 1
        station.served += 1
        station.busy_seconds += seconds
        self.at(self.now + seconds, lambda: self._leave(station, job))

    def _leave(self, station: Station, job: Job) -> None:
        station._taken -= 1
        if station._queue:
            came, seconds, following = station._queue.popleft()
            station.waited_seconds += self.now - came
            self._serve(station, seconds, following)
        self._send_on(job)
